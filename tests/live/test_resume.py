"""A listener hears each thing once, whatever breaks between."""

import random
from uuid import uuid4

import pytest

from proto.delivery_pb2 import DeliveryChanged
from proto.kitchen_pb2 import KitchenChanged
from proto.orders_pb2 import MenuChanged, OrderCancelRequested
from tests.live.ground import LiveProcess, publish, sign_in, tell_kitchen, user
from tests.live.listener import Listener
from tests.messaging.toys import send
from tests.servers.wait import wait_until


class Persistent:
    """A browser: it comes back where it left, and remembers all that it heard."""

    def __init__(self, live: LiveProcess, session: str) -> None:
        self._live = live
        self._session = session
        self.heard: list[str] = []
        self.names: list[str] = []
        self._stream: Listener | None = live.listen(session)
        self._stream.next("open")

    def leave(self) -> None:
        """Lose the connection; what had arrived whole was heard."""
        if self._stream:
            self._stream.close()
            self.heard += self._stream.orders()
            self.names += [event.name for event in self._stream.events]
            self._last_id, self._stream = self._stream.last_id, None

    def come_back(self, *, by_page: bool = False) -> None:
        how = "after" if by_page else "last_event_id"
        self._stream = self._live.listen(self._session, **{how: self._last_id})

    def hear(self, seconds: float) -> None:
        if self._stream:
            self._stream.hear(seconds)

    def all(self) -> list[str]:
        return self.heard + (self._stream.orders() if self._stream else [])


@pytest.mark.parametrize("seed", range(2))
def test_it_resumes_without_a_gap_or_a_repeat(live: LiveProcess, session: str, seed: int) -> None:
    chance = random.Random(seed)
    listeners = [Persistent(live, session) for _ in range(6)]
    told: list[str] = []
    for step in range(40):
        if chance.random() < 0.7:
            new = [f"{step}-{n}" for n in range(chance.randint(1, 20))]
            tell_kitchen(new)
            told += new
        for listener in chance.sample(listeners, 2):
            listener.hear(chance.choice((0.0, 0.02)))
            listener.leave()
            listener.come_back(by_page=chance.random() < 0.5)
        if step in (12, 26):
            live.kill()
            # Listeners are told of what happened while nobody was there.
            for listener in listeners:
                listener.leave()
            tell_kitchen([f"away-{step}"])
            told.append(f"away-{step}")
            live.start(wait=step == 12)
            if step == 26:
                wait_until(lambda: live.is_running() and answers(live), seconds=30)
            for listener in listeners:
                listener.come_back()
    for listener in listeners:
        wait_for_all(listener, told)
        assert sorted(listener.all()) == sorted(told)
        listener.leave()
        assert "reset" not in listener.names
        assert listener.names.count("open") == 1


def answers(live: LiveProcess) -> bool:
    """Tell whether it listens, though it may still be reading its history."""
    try:
        Listener(live.port, path="/livez").close()
    except OSError:
        return False
    return True


def wait_for_all(listener: Persistent, told: list[str]) -> None:
    def has_all() -> bool:
        listener.hear(0.05)
        return len(listener.all()) >= len(told)

    wait_until(has_all)


def test_it_tells_a_new_listener_nothing_of_before(live: LiveProcess, session: str) -> None:
    first = live.listen(session)
    first.next("open")
    tell_kitchen(["before"])
    first.next("changes")
    second = live.listen(session)
    second.next("open")
    tell_kitchen(["after"])
    second.next("changes")
    assert second.orders() == ["after"]


def test_it_tells_each_channel_its_own(live: LiveProcess) -> None:
    session = sign_in(user(superuser=True))
    kitchen, delivery = live.listen(session, "kitchen"), live.listen(session, "delivery")
    for listener in (kitchen, delivery):
        listener.next("open")
    publish(
        [
            KitchenChanged(id=str(uuid4()), order_ids=["a", "b"], stations=["oven"]),
            OrderCancelRequested(order_id="c", reason="secret"),
            MenuChanged(id=str(uuid4()), skus=["MARGHERITA"]),
            DeliveryChanged(id=str(uuid4()), order_ids=["d"], courier_ids=["e"]),
        ]
    )

    def heard(listener: Listener, count: int) -> list[object]:
        def facts() -> list[object]:
            listener.hear(0.05)
            return [f for e in listener.events if e.name == "changes" for f in e.data]

        wait_until(lambda: len(facts()) >= count)
        return sorted(facts(), key=str)

    assert heard(delivery, 1) == [{"type": "delivery_changed", "orders": ["d"], "couriers": ["e"]}]
    assert heard(kitchen, 3) == sorted(
        [
            {"type": "kitchen_changed", "orders": ["a", "b"], "stations": ["oven"]},
            {"type": "order_cancel_requested", "orders": ["c"]},
            {"type": "menu_changed", "skus": ["MARGHERITA"]},
        ],
        key=str,
    )


def test_it_resets_what_it_cannot_resume(live: LiveProcess, session: str) -> None:
    other = live.listen(sign_in(user(superuser=True)), "delivery").next("open").id
    for position in ("junk", "AAAAAAAAAAAA", "%F0%9F", "A" * 5000, other):
        listener = live.listen(session, last_event_id=position)
        event = listener.next("reset")
        assert event.id
        listener.close()
        again = live.listen(session, last_event_id=event.id)
        tell_kitchen([f"after {position[:4]}"])
        assert again.next("changes", "reset").name == "changes"


def test_it_passes_over_records_that_it_cannot_read(live: LiveProcess, session: str) -> None:
    listener = live.listen(session)
    listener.next("open")
    type_ = {"ce_type": "restaurant.kitchen.v1.KitchenChanged"}
    send([("kitchen_changed", "k", b"\xff\xff", type_), ("kitchen_changed", "k", b"", {})])
    tell_kitchen(["good"])
    listener.next("changes")
    assert listener.orders() == ["good"]
    assert "record_not_told" in live.log
