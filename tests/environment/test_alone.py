"""A restaurant outside DEBUG, each of whose processes knows its own settings and no others."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from celery import Celery

from restaurant.needs import NEEDS
from restaurant.schedule import TASKS
from restaurant.supervisor import probes
from tests.environment.bare import COMMANDS, MANAGE, SECRET, environment, run
from tests.flow import prepared
from tests.flow.house import Guest
from tests.servers.ports import free_port
from tests.servers.process import Guarded
from tests.servers.real_kafka import RealKafka
from tests.servers.valkey import Valkey
from tests.servers.wait import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.real_kafka, pytest.mark.django_db]

# A day at the restaurant takes a second.
FAST = {"SIMULATION_SPEED": "100000"}
Start = Callable[..., Guarded]


@pytest.fixture
def values(broker: RealKafka, valkey: Valkey) -> dict[str, str]:
    """What there is to know."""
    databases = prepared.urls_of(prepared.copy_databases())
    servers = {"KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap, "REDIS_URL": valkey.url}
    return {"SECRET_KEY": SECRET, **databases, **servers}


@pytest.fixture
def start(values: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """Start a process that is told what it needs, and `more`: where it and its peers are."""
    started: list[Guarded] = []

    def begin(name: str, **more: str) -> Guarded:
        told = environment(DEBUG="false", **{n: values[n] for n in NEEDS[name]}, **more)
        pairs = [f"{variable}={value}" for variable, value in told.items()]
        child = Guarded(["env", "-i", *pairs, *COMMANDS[name]], log=tmp_path / f"{name}.log")
        started.append(child)
        return child

    yield begin
    # In order: killed, some would leave processes of their own behind.
    with ThreadPoolExecutor(len(started) or 1) as pool:
        list(pool.map(Guarded.stop, started))


def is_ready(process: Guarded, monitor: int) -> bool:
    return process.running() and probes.answers_http("127.0.0.1", monitor, "/readyz")


def test_an_order_is_delivered(start: Start, values: dict[str, str]) -> None:
    prepare("create_topics", values, "KAFKA_BOOTSTRAP_SERVERS")
    prepare("migrate_services", values, "KITCHEN_DATABASE_URL")
    web, auth = free_port(), f"127.0.0.1:{free_port()}"
    more: dict[str, dict[str, str]] = {
        "auth": {"AUTH_GRPC_LISTEN": auth},
        "web": {"PORT": str(web), "AUTH_GRPC_ADDRESS": auth},
        "live": {"LIVE_PORT": str(free_port())},
        **dict.fromkeys(("kitchen", "delivery"), FAST),
    }
    monitors = {name: free_port() for name in NEEDS}
    processes = {
        name: start(name, MONITOR_LISTEN=f"127.0.0.1:{port}", **more.get(name, {}))
        for name, port in monitors.items()
    }
    for name, port in monitors.items():
        wait_until(partial(is_ready, processes[name], port), seconds=120)
    guest = Guest(f"http://127.0.0.1:{web}")
    guest.wait_for(guest.order("MARGHERITA", "SIZE-L"), "delivered", seconds=60)
    assert has_done_a_task(processes["celery"], values["REDIS_URL"])
    assert wait_until(lambda: planned(values["AUTH_DATABASE_URL"]) >= set(TASKS), seconds=30)
    assert all(process.running() for process in processes.values())


def prepare(command: str, values: dict[str, str], *names: str) -> None:
    told = environment(DEBUG="false", **{name: values[name] for name in names})
    done = run((*MANAGE, command), told)
    assert done.returncode == 0, done.stderr


def has_done_a_task(celery: Guarded, redis: str) -> bool:
    with closing(Celery("asking", broker=f"{redis}/1", set_as_current=False)) as app:
        app.send_task("kitchen.tasks.purge", ignore_result=True)

    def done() -> list[dict[str, Any]]:
        told = [json.loads(line) for line in celery.log.read_text().splitlines() if line[:1] == "{"]
        ended = [line for line in told if line["event"] == "task_done"]
        return [line for line in ended if line["task"] == "kitchen.tasks.purge"]

    return bool(wait_until(done, seconds=30)[0]["state"] == "SUCCESS")


def planned(database: str) -> set[str]:
    """Name the tasks that beat has written down, to be done again and again."""
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT task FROM django_celery_beat_periodictask")
        return {task for (task,) in rows}
