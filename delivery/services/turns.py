"""A transaction of the service, and what it tells others: written at its end, in one statement."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import transaction
from google.protobuf.message import Message

from delivery import events
from restaurant.messaging import outbox
from restaurant.messaging.outbox import Outgoing


class Turn:
    """Somebody's moves at one time: `by` is a person's name, and empty when it is the timer."""

    def __init__(self, *, now: datetime, by: str = "") -> None:
        self.now = now
        self.by = by
        self._said: list[Outgoing] = []
        # As keys, for a delivery may move several times in a turn.
        self._orders: dict[UUID, None] = {}
        self._couriers: dict[UUID, None] = {}

    def say(self, messages: Iterable[tuple[Message, str]]) -> None:
        """Have events sent; each comes with the id that ties it to its request."""
        self._said += [Outgoing(message, correlation_id) for message, correlation_id in messages]

    def touch(self, *, orders: Iterable[UUID] = (), couriers: Iterable[UUID] = ()) -> None:
        """Have screens look again at the deliveries of these orders, and at these couriers."""
        self._orders |= dict.fromkeys(orders)
        self._couriers |= dict.fromkeys(couriers)

    def write(self) -> None:
        """Write it all to the outbox; needs a transaction."""
        said = self._said
        if self._orders or self._couriers:
            notice = events.changed(self._orders, couriers=self._couriers, at=self.now)
            said = [*said, Outgoing(notice)]
        outbox.add("delivery", said, now=self.now)


@contextmanager
def take_turn(*, now: datetime, by: str = "") -> Iterator[Turn]:
    """Open a transaction; at its end it is told what happened in it, unless that raises."""
    with transaction.atomic(using="delivery"):
        turn = Turn(now=now, by=by)
        yield turn
        turn.write()


def announce(*, orders: Iterable[UUID] = (), couriers: Iterable[UUID] = (), now: datetime) -> None:
    """Tell screens what to look at again, in the transaction that changed it."""
    turn = Turn(now=now)
    turn.touch(orders=orders, couriers=couriers)
    turn.write()
