"""kill -9 of every process in the middle of 2,000 orders: nothing is lost or doubled."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.flow import premises
from tests.flow.premises import Premises
from tests.flow.running_up import ROOT
from tests.servers.wait import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
ORDERS = 2000
PROCESSES = ("kitchen", "orders", "delivery", "web", "auth", "celery", "beat")
# Each is killed this often, and while orders are still placed.
ROUNDS = 2


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


def kill_in_turn(whole: Premises, kills: list[Callable[[], None]]) -> None:
    """Kill one after the other, each when more orders have been placed since the last."""
    count = "from orders.models import Order; print(Order.objects.count())"
    for number, kill in enumerate(kills):
        wanted = ORDERS * (number + 1) // (len(kills) + 2)
        wait_until(lambda w=wanted: int(whole.house.shell(count)) >= w, seconds=120, every=0.1)
        kill()


def run(whole: Premises, kills: list[Callable[[], None]]) -> None:
    with ordering(whole) as demo:
        kill_in_turn(whole, kills)
        assert demo.poll() is None, "the orders were all over before the last kill"
        output, _ = demo.communicate(timeout=240)
    assert demo.returncode == 0, output[-6000:]
    summary = json.loads(output.splitlines()[-1])
    ended = [summary[name] for name in ("delivered", "cancelled", "rejected", "failed")]
    assert summary["placed"] == sum(ended) == ORDERS
    assert summary["audit"] == "clean"
    for name in PROCESSES:
        assert whole.house.up.output.count(f"{name} ended (killed by SIGKILL)") == ROUNDS


def kills_of(whole: Premises, *names: str) -> list[Callable[[], None]]:
    return [lambda n=name: kill_again(whole, n) for name in names]


def kill_again(whole: Premises, name: str) -> None:
    """Kill a process as soon as it runs: it may just be starting after the last time."""
    up = whole.house.up
    wait_until(lambda: up.is_running(name), seconds=30)
    whole.kill(name)


@pytest.mark.once
def test_it_survives_every_kill_on_the_embedded_parts(tmp_path):
    with premises.embedded(tmp_path, "--speed", "1000") as whole:
        run(whole, kills_of(whole, *PROCESSES, "broker", "valkey") * ROUNDS)


@pytest.mark.real_kafka
def test_it_survives_every_kill_on_real_servers(tmp_path):
    with premises.real(tmp_path, "--speed", "1000") as whole:

        def restart_kafka() -> None:
            whole.kafka.kill()
            whole.kafka.start()

        def restart_valkey() -> None:
            whole.valkey.kill()
            whole.valkey.start()

        kills = [*kills_of(whole, *PROCESSES), restart_kafka, restart_valkey]
        run(whole, kills * ROUNDS)
