"""When streams are told what was read: not before all is, at once, and then at a pace."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from kitchen.live import channel
from restaurant.live import hub as hubs
from restaurant.live import stream as streams
from restaurant.live.channels import Told
from restaurant.live.hub import Hub
from restaurant.live.ring import Ring
from restaurant.live.stream import Stream
from restaurant.messaging.kafka import Sight

pytestmark = pytest.mark.once
PLACE = ("kitchen_changed", 0)
# Seconds in which a busy machine gets to look at what must not have happened yet.
UNHURRIED = 1.0


def told(offset: int) -> Told:
    return Told(*PLACE, offset, {"kitchen": b"%d" % offset})


def sight(end: int, *, start: int = 0, cluster: str = "c") -> Sight:
    return Sight(cluster, {PLACE: (start, end)})


def position(offset: int) -> str:
    """Give the position before a record, as another process would."""
    ring = Ring(channel)
    ring.see("c", {PLACE: (offset, offset)})
    ring.publish()
    return ring.id


class Heard:
    """A stream in the hub, and the events that it sent, without heartbeats."""

    def __init__(self, hub: Hub, position: str = "") -> None:
        self.text = b""
        self.stream = Stream(
            hub.rings["kitchen"],
            house=hub,
            session="s",
            position=position,
            send=self._send,
            abort=self._abort,
        )
        self.is_cut = False
        hub.streams.add(self.stream)
        self._task = asyncio.ensure_future(self.stream.run())

    async def _send(self, message: dict[str, Any]) -> None:
        self.text += message["body"]

    def _abort(self) -> None:
        self.is_cut = True

    @property
    def events(self) -> list[str]:
        blocks = [block.split("\n") for block in self.text.decode().split("\n\n")]
        found = [f"{b[0][7:]} {b[-1][6:]}" for b in blocks if b[0].startswith("event: ")]
        return [event for event in found if not event.startswith("beat")]

    async def wait_for(self, *events: str) -> None:
        while self.events != [*events]:
            await asyncio.sleep(0.001)


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        await asyncio.wait_for(test(), 10)

    asyncio.run(within())


def test_it_begins_streams_once_all_is_read() -> None:
    async def test() -> None:
        hub = Hub([channel])
        new, back = Heard(hub), Heard(hub, position(1))
        await settle()
        hub.connect(True)
        hub.see(sight(3))
        hub.take([told(0), told(1)])
        await asyncio.sleep(hubs.PACE * 1.5)
        before = hub.caught_up
        assert new.events == back.events == []
        assert b'"ok":true' not in new.text
        hub.take([told(2)])
        assert (before, hub.caught_up) == (False, True)
        await new.wait_for("open {}")
        await back.wait_for("changes [1,2]")
        assert b'"ok":true' in new.text

    run(test)


def test_it_begins_at_once_where_there_is_nothing() -> None:
    async def test() -> None:
        hub = Hub([channel])
        hub.see(sight(0))
        await Heard(hub).wait_for("open {}")

    run(test)


def test_it_tells_the_first_at_once_and_the_rest_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hubs, "PACE", UNHURRIED)

    async def test() -> None:
        hub = Hub([channel])
        hub.see(sight(0))
        one = Heard(hub)
        await one.wait_for("open {}")
        await asyncio.sleep(hubs.PACE)
        for offset in range(5):
            hub.take([told(offset)])
            await settle()
        assert one.events == ["open {}", "changes [0]"]
        await one.wait_for("open {}", "changes [0]", "changes [1,2,3,4]")

    run(test)


def test_it_waits_for_what_another_process_has_read_already(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "PATIENCE", 0.3)

    async def test() -> None:
        hub = Hub([channel])
        hub.see(sight(0))
        one, other = Heard(hub, position(2)), Heard(hub, position(9))
        await settle()
        hub.take([told(0), told(1), told(2)])
        await one.wait_for("changes [2]")
        await asyncio.sleep(0.3)
        assert other.events == []
        hub.connect(True)
        await other.wait_for("reset {}")

    run(test)


def test_it_resets_streams_after_a_gap() -> None:
    async def test() -> None:
        hub = Hub([channel])
        hub.see(sight(0))
        one = Heard(hub)
        await one.wait_for("open {}")
        hub.take([told(7)])
        await one.wait_for("open {}", "reset {}")
        await asyncio.sleep(hubs.PACE)
        hub.take([told(8)])
        await one.wait_for("open {}", "reset {}", "changes [8]")

    run(test)


def test_it_drops_who_fell_behind_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("restaurant.live.ring.MOST_ENTRIES", 3)

    async def test() -> None:
        hub = Hub([channel])
        hub.see(sight(0))
        one = Heard(hub)
        await one.wait_for("open {}")
        await asyncio.sleep(hubs.PACE)
        hub.take([told(offset) for offset in range(4)])
        await settle()
        assert one.is_cut
        assert one.events == ["open {}"]

    run(test)


def test_it_ends_every_stream_when_it_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "STOP_SECONDS", UNHURRIED)

    async def test() -> None:
        hub = Hub([channel])
        hub.see(sight(0))
        ears = [Heard(hub) for _ in range(3)]
        await settle()
        hub.stop()
        for one in ears:
            await one.wait_for("open {}", 'end {"why":"stopping"}')
        assert not any(one.is_cut for one in ears)
        await asyncio.sleep(hubs.STOP_SECONDS * 1.5)
        assert all(one.is_cut for one in ears)

    run(test)
