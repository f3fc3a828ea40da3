"""The messages that the services would have sent, made by the services' own code."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from google.protobuf.message import Message

from delivery import events as delivery
from kitchen import events as kitchen
from orders import events as orders
from restaurant.demo.past.ground import uuid_of
from restaurant.demo.past.story import MINUTE, NOBODY, Event, Story
from restaurant.messaging import contracts
from restaurant.staff.audit import checks


def message_of(story: Story, event: Event) -> tuple[str, bytes]:
    """Give the name of an event's type, and its payload."""
    message = _MAKERS[event.topic](story, event, datetime.fromtimestamp(event.at, UTC))
    return contracts.type_of(type(message)), message.SerializeToString()


def _created(story: Story, _event: Event, at: datetime) -> Message:
    return orders.order_created(
        story.meal.order,
        id_=uuid_of(story.id),
        number=story.number,
        customer_id=uuid_of(story.customer.id),
        placed_at=at,
    )


def _cancel_requested(story: Story, _event: Event, at: datetime) -> Message:
    return orders.order_cancel_requested(
        id_=uuid_of(story.id),
        reason=story.reason,
        requested_by=uuid_of(story.customer.id),
        requested_at=at,
    )


def _accepted(story: Story, _event: Event, at: datetime) -> Message:
    stations = [part.station.code for part in story.meal.parts]
    return kitchen.accepted(uuid_of(story.id), stations=stations, at=at)


def _rejected(story: Story, _event: Event, at: datetime) -> Message:
    return kitchen.rejected(
        uuid_of(story.id),
        reason=story.reason,
        code=kitchen.Code.STATION_CLOSED,
        stations=[story.meal.parts[0].station.code],
        at=at,
    )


def _cooking(story: Story, _event: Event, at: datetime) -> Message:
    return kitchen.cooking(uuid_of(story.id), station=story.tickets[0].part.station.code, at=at)


def _cooked(story: Story, _event: Event, at: datetime) -> Message:
    return kitchen.cooked(
        uuid_of(story.id), number=story.number, address=story.address, note=story.note, at=at
    )


def _cancelled(story: Story, _event: Event, at: datetime) -> Message:
    return kitchen.cancelled(uuid_of(story.id), reason=story.reason, at=at)


def _dispatched(story: Story, event: Event, at: datetime) -> Message:
    attempt = next(i for i, one in enumerate(story.tries, 1) if one.left == event.at)
    courier = story.tries[attempt - 1].courier
    return delivery.dispatched(
        uuid_of(story.id),
        courier_id=courier.pk,
        courier_name=courier.name,
        attempt=attempt,
        eta=datetime.fromtimestamp(event.at + 15 * MINUTE, UTC),
        at=at,
    )


def _delivered(story: Story, _event: Event, at: datetime) -> Message:
    courier = story.tries[-1].courier
    return delivery.delivered(uuid_of(story.id), courier_id=courier.pk, attempt=1, at=at)


def _delivery_failed(story: Story, _event: Event, at: datetime) -> Message:
    attempts = len(story.tries)
    return delivery.failed(uuid_of(story.id), reason=NOBODY, attempts=attempts, at=at)


_MAKERS: Mapping[str, Callable[[Story, Event, datetime], Message]] = {
    checks.CREATED: _created,
    checks.CANCEL_REQUESTED: _cancel_requested,
    checks.ACCEPTED: _accepted,
    checks.REJECTED: _rejected,
    checks.COOKING: _cooking,
    checks.COOKED: _cooked,
    checks.CANCELLED: _cancelled,
    checks.DISPATCHED: _dispatched,
    checks.DELIVERED: _delivered,
    checks.DELIVERY_FAILED: _delivery_failed,
}
