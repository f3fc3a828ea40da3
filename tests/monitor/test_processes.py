"""Each process, real: ready, not ready while what it needs is away, and draining before its end."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.monitor.asking import Monitored, ask, manage, monitored
from tests.servers.ports import answers, free_port
from tests.servers.postgres import Postgres, create_database
from tests.servers.valkey import Valkey
from tests.servers.wait import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.once]
# Long enough for a busy machine to be asked in it.
DRAIN_SECONDS = 10.0
MENU = "/api/v1/menu/"


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of processes on migrated SQLite files."""
    env = {"VAR_DIR": str(tmp_path_factory.mktemp("var")), "DRAIN_SECONDS": str(DRAIN_SECONDS)}
    manage(env, "migrate_services")
    return env


def drains(process: Monitored, own: int, path: str, host: str = "localhost") -> None:
    """See it say that it is not ready, and serve on, and end."""
    # Its first answer takes longest.
    assert ask(own, path, host=host)[0] == 200
    began = time.monotonic()
    process.tell_to_stop()
    process.wait_ready(503)
    assert process.json("/readyz")["status"] == "draining"
    assert ask(own, "/readyz")[0] == 503
    assert ask(own, path, host=host)[0] == 200
    assert process.status("/livez") == 200
    assert process.process.wait(60) == 0
    assert time.monotonic() - began >= DRAIN_SECONDS
    assert not answers(own)
    assert "Traceback" not in process.log


@pytest.fixture
def port() -> int:
    return free_port()


def test_web_drains_and_ends(migrated: dict[str, str], tmp_path: Path, port: int) -> None:
    # Asked by an address that is no name of the site's.
    env = {**migrated, "PORT": str(port), "ALLOWED_HOSTS": "restaurant.example"}
    with monitored(tmp_path / "log", "manage.py", "run_web", env=env) as web:
        web.wait_ready()
        assert web.json("/readyz")["needs"] == {
            "web": "ok",
            "database:default": "ok",
            "database:orders": "ok",
        }
        assert web.status("/livez") == 200
        drains(web, port, MENU, host="restaurant.example")
    # Nothing of the directory in which its processes met is left.
    assert not list(Path(migrated["VAR_DIR"]).glob("web-*"))


def test_web_ends_at_once_when_told_twice(
    migrated: dict[str, str], tmp_path: Path, port: int
) -> None:
    env = {**migrated, "PORT": str(port), "DRAIN_SECONDS": "60"}
    with monitored(tmp_path / "log", "manage.py", "run_web", env=env) as web:
        web.wait_ready()
        web.tell_to_stop()
        web.wait_ready(503)
        web.tell_to_stop()
        assert web.process.wait(60) == 0


def test_web_without_answering_workers_is_not_ready_and_at_last_not_live(
    migrated: dict[str, str], tmp_path: Path, port: int
) -> None:
    env = {**migrated, "PORT": str(port), "WEB_WORKERS": "1", "STUCK_SECONDS": "2"}
    with monitored(tmp_path / "log", "manage.py", "run_web", env=env) as web:
        web.wait_ready()
        (worker,) = children(web.process.pid)
        os.kill(worker, signal.SIGSTOP)
        wait_until(lambda: web.json("/readyz")["needs"] == {"web": "unavailable"}, seconds=30)
        assert web.status("/livez") == 200
        wait_until(lambda: "No worker has answered" in str(web.json("/livez")), seconds=40)
        os.kill(worker, signal.SIGCONT)
        wait_until(lambda: web.status("/livez") == 200, seconds=30)
        web.wait_ready()


def children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(id_) for id_ in found]


def test_live_drains_and_ends(
    migrated: dict[str, str], tmp_path: Path, port: int, broker: Any
) -> None:
    kafka = {"KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap, "KAFKA_IS_EMBEDDED": "true"}
    env = {**migrated, **kafka, "LIVE_PORT": str(port)}
    with monitored(tmp_path / "log", "manage.py", "run_live", env=env) as live:
        live.wait_ready()
        assert live.json("/readyz")["needs"] == {"kafka": "ok", "database:default": "ok"}
        drains(live, port, "/livez")


def test_a_worker_is_ready_and_not_while_its_broker_is_away(
    migrated: dict[str, str], tmp_path: Path, broker: Any
) -> None:
    kafka = {"KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap, "KAFKA_IS_EMBEDDED": "true"}
    with monitored(
        tmp_path / "log", "manage.py", "run_kitchen", env={**migrated, **kafka}
    ) as kitchen:
        kitchen.wait_ready()
        assert kitchen.json("/readyz")["needs"] == {"database:kitchen": "ok", "kafka": "ok"}
        broker.kill()
        kitchen.wait_ready(503)
        assert kitchen.json("/readyz")["needs"]["kafka"] == "unavailable"
        assert kitchen.status("/livez") == 200


@pytest.mark.parametrize("kind", ["worker", "beat"])
def test_side_work_is_ready_and_not_while_its_queue_is_away(
    kind: str, migrated: dict[str, str], tmp_path: Path, valkey: Valkey
) -> None:
    options = ["--pool=threads", "--concurrency=2"] if kind == "worker" else ["--pidfile="]
    command = ["-m", "celery", "--quiet", "-A", "restaurant", kind, *options]
    env = {**migrated, "REDIS_URL": valkey.url, "STUCK_SECONDS": "30"}
    with monitored(tmp_path / "log", *command, env=env) as process:
        process.wait_ready()
        others = ["database:delivery", "database:kitchen", "database:orders"]
        wanted = {"redis", "database:default", *(others if kind == "worker" else [])}
        assert set(process.json("/readyz")["needs"]) == wanted
        assert process.status("/livez") == 200
        valkey.kill()
        process.wait_ready(503)
        assert process.json("/readyz")["needs"]["redis"] == "unavailable"
        assert process.status("/livez") == 200
        valkey.start()
        process.wait_ready()
        process.tell_to_stop()
        assert process.process.wait(60) == 0


def test_auth_says_not_serving_while_its_database_is_away_and_before_it_ends(
    tmp_path: Path, port: int
) -> None:
    postgres = Postgres().start()
    url = create_database(postgres.url, "auth")
    env = {
        "VAR_DIR": str(tmp_path),
        "AUTH_DATABASE_URL": url,
        "AUTH_GRPC_ADDRESS": f"127.0.0.1:{port}",
        "DRAIN_SECONDS": str(DRAIN_SECONDS),
    }
    try:
        manage(env, "migrate", "-v0")
        with (
            monitored(tmp_path / "log", "manage.py", "run_auth", env=env) as auth,
            grpc.insecure_channel(f"127.0.0.1:{port}") as channel,
        ):
            auth.wait_ready()
            assert health(channel) == "SERVING"
            postgres.kill()
            wait_until(lambda: health(channel) == "NOT_SERVING", seconds=30)
            assert auth.json("/readyz")["needs"] == {"database:default": "unavailable"}
            assert auth.status("/livez") == 200
            postgres.start()
            wait_until(lambda: health(channel) == "SERVING", seconds=30)
            auth.wait_ready()
            began = time.monotonic()
            auth.tell_to_stop()
            wait_until(lambda: health(channel) == "NOT_SERVING", seconds=30)
            assert auth.json("/readyz")["status"] == "draining"
            assert auth.process.wait(60) == 0
            assert time.monotonic() - began >= DRAIN_SECONDS
    finally:
        postgres.stop()


def health(channel: grpc.Channel) -> str:
    answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=2)
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))
