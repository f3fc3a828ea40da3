"""How the kitchen's decisions become events. Times are UTC."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from uuid_utils.compat import uuid7

from proto.kitchen_pb2 import (
    KitchenChanged,
    OrderAccepted,
    OrderCancelled,
    OrderCancelRejected,
    OrderCooked,
    OrderCooking,
    OrderRejected,
)


class Code(StrEnum):
    """Why the kitchen refuses, for programs: clients know these, so none changes."""

    STATION_CLOSED = "station_closed"
    ALREADY_COOKED = "already_cooked"


def accepted(order_id: UUID, *, stations: Iterable[str], at: datetime) -> OrderAccepted:
    return OrderAccepted(order_id=str(order_id), accepted_at=_timestamp(at), stations=stations)


def rejected(
    order_id: UUID, *, reason: str, code: str, stations: Iterable[str], at: datetime
) -> OrderRejected:
    return OrderRejected(
        order_id=str(order_id),
        rejected_at=_timestamp(at),
        reason=reason,
        code=code,
        stations=stations,
    )


def cooking(order_id: UUID, *, station: str, at: datetime) -> OrderCooking:
    return OrderCooking(order_id=str(order_id), started_at=_timestamp(at), station=station)


def cooked(order_id: UUID, *, number: int, address: str, note: str, at: datetime) -> OrderCooked:
    return OrderCooked(
        order_id=str(order_id), cooked_at=_timestamp(at), number=number, address=address, note=note
    )


def cancelled(order_id: UUID, *, reason: str, at: datetime) -> OrderCancelled:
    return OrderCancelled(order_id=str(order_id), cancelled_at=_timestamp(at), reason=reason)


def cancel_rejected(order_id: UUID, *, reason: str, code: str, at: datetime) -> OrderCancelRejected:
    return OrderCancelRejected(
        order_id=str(order_id), rejected_at=_timestamp(at), reason=reason, code=code
    )


def changed(
    *, orders: Iterable[UUID] = (), stations: Iterable[str] = (), at: datetime
) -> KitchenChanged:
    """Tell screens what to look at again."""
    return KitchenChanged(
        id=str(uuid7()),
        changed_at=_timestamp(at),
        order_ids=[str(id_) for id_ in orders],
        stations=stations,
    )


# A batch's events share one time, and a message copies what it is given.
@lru_cache(maxsize=8)
def _timestamp(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp
