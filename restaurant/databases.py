"""One database a service: its settings, and the router that keeps services apart."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import environ

from restaurant.environment import formats

# Alias of a service's database → the variable that holds its URL.
URL_VARIABLES = {
    "default": "AUTH_DATABASE_URL",
    "orders": "ORDERS_DATABASE_URL",
    "kitchen": "KITCHEN_DATABASE_URL",
    "delivery": "DELIVERY_DATABASE_URL",
}
# Services with a database of their own; all other apps (users, sessions, admin log) are in default.
SERVICE_ALIASES = frozenset(URL_VARIABLES) - {"default"}

# IMMEDIATE takes the write lock when a transaction begins: a deferred transaction that turns into
# a writer beside another fails at once with "database is locked", whatever the busy timeout.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        "PRAGMA mmap_size=134217728; PRAGMA cache_size=-20000;"
    ),
}
POSTGRES_OPTIONS = {
    # Bound on the server and prepared early: by default each statement is planned anew.
    "server_side_binding": True,
    "prepare_threshold": 2,
    # A peer that vanished without a word, as when a network is cut, is given up on. By default a
    # thread here would wait for its answer for hours,
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15_000,
    # and the server would keep its session's locks as long: those on rows, and the relay's.
    "options": (
        "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=2"
        " -c tcp_user_timeout=15000"
    ),
}

# What a URL may say beyond libpq's own parameters.
DJANGO_OPTIONS = {"server_side_binding", "prepare_threshold", "pool", "assume_role"}
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def _parse(text: str) -> str:
    scheme = text.partition(":")[0]
    if scheme not in ("postgres", "postgresql", "sqlite"):
        raise ValueError
    config = environ.Env.db_url_config(text)
    if not config["NAME"]:
        raise formats.Wrong("it names no database")
    if scheme != "sqlite":
        _check_options(config.get("OPTIONS", {}))
    return text


def _check_options(options: Mapping[str, Any]) -> None:
    # Not at the top: on SQLite a process need not load it.
    from psycopg import ProgrammingError
    from psycopg.conninfo import make_conninfo

    try:
        make_conninfo(**{k: v for k, v in options.items() if k not in DJANGO_OPTIONS})
    except ProgrammingError as error:
        raise formats.Wrong(str(error).strip()) from error
    if options.get("sslmode", "prefer") not in SSL_MODES:
        raise formats.Wrong(f"sslmode is one of {', '.join(SSL_MODES)}")
    for name in ("sslrootcert", "sslcert", "sslkey"):
        if options.get(name, "system") != "system":
            formats.FILE.parse(options[name])


URL = formats.Format("postgres://…/name, or sqlite:///path", _parse)


def configuration(url: str, *, fallback: Path | None) -> dict[str, Any]:
    """Give Django's settings of one database.

    `url` is of the form django-environ reads (`postgres://user:password@host/name`); when empty,
    the SQLite file at `fallback` is used, and without either the database cannot be used at all.
    """
    if not url:
        if fallback is None:
            return {"ENGINE": "django.db.backends.dummy"}
        fallback.parent.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{fallback}"
    config: dict[str, Any] = dict(environ.Env.db_url_config(url))
    is_sqlite = config["ENGINE"].endswith("sqlite3")
    defaults = SQLITE_OPTIONS if is_sqlite else POSTGRES_OPTIONS
    config["OPTIONS"] = {**defaults, **config.get("OPTIONS", {})}
    config["CONN_MAX_AGE"] = None
    config["CONN_HEALTH_CHECKS"] = not is_sqlite
    if is_sqlite:
        # A file, as in use: threads of one process share an in-memory database's locks.
        config["TEST"] = {"NAME": str(Path(config["NAME"]).with_suffix(".test.sqlite3"))}
    return config


def configured(databases: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Name the aliases, of Django's `DATABASES`, that have a database at all."""
    return {a for a, config in databases.items() if not config["ENGINE"].endswith("dummy")}


def forget_statements() -> None:
    """Keep Django from remembering the last 9,000 statements of each connection under DEBUG.

    A worker's statements carry whole batches, and on SQLite each would be quoted by another
    statement. Tests that count statements still see them.
    """
    # Not at the top: settings import this module, and Django's databases import settings.
    from django.db.backends.base.base import BaseDatabaseWrapper

    logged = property(lambda self: self.force_debug_cursor)
    BaseDatabaseWrapper.queries_logged = logged  # type: ignore[method-assign, assignment]


class ServiceRouter:
    """Send each model to its service's database, and refuse to leave it."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return alias_of(model._meta.app_label)

    db_for_write = db_for_read

    def allow_relation(self, left: Any, right: Any, **hints: Any) -> bool:
        return alias_of(left._meta.app_label) == alias_of(right._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == alias_of(app_label)


def alias_of(app_label: str) -> str:
    """Name the database that holds an app's tables."""
    return app_label if app_label in SERVICE_ALIASES else "default"
