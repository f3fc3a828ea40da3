"""What the system stands on here: embedded or real, and where, without its passwords."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from restaurant import databases, embedded


@dataclass(frozen=True)
class Part:
    name: str
    kind: str
    place: str
    is_embedded: bool = False


def look() -> list[Part]:
    """Name the parts as this process is configured; that they answer is seen elsewhere."""
    return [*map(_database, databases.URL_VARIABLES), _redis(), _kafka(), *_settings()]


def _database(alias: str) -> Part:
    name = _("database of %(service)s") % {"service": "auth" if alias == "default" else alias}
    if alias not in databases.configured(settings.DATABASES):
        return Part(name, _("not configured here"), databases.URL_VARIABLES[alias])
    config: dict[str, Any] = settings.DATABASES[alias]
    if config["ENGINE"].endswith("sqlite3"):
        return Part(name, "SQLite", str(config["NAME"]).rpartition("/")[2], is_embedded=True)
    place = f"{config.get('HOST') or 'localhost'}:{config.get('PORT') or 5432}/{config['NAME']}"
    return Part(name, "PostgreSQL", place)


def _redis() -> Part:
    url = urlsplit(settings.REDIS_URL)
    ours = embedded.addresses(settings.VAR_DIR).get("REDIS_URL") == settings.REDIS_URL
    place = f"{url.hostname}:{url.port or 6379}"
    return Part(_("cache and queue"), "Valkey" if ours else "Redis", place, is_embedded=ours)


def _kafka() -> Part:
    is_embedded = settings.KAFKA_IS_EMBEDDED
    place = settings.KAFKA_BOOTSTRAP_SERVERS
    if is_embedded:
        found = embedded.addresses(settings.VAR_DIR)
        place = found.get("KAFKA_BOOTSTRAP_SERVERS", place)
    return Part(_("broker"), _("mock cluster") if is_embedded else "Kafka", place, is_embedded)


def _settings() -> list[Part]:
    speed = f"{settings.SIMULATION_SPEED:g}"
    said = _("real time") if settings.SIMULATION_SPEED == 1 else _("faster than life")
    debug = _("development machine") if settings.DEBUG else _("production")
    return [Part("SIMULATION_SPEED", said, speed), Part("DEBUG", debug, str(settings.DEBUG))]
