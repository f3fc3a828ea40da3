"""What each process cannot do without outside DEBUG; docs/operations.md shows the same table.

A process holds its own service's keys alone, so nothing here asks for more than it uses.
"""

from collections.abc import Iterator

from django.conf import settings

from restaurant import databases, environment, grpc_tls
from restaurant.messaging import kafka

DATABASES = tuple(databases.URL_VARIABLES.values())
KAFKA, REDIS, SECRET = "KAFKA_BOOTSTRAP_SERVERS", "REDIS_URL", "SECRET_KEY"
NEEDS: dict[str, tuple[str, ...]] = {
    # Its databases are those of the services that it serves.
    "web": (SECRET, REDIS, *DATABASES),
    # Staff's sessions are auth's; they are signed by the secret. Redis counts who asks too often.
    "live": (SECRET, "AUTH_DATABASE_URL", REDIS, KAFKA),
    "auth": (SECRET, "AUTH_DATABASE_URL"),
    # It renews what the web process reads from the cache.
    "orders": ("ORDERS_DATABASE_URL", REDIS, KAFKA),
    "kitchen": ("KITCHEN_DATABASE_URL", KAFKA),
    "delivery": ("DELIVERY_DATABASE_URL", KAFKA),
    # Links to new passwords are signed by the secret.
    "celery": (SECRET, REDIS, *DATABASES),
    # Its schedule is in auth's database.
    "beat": (REDIS, "AUTH_DATABASE_URL"),
}


def require(process: str, *, listen: str = "") -> None:
    """End this process, with a line for each thing, where it lacks what it needs outside DEBUG.

    And anywhere where librdkafka does not know what it is told. `listen` is auth's own host:port.
    To be called where the process is what it will be: it makes a client of Kafka's, and drops it.
    """
    if found := problems(process, listen=listen):
        environment.end(found, readable=not settings.IS_PRODUCTION)


def problems(process: str, *, listen: str = "") -> list[str]:
    """Say why a process would not start; empty: nothing is known against it."""
    found = [*_kafka(process), *_captured(process)]
    if settings.IS_PRODUCTION:
        found += [*_missing(process), *_plain_text(process, listen)]
    return found


def _kafka(process: str) -> Iterator[str]:
    # The staff site looks at topics.
    if (process == "web" or KAFKA in NEEDS.get(process, ())) and (why := kafka.refused_settings()):
        yield f"KAFKA_CONFIG is wrong (not shown here); expected librdkafka's settings ({why})."


def _captured(process: str) -> Iterator[str]:
    """Refuse what would write messages that nobody publishes."""
    for service in settings.OUTBOX_CAPTURED:
        is_served = process == "web" and service in settings.SERVICES
        writes = is_served or process in (service, "celery")
        if writes and "sqlite" in settings.DATABASES[service]["ENGINE"]:
            yield (
                f"OUTBOX_CAPTURED names {service}, whose database is SQLite; expected services "
                "on PostgreSQL, whose log Debezium reads."
            )


def _missing(process: str) -> Iterator[str]:
    for name in NEEDS[process]:
        if process == "web" and name in DATABASES and name not in _served():
            continue
        if not settings.ENVIRONMENT.is_set(name):
            expected = settings.ENVIRONMENT.declared[name].expected
            yield f"{name} is not set, and {process} needs it; expected {expected}."


def _served() -> set[str]:
    """Name the databases' variables of the services that a web process serves."""
    return {databases.URL_VARIABLES[databases.alias_of(name)] for name in settings.SERVICES}


def _plain_text(process: str, listen: str) -> Iterator[str]:
    if process == "auth" and grpc_tls.is_exposed(listen) and not settings.AUTH_GRPC_CERTIFICATE:
        yield (
            f"AUTH_GRPC_LISTEN is {listen!r}, where others reach it in plain text; expected a "
            "loopback address, or AUTH_GRPC_CERTIFICATE and AUTH_GRPC_PRIVATE_KEY."
        )
    address = settings.AUTH_GRPC_ADDRESS
    asks = process in ("web", "live")
    if asks and grpc_tls.is_exposed(address) and not settings.AUTH_GRPC_CA:
        what = "passwords" if process == "web" else "tokens"
        yield (
            f"AUTH_GRPC_ADDRESS is {address!r}, where {what} would go in plain text; expected "
            "a loopback address, or AUTH_GRPC_CA."
        )
