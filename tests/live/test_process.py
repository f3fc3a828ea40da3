"""The live process: slow listeners, heartbeats, its end, its broker's end, its size."""

import os
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from tests.conftest import Broker
from tests.live.ground import LiveProcess, make_topics, tell_kitchen
from tests.live.listener import Listener
from tests.servers.wait import wait_until

MANY = 200


def test_it_beats(live: LiveProcess, session: str) -> None:
    listener = live.listen(session)
    listener.next("open")
    began = time.monotonic()
    first, second = listener.next("beat"), listener.next("beat")
    assert time.monotonic() - began < 7
    assert first.data == second.data == {"ok": True}
    assert first.id == ""


def test_it_ends_within_a_second(live: LiveProcess, session: str) -> None:
    listeners = [live.listen(session) for _ in range(MANY)]
    for listener in listeners:
        listener.next("open")
    live.ask_to_stop()
    live.wait(20)
    assert live.seconds_to_end(streams=MANY) < 1
    for listener in listeners:
        assert listener.next("end").data == {"why": "stopping"}
        listener.wait_closed()
    assert "Traceback" not in live.log
    assert "ERROR" not in live.log


def test_it_drops_who_takes_nothing_and_takes_them_back(live: LiveProcess, session: str) -> None:
    slow = Listener(live.port, "kitchen", session, buffer=4096)
    slow.next("open")
    brisk = live.listen(session)
    brisk.next("open")
    told = fill_buffers(brisk)
    # Nothing more is read by the slow one until it is cut off.
    wait_until(lambda: "live_stream_dropped" in live.log, seconds=20)
    assert brisk.next("beat").data == {"ok": True}
    while slow.hear(1.0):
        pass
    assert slow.is_closed
    again = live.listen(session, last_event_id=slow.last_id)
    heard = slow.orders()
    assert len(heard) < len(told)
    assert again.next("changes", "reset").name == "changes"
    hear_all(again, len(told) - len(heard))
    assert sorted([*heard, *again.orders()]) == sorted(told)


def fill_buffers(brisk: Listener) -> list[str]:
    """Tell of more than what the kernel and the server hold for a connection.

    In few parts: who takes nothing is dropped a while after the first that does not fit.
    """
    told: list[str] = []
    for part in range(6):
        new = [f"{part}-{n}-{'x' * 20_000}" for n in range(100)]
        tell_kitchen(new)
        told += new
        hear_all(brisk, len(told))
    return told


def hear_all(listener: Listener, count: int) -> None:
    def has_heard() -> bool:
        listener.hear(0.05)
        return len(listener.orders()) >= count

    wait_until(has_heard, seconds=30)


def test_it_ends_within_a_second_with_a_listener_that_takes_nothing(
    live: LiveProcess, session: str
) -> None:
    slow = Listener(live.port, "kitchen", session, buffer=4096)
    slow.next("open")
    brisk = live.listen(session)
    brisk.next("open")
    fill_buffers(brisk)
    live.ask_to_stop()
    live.wait(20)
    assert live.seconds_to_end(streams=2) < 1
    slow.close()


def test_it_says_that_the_broker_is_away_and_goes_on(
    live: LiveProcess, broker: Broker, session: str
) -> None:
    listener = live.listen(session)
    listener.next("open")
    tell_kitchen(["before"])
    listener.next("changes")
    broker.kill()
    wait_until(lambda: listener.next("beat").data == {"ok": False}, seconds=20)
    assert not listener.is_closed
    broker.start()
    if broker.is_embedded:
        # It stands elsewhere and has forgotten all: `up` starts the live process anew.
        settings.KAFKA_BOOTSTRAP_SERVERS = broker.bootstrap
        live.kill()
        live.start()
        listener = live.listen(session, last_event_id=listener.last_id)
        listener.next("reset")
        tell_kitchen(["after"])
        assert listener.next("changes").data[0]["orders"] == ["after"]
        return
    wait_until(lambda: listener.next("beat").data == {"ok": True}, seconds=30)
    tell_kitchen(["after"])
    listener.next("changes", seconds=20)
    assert listener.orders() == ["before", "after"]
    assert "reset" not in [event.name for event in listener.events]


@pytest.mark.real_kafka
def test_it_opens_streams_before_there_is_a_broker(
    cold: LiveProcess, broker: Broker, session: str
) -> None:
    broker.kill()
    cold.start(wait=False)
    wait_until(lambda: cold.is_running() and is_alive(cold), seconds=20)
    assert not cold.is_ready()
    listener = cold.listen(session)
    assert listener.next("beat").data == {"ok": False}
    assert "open" not in [event.name for event in listener.events]
    broker.start()
    make_topics()
    listener.next("open", seconds=20)
    wait_until(lambda: listener.next("beat").data == {"ok": True})
    cold.wait_ready()


def is_alive(live: LiveProcess) -> bool:
    try:
        return Listener(live.port, path="/livez").status == 200
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_holds_many_streams_with_the_same_threads_and_clients(
    live: LiveProcess, session: str
) -> None:
    one = live.listen(session)
    one.next("open")
    before = (threads(live.pid), kafka_connections(live.pid))
    many = [live.listen(session) for _ in range(MANY)]
    for listener in many:
        listener.next("open")
    tell_kitchen(["to all"])
    for listener in (one, *many):
        listener.next("changes")
        assert listener.orders() == ["to all"]
    assert (threads(live.pid), kafka_connections(live.pid)) == before
    assert before[0] < 16


def threads(process: int) -> int:
    return len(os.listdir(f"/proc/{process}/task"))


def kafka_connections(process: int) -> int:
    """Count the process's connections to the broker's port."""
    port = f":{int(settings.KAFKA_BOOTSTRAP_SERVERS.rpartition(':')[2]):04X}"
    lines = Path(f"/proc/{process}/net/tcp").read_text().splitlines()[1:]
    inodes = {f.split()[9] for f in lines if f.split()[2].endswith(port)}
    held = {
        os.readlink(link) for link in Path(f"/proc/{process}/fd").iterdir() if link.is_symlink()
    }
    return sum(f"socket:[{inode}]" in held for inode in inodes)


def test_it_gives_a_burst_in_few_events(live: LiveProcess, session: str) -> None:
    listener = live.listen(session)
    listener.next("open")
    tell_kitchen([str(n) for n in range(1000)])
    hear_all(listener, 1000)
    events = [event for event in listener.events if event.name == "changes"]
    assert len(events) <= 20
    ids = [event.id for event in events]
    assert len(set(ids)) == len(ids)
