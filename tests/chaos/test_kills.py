"""kill -9 of every process in the middle of 2,000 orders: nothing is lost or doubled."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import pytest

from tests.flow import premises
from tests.flow.premises import Premises
from tests.flow.running_up import ROOT
from tests.servers.real_kafka import RealKafka
from tests.servers.valkey import Valkey
from tests.servers.wait import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
ORDERS = 2000
# Those that `up` starts anew when the embedded broker dies, and the others.
CLIENTS, OTHERS = ("kitchen", "orders", "delivery"), ("web", "auth", "celery", "beat")
PROCESSES = (*CLIENTS, *OTHERS)
# Each is killed this often, and while orders are still placed.
ROUNDS = 2
STALE = """
from django_redis import get_redis_connection
from orders.models import Order
for order in Order.objects.all():
    version = get_redis_connection("default").hget(f"order:{order.public_id}", "v")
    if version and int(version) != order.version:
        print(order, order.status, order.version, int(version))
"""


@contextmanager
def ordering(house: Premises) -> Iterator["subprocess.Popen[str]"]:
    """Customers who place the orders over HTTP and wait until each has ended."""
    command = ["demo", "--orders", str(ORDERS), "--rate", "60", "--exit", "--json"]
    process = subprocess.Popen(
        [sys.executable, "manage.py", *command, "--against", house.house.up.url],
        cwd=ROOT,
        env=dict(house.house.env),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def kill_in_turn(whole: Premises, kills: Sequence[Callable[[], None]]) -> None:
    """Kill one after the other, each when more orders have been placed since the last."""
    for number, kill in enumerate(kills, 1):
        wanted = ORDERS * number // (len(kills) + 2)
        wait_until(partial(have_come, whole, wanted), seconds=120, every=0.05)
        kill()


def have_come(whole: Premises, orders: int) -> bool:
    return whole.count_orders() >= orders


def kill_again(whole: Premises, name: str) -> None:
    """Kill a process as soon as it runs: it may just be starting after the last time."""
    wait_until(partial(is_there, whole, name), seconds=60)
    whole.kill(name)


def is_there(whole: Premises, name: str) -> bool:
    """Tell whether a process runs, and not only until `up` ends it after its broker's death."""
    said = whole.house.up.output
    is_leaving = name in CLIENTS and said.rfind("broker ended") > said.rfind(f"{name} started")
    return whole.house.up.is_running(name) and not is_leaving


def killing(whole: Premises, *names: str) -> list[Callable[[], None]]:
    return [partial(kill_again, whole, name) for name in names]


def restarting(server: RealKafka | Valkey | None) -> Callable[[], None]:
    assert server

    def kill_and_start() -> None:
        server.kill()
        server.start()

    return kill_and_start


def stale_entries(whole: Premises) -> list[str]:
    """Name the orders of which Redis tells another status than the database."""
    return whole.house.shell(STALE).splitlines()


def run(whole: Premises, kills: Sequence[Callable[[], None]]) -> None:
    with ordering(whole) as demo:
        kill_in_turn(whole, kills)
        assert demo.poll() is None, "the orders were all over before the last kill"
        output, _ = demo.communicate(timeout=240)
    assert demo.returncode == 0, output[-6000:]
    summary = json.loads(output.splitlines()[-1])
    ended = [summary[name] for name in ("delivered", "cancelled", "rejected", "failed")]
    assert summary["placed"] == sum(ended) == ORDERS
    assert summary["audit"] == "clean"
    assert stale_entries(whole) == []
    for name in PROCESSES:
        assert whole.house.up.output.count(f"{name} ended (killed by SIGKILL)") == ROUNDS


@pytest.mark.once
def test_it_survives_every_kill_on_the_embedded_parts(tmp_path):
    with premises.embedded(tmp_path, "--speed", "1000") as whole:
        # Others after the broker, while its clients are started anew.
        run(whole, killing(whole, *CLIENTS, "broker", "valkey", *OTHERS) * ROUNDS)


@pytest.mark.real_kafka
def test_it_survives_every_kill_on_real_servers(tmp_path):
    with premises.real(tmp_path, "--speed", "1000") as whole:
        servers = [restarting(whole.kafka), restarting(whole.valkey)]
        run(whole, [*killing(whole, *PROCESSES), *servers] * ROUNDS)
