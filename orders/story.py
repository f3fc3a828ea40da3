"""An order's story for those who follow it: its timeline, numbered from 1 as it was written.

The number is the entry's place by its row's key. It stays the same for ever: entries are never
deleted, and since writers hold the order (`orders.handlers`, `orders.services`), the keys of one
order are given in the order in which their transactions commit.
"""

from collections.abc import Collection, Iterable
from itertools import groupby
from typing import Any
from uuid import UUID

from orders import represent
from orders.models import ENDED, Order
from restaurant.live.following.followed import Event, Story

COLUMNS = ("public_id", "customer_id", *(f"timeline__{n}" for n in ("type", "status", "at")))
Row = tuple[Any, ...]


def read(ids: Collection[UUID]) -> dict[UUID, Story]:
    """Give the stories of the orders with these public ids, in one query; others are left out."""
    rows = Order.objects.filter(public_id__in=ids).order_by("id", "timeline__id")
    told = rows.values_list(*COLUMNS, "timeline__detail")
    return {id_: _story([*some]) for id_, some in groupby(told, key=lambda row: row[0])}


def _story(rows: list[Row]) -> Story:
    events: list[Event] = []
    status = Order.Status.PLACED
    for sequence, (type_, stands_for, at, detail) in enumerate(_entries(rows), start=1):
        status = _moved(status, stands_for)
        data = represent.event(sequence, type_, stands_for, at, detail, status)
        events.append(Event(type_, data))
    return Story(owner=rows[0][1], events=events, is_ended=status.rank >= ENDED)


def _entries(rows: Iterable[Row]) -> Iterable[Row]:
    # An order without entries has one row, with none of them in it.
    return (row[2:] for row in rows if row[2] is not None)


def _moved(status: Order.Status, stands_for: str) -> Order.Status:
    """Give the order's status after an entry, as `orders.handlers` moves it: forward by rank."""
    if stands_for and Order.Status(stands_for).rank > status.rank:
        return Order.Status(stands_for)
    return status
