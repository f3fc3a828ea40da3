"""The ground that tests stand on: real servers, and settings that point to them.

    pytest                                     SQLite and the embedded broker
    pytest --database=postgres --kafka=real    PostgreSQL and Apache Kafka

Nothing of the machine's own servers is touched: until a test asks for `valkey` or `broker`, the
settings point to a port where nobody answers.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.servers import real_kafka, secure_redis
from tests.servers.embedded_broker import EmbeddedBroker
from tests.servers.postgres import Postgres, create_database
from tests.servers.real_kafka import RealKafka
from tests.servers.valkey import Valkey

Broker = EmbeddedBroker | RealKafka
NOBODY = "127.0.0.1:1"
DATABASES = {
    "AUTH_DATABASE_URL": "auth",
    "ORDERS_DATABASE_URL": "orders",
    "KITCHEN_DATABASE_URL": "kitchen",
    "DELIVERY_DATABASE_URL": "delivery",
}
# The run on PostgreSQL and Kafka leaves out the tests that meet neither.
MEETS_A_SERVER = {"db", "transactional_db", "broker", "process_env", "whole"}
postgres_key = pytest.StashKey[Postgres]()
var_dir_key = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("restaurant")
    group.addoption("--database", choices=["sqlite", "postgres"], default="sqlite")
    group.addoption("--kafka", choices=["embedded", "real"], default="embedded")


def pytest_configure(config: pytest.Config) -> None:
    """Start the database server, once for all xdist workers, before the settings are read."""
    if "DJANGO_SETTINGS_MODULE" in os.environ and not _is_worker(config):
        raise pytest.UsageError("unset DJANGO_SETTINGS_MODULE: the tests bring their own settings")
    missing = real_kafka.missing_tools() if config.option.kafka == "real" else []
    if missing:
        raise pytest.UsageError(f"--kafka=real needs {' and '.join(missing)}")
    config.stash[var_dir_key] = Path(tempfile.mkdtemp(prefix="restaurant-tests-"))
    os.environ.update(_environment(config.stash[var_dir_key]))
    if not _is_worker(config):
        os.environ.update(_databases(config))
    from django.conf import settings

    for database in settings.DATABASES.values():
        # None of them needs another, so that a test makes only those it names.
        database.setdefault("TEST", {})["DEPENDENCIES"] = []
        # Tests throw their data away, so nothing waits for a disk.
        if "init_command" in database["OPTIONS"]:
            command = database["OPTIONS"]["init_command"]
            database["OPTIONS"]["init_command"] = command.replace("=FULL", "=OFF")


def pytest_unconfigure(config: pytest.Config) -> None:
    if postgres := config.stash.get(postgres_key, None):
        postgres.stop()
    if var_dir := config.stash.get(var_dir_key, None):
        shutil.rmtree(var_dir, ignore_errors=True)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _environment(var_dir: Path) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "restaurant.settings",
        "DEBUG": "true",
        "VAR_DIR": str(var_dir),
        "REDIS_URL": f"redis://{NOBODY}",
        "KAFKA_BOOTSTRAP_SERVERS": NOBODY,
        "KAFKA_IS_EMBEDDED": "false",
        "AUTH_GRPC_ADDRESS": NOBODY,
    }


def _databases(config: pytest.Config) -> dict[str, str]:
    """Give the databases' URLs; empty ones make SQLite files in `VAR_DIR`."""
    if config.option.database == "sqlite":
        return dict.fromkeys(DATABASES, "")
    config.stash[postgres_key] = postgres = Postgres(settings={"wal_level": "logical"}).start()
    os.environ["TEST_POSTGRES_URL"] = postgres.url
    return {variable: f"{postgres.url}/{name}" for variable, name in DATABASES.items()}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        # So that they can be left out where there is none: -m "not browser".
        if "pages" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    run = [item for item in items if _belongs_to_this_run(item, config)]
    chosen = set(run)
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = sorted(run, key=_turn)


def _turn(item: pytest.Item) -> int:
    """Whole systems first: an idle worker takes over from the end, where it need start none."""
    if not item.get_closest_marker("slow"):
        return 2
    return 1 if {"whole", "up"}.isdisjoint(getattr(item, "fixturenames", ())) else 0


def _belongs_to_this_run(item: pytest.Item, config: pytest.Config) -> bool:
    if any(item.get_closest_marker(name) for name in _absent()):
        return False
    if item.get_closest_marker("real_kafka") and config.option.kafka != "real":
        return False
    if item.get_closest_marker("postgres") and config.option.database != "postgres":
        return False
    return config.option.database == "sqlite" or _meets_a_server(item)


@cache
def _absent() -> tuple[str, ...]:
    """Name the marks of tests that need what this machine does not have."""
    has = {
        "npm": shutil.which("npm"),
        "haproxy": shutil.which("haproxy"),
        "maven": shutil.which("mvn"),
        "promtool": shutil.which("promtool"),
        "redis_tls": secure_redis.program(),
    }
    return tuple(mark for mark, found in has.items() if not found)


def _meets_a_server(item: pytest.Item) -> bool:
    if item.get_closest_marker("once"):
        return False
    names = set(getattr(item, "fixturenames", ()))
    marked = any(item.get_closest_marker(name) for name in ("django_db", "real_kafka"))
    return marked or bool(names & MEETS_A_SERVER)


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> None:
    """Real argon2id, at a cost that tests can pay a thousand times."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    Argon2PasswordHasher.time_cost = 1
    Argon2PasswordHasher.memory_cost = 64
    Argon2PasswordHasher.parallelism = 1


@pytest.fixture(scope="session")
def _own_migrations() -> Iterator[pytest.MonkeyPatch]:
    """While databases are made, each service's is migrated as in production: by its own alone."""
    from django.core import management

    from restaurant.databases import SERVICE_ALIASES

    call = management.call_command

    def call_command(command: str, *args: Any, **options: Any) -> Any:
        if command == "migrate" and options["database"] in SERVICE_ALIASES:
            args, options["run_syncdb"] = (options["database"],), False
        return call(command, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(management, "call_command", call_command)
        yield patch


@pytest.fixture(scope="session")
def django_db_setup(_own_migrations: pytest.MonkeyPatch, django_db_setup: None) -> None:
    _own_migrations.undo()


@pytest.fixture(scope="session", autouse=True)
def _quick_cleaning() -> Iterator[None]:
    from django.test import TransactionTestCase

    from tests.cleaning import clean_after

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", clean_after)
        yield


@pytest.fixture(scope="session", autouse=True)
def _static_files_found_once() -> Iterator[None]:
    """Every client of a test makes its own WhiteNoise, and each would look for all files anew."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    look, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def add_what_was_found(self: WhiteNoiseMiddleware) -> None:
        settings = self.static_prefix, self.max_age
        if settings not in found:
            others, self.files = self.files, {}
            look(self)
            found[settings], self.files = self.files, others
        self.files.update(found[settings])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add_what_was_found)
        yield


@pytest.fixture(autouse=True)
def _no_refusals_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused requests are counted, and no thread writes them beside a test's transaction."""
    from orders import refusals

    monkeypatch.setattr(refusals.Tally, "start", lambda self: None)


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A request in the test's own thread sets its language; the next test finds none."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def _valkey_server() -> Iterator[Valkey]:
    server = Valkey().start()
    yield server
    server.stop()


@pytest.fixture
def valkey(_valkey_server: Valkey) -> Iterator[Valkey]:
    """A real Valkey server, empty; the settings point to it (`valkey.url`).

    Who asks it in this process waits longer than in production: a slow machine is no Redis that
    is away.
    """
    from django.conf import settings
    from django.test import override_settings
    from django_redis import get_redis_connection

    if not _valkey_server.running():
        _valkey_server.start()
    url = _valkey_server.url
    own: dict[str, Any] = settings.CACHES["default"]
    patient = {**own["OPTIONS"], "SOCKET_CONNECT_TIMEOUT": 10, "SOCKET_TIMEOUT": 10}
    cache = {**own, "LOCATION": f"{url}/0", "OPTIONS": patient}
    with (
        override_settings(REDIS_URL=url, CELERY_BROKER_URL=f"{url}/1", CACHES={"default": cache}),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("restaurant.heartbeat.store.TIMEOUT", 10.0)
        get_redis_connection("default").flushall()
        yield _valkey_server


@pytest.fixture(scope="session")
def _broker_server(pytestconfig: pytest.Config) -> Iterator[Broker]:
    is_real = pytestconfig.option.kafka == "real"
    server = (RealKafka(brief=True) if is_real else EmbeddedBroker()).start()
    yield server
    server.stop()


@pytest.fixture
def broker(_broker_server: Broker, settings: Any) -> Broker:
    """A broker without topics, embedded or real; the settings point to it.

    Kill it and start it again at will (the embedded one moves: `broker.bootstrap`).
    """
    _broker_server.clear()
    settings.KAFKA_BOOTSTRAP_SERVERS = _broker_server.bootstrap
    settings.KAFKA_IS_EMBEDDED = _broker_server.is_embedded
    return _broker_server


@pytest.fixture
def new_databases(pytestconfig: pytest.Config) -> Callable[[], dict[str, str]]:
    """Give, at each call, the URLs of four empty databases; empty URLs on SQLite."""

    def make() -> dict[str, str]:
        if pytestconfig.option.database == "sqlite":
            return dict.fromkeys(DATABASES, "")
        server, run = os.environ["TEST_POSTGRES_URL"], uuid4().hex[:8]
        return {v: create_database(server, f"{name}_{run}") for v, name in DATABASES.items()}

    return make


@pytest.fixture
def process_env(
    tmp_path: Path,
    valkey: Valkey,
    broker: Broker,
    new_databases: Callable[[], dict[str, str]],
) -> dict[str, str]:
    """The environment of a whole system of processes: servers and empty databases of its own."""
    return {
        **os.environ,
        **new_databases(),
        "VAR_DIR": str(tmp_path),
        "REDIS_URL": valkey.url,
        "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap,
        "KAFKA_IS_EMBEDDED": str(broker.is_embedded).lower(),
    }
