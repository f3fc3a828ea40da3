"""A transaction of a service, and what it tells others: written at its end, in one statement."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from django.db import transaction
from google.protobuf.message import Message

from restaurant.messaging import contracts, outbox, telling
from restaurant.messaging.outbox import Outgoing
from restaurant.monitor import metrics

# Makes the notice that has screens look again: takes `at`, and iterables of what changed, by kind.
Changed = Callable[..., Message]


class Turn:
    """Somebody's moves at one time: `by` is a person's name, and empty when it is the timer."""

    def __init__(self, service: str, changed: Changed, *, now: datetime, by: str = "") -> None:
        self.now = now
        self.by = by
        self._service = service
        self._changed = changed
        self._said: list[Outgoing] = []
        # Keys of dicts, for what is touched may be touched several times in a turn.
        self._touched: dict[str, dict[Any, None]] = {}
        self._moves: list[tuple[str, str, str, int]] = []

    def say(self, messages: Iterable[tuple[Message, str]]) -> None:
        """Have events sent; each comes with the id that ties it to its request."""
        self._said += [Outgoing(message, correlation_id) for message, correlation_id in messages]

    def touch(self, **kinds: Iterable[Any]) -> None:
        """Have screens look again at these, by kind, as `orders=[…]`."""
        for kind, keys in kinds.items():
            self._touched.setdefault(kind, {}).update(dict.fromkeys(keys))

    def move(self, what: str, source: str, target: str, count: int) -> None:
        """Have moves counted, by what moved from which status to which, once they are committed."""
        if count:
            self._moves.append((what, source, target, count))

    def write(self) -> None:
        """Write it all to the outbox; needs a transaction."""
        if self._moves:
            transaction.on_commit(partial(_count, self._moves), using=self._service)
        said = self._said
        told = (contracts.key_of(each.message) for each in said)
        telling.moved(chain(told, map(str, self._touched.get("orders", ()))))
        if any(self._touched.values()):
            said = [*said, Outgoing(self._changed(at=self.now, **self._touched))]
        outbox.add(self._service, said, now=self.now)


def _count(moves: Iterable[tuple[str, str, str, int]]) -> None:
    for what, source, target, count in moves:
        metrics.transitions.labels(what, source, target).inc(count)


@contextmanager
def take_turn(service: str, changed: Changed, *, now: datetime, by: str = "") -> Iterator[Turn]:
    """Open a transaction; at its end it is told what happened in it, unless that raises."""
    with transaction.atomic(using=service):
        turn = Turn(service, changed, now=now, by=by)
        yield turn
        turn.write()


def announce(service: str, changed: Changed, *, now: datetime, **kinds: Iterable[Any]) -> None:
    """Tell screens what to look at again, in the transaction that changed it."""
    turn = Turn(service, changed, now=now)
    turn.touch(**kinds)
    turn.write()
