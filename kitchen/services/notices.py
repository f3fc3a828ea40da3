"""Telling screens what to look at again."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from kitchen import events
from restaurant.messaging import outbox
from restaurant.messaging.outbox import Outgoing


def announce(*, orders: Iterable[UUID] = (), stations: Iterable[str] = (), now: datetime) -> None:
    """Tell that tickets of these orders, or stations by code, are not what they were.

    To be called in the transaction that changed them.
    """
    outbox.add("kitchen", [Outgoing(events.changed(orders, stations=stations, at=now))], now=now)
