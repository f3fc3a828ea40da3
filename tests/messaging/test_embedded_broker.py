"""The embedded broker ends with its starter, and says where it is."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings

from restaurant.messaging import embedded_broker
from tests.servers.ports import answers
from tests.servers.wait import wait_until

pytestmark = pytest.mark.once


@pytest.fixture
def process() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "restaurant.messaging.embedded_broker"],
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as found:
        yield found
        found.kill()


def port_of(process: "subprocess.Popen[bytes]") -> int:
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    assert set(told) == {"KAFKA_BOOTSTRAP_SERVERS"}
    return int(told["KAFKA_BOOTSTRAP_SERVERS"].rpartition(":")[2])


def close_its_input(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None
    process.stdin.close()


@pytest.mark.parametrize(
    "end",
    [
        close_its_input,
        lambda process: process.send_signal(signal.SIGTERM),
        lambda process: process.send_signal(signal.SIGINT),
    ],
    ids=["its-starter-is-gone", "SIGTERM", "SIGINT"],
)
def test_it_serves_until(
    process: "subprocess.Popen[bytes]", end: Callable[["subprocess.Popen[bytes]"], None]
) -> None:
    port = port_of(process)
    assert answers(port)
    assert process.poll() is None
    end(process)
    assert process.wait(10) == 0
    assert not answers(port)


def test_it_serves_inside_a_process_until_told_to_stop() -> None:
    stop, told = threading.Event(), list[str]()
    thread = threading.Thread(target=embedded_broker.serve, args=(told.append, stop))
    thread.start()
    (address,) = wait_until(lambda: told)
    assert answers(int(address.rpartition(":")[2]))
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
