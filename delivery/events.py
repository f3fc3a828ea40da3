"""How what happens to a delivery becomes events. Times are UTC."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from uuid_utils.compat import uuid7

from proto.delivery_pb2 import (
    DeliveryChanged,
    OrderDelivered,
    OrderDeliveryFailed,
    OrderDispatched,
)


def dispatched(
    order_id: UUID,
    *,
    courier_id: UUID,
    courier_name: str,
    attempt: int,
    eta: datetime,
    at: datetime,
) -> OrderDispatched:
    return OrderDispatched(
        order_id=str(order_id),
        dispatched_at=_timestamp(at),
        courier_id=str(courier_id),
        courier_name=courier_name,
        attempt=attempt,
        eta=_timestamp(eta),
    )


def delivered(order_id: UUID, *, courier_id: UUID, attempt: int, at: datetime) -> OrderDelivered:
    return OrderDelivered(
        order_id=str(order_id),
        delivered_at=_timestamp(at),
        courier_id=str(courier_id),
        attempt=attempt,
    )


def failed(order_id: UUID, *, reason: str, attempts: int, at: datetime) -> OrderDeliveryFailed:
    return OrderDeliveryFailed(
        order_id=str(order_id), failed_at=_timestamp(at), reason=reason, attempts=attempts
    )


def changed(
    *, orders: Iterable[UUID] = (), couriers: Iterable[UUID] = (), at: datetime
) -> DeliveryChanged:
    """Tell screens what to look at again."""
    return DeliveryChanged(
        id=str(uuid7()),
        changed_at=_timestamp(at),
        order_ids=[str(id_) for id_ in orders],
        courier_ids=[str(id_) for id_ in couriers],
    )


# A batch's events share one time, and a message copies what it is given.
@lru_cache(maxsize=8)
def _timestamp(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp
