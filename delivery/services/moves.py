"""The steps of a delivery: what the clock and staff share. Callers hold the locks."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from google.protobuf.message import Message

from delivery import events
from delivery.models import Courier, Delivery
from delivery.services.turns import Turn
from restaurant import bulk

STEP_FIELDS = ("id", "order_id", "attempt", "correlation_id")


class Step(NamedTuple):
    """A delivery that moves on, with the courier who carries it."""

    courier: Courier
    # As STEP_FIELDS.
    delivery_id: int
    order_id: UUID
    attempt: int
    correlation_id: str


def travel_time() -> timedelta:
    """Give how long the way to a customer takes."""
    return timedelta(seconds=settings.DELIVERY_TRAVEL_SECONDS / settings.SIMULATION_SPEED)


def pickup_time() -> timedelta:
    """Give how long a courier takes to leave with what they were given."""
    return timedelta(seconds=settings.DELIVERY_PICKUP_SECONDS / settings.SIMULATION_SPEED)


def assign(pairs: Sequence[tuple[int, Courier]], turn: Turn) -> None:
    """Give deliveries, found by key, to couriers."""
    now = turn.now
    pickup = now + pickup_time()
    assigned = Delivery.Status.ASSIGNED.value
    _update(
        ("status", "courier_id", "waiting_since", "held_by", "assigned_at", "due_at"),
        [
            (delivery_id, assigned, courier.pk, None, "", now, _timer(courier, pickup))
            for delivery_id, courier in pairs
        ],
        turn,
    )
    turn.move("delivery", Delivery.Status.AWAITING_COURIER, assigned, len(pairs))


def pick_up(steps: Sequence[Step], turn: Turn) -> None:
    """Send couriers on the road."""
    eta = turn.now + travel_time()
    out = Delivery.Status.OUT_FOR_DELIVERY.value
    _step_on(
        ("status", "dispatched_at", "due_at"),
        steps,
        lambda step: (out, turn.now, _timer(step.courier, eta)),
        turn,
    )
    turn.say(_dispatched(step, eta, turn.now) for step in steps)
    turn.move("delivery", Delivery.Status.ASSIGNED, out, len(steps))


def deliver(steps: Sequence[Step], turn: Turn) -> None:
    """Hand orders over."""
    delivered = Delivery.Status.DELIVERED.value
    _step_on(
        ("status", "delivered_at", "due_at"),
        steps,
        lambda _: (delivered, turn.now, None),
        turn,
    )
    turn.say(_delivered(step, turn.now) for step in steps)
    turn.move("delivery", Delivery.Status.OUT_FOR_DELIVERY, delivered, len(steps))


def fail(steps: Sequence[Step], turn: Turn, *, reason: str) -> None:
    """Note failed attempts: the first is tried again by another courier, the last ends it."""
    last = [step for step in steps if step.attempt >= Delivery.MAX_ATTEMPTS]
    _step_on(
        ("status", "failed_at", "failure_reason", "due_at"),
        last,
        lambda _: (Delivery.Status.FAILED.value, turn.now, reason, None),
        turn,
    )
    turn.say(_failed(step, reason, turn.now) for step in last)
    again = [step for step in steps if step.attempt < Delivery.MAX_ATTEMPTS]
    _wait_again(again, turn, reason)
    out = Delivery.Status.OUT_FOR_DELIVERY
    turn.move("delivery", out, Delivery.Status.FAILED, len(last))
    turn.move("delivery", out, Delivery.Status.AWAITING_COURIER, len(again))


def cancel(delivery: Delivery, turn: Turn, *, reason: str) -> None:
    """Give a delivery up; its order ends as one that could not be delivered."""
    _update(
        ("status", "failed_at", "failure_reason", "due_at", "waiting_since", "held_by"),
        [(delivery.pk, Delivery.Status.CANCELLED.value, turn.now, reason, None, None, "")],
        turn,
    )
    message = events.failed(
        delivery.order_id, reason=reason, attempts=delivery.attempt, at=turn.now
    )
    turn.say([(message, delivery.correlation_id)])
    turn.move("delivery", delivery.status, Delivery.Status.CANCELLED, 1)


def free(delivery_ids: Sequence[int], turn: Turn, *, held_by: str = "") -> None:
    """Have deliveries that were not picked up wait again, for staff alone when they are held."""
    waiting = Delivery.Status.AWAITING_COURIER.value
    _update(
        ("status", "courier_id", "assigned_at", "due_at", "waiting_since", "held_by"),
        [(id_, waiting, None, None, None, turn.now, held_by) for id_ in delivery_ids],
        turn,
    )
    turn.move("delivery", Delivery.Status.ASSIGNED, waiting, len(delivery_ids))


def release(delivery_ids: Sequence[int], turn: Turn) -> None:
    """Leave held deliveries to the timer again."""
    _update(("held_by",), [(id_, "") for id_ in delivery_ids], turn)


def retime(carried: Sequence[Delivery], courier: Courier, turn: Turn) -> None:
    """Have the timer take the next step after its whole time from now, or leave it to people.

    It is no move: who made the last one stays named.
    """
    takes = {
        Delivery.Status.ASSIGNED: pickup_time(),
        Delivery.Status.OUT_FOR_DELIVERY: travel_time(),
    }
    bulk.update(
        Delivery,
        "id",
        ("due_at", "updated_at"),
        [
            (d.pk, _timer(courier, turn.now + takes[Delivery.Status(d.status)]), turn.now)
            for d in carried
        ],
        using="delivery",
    )
    turn.touch(orders=(delivery.order_id for delivery in carried))


def _wait_again(steps: Sequence[Step], turn: Turn, reason: str) -> None:
    now, waiting = turn.now, Delivery.Status.AWAITING_COURIER.value
    _step_on(
        (
            "status",
            "attempt",
            "courier_id",
            "failed_courier_id",
            "waiting_since",
            "held_by",
            "failed_at",
            "failure_reason",
            "due_at",
        ),
        steps,
        lambda s: (waiting, s.attempt + 1, None, s.courier.pk, now, "", now, reason, None),
        turn,
    )


def _update(columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]], turn: Turn) -> None:
    """Write moves: a delivery's key and its new values, beside who made the move and when."""
    moved = _write(columns, rows, turn, returning=("order_id",))
    turn.touch(orders=(order_id for (order_id,) in moved))


def _step_on(
    columns: tuple[str, ...],
    steps: Sequence[Step],
    values: Callable[[Step], tuple[Any, ...]],
    turn: Turn,
) -> None:
    """Do the same to steps, whose orders are known."""
    _write(columns, [(step.delivery_id, *values(step)) for step in steps], turn)
    turn.touch(orders=(step.order_id for step in steps))


def _write(
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    turn: Turn,
    returning: tuple[str, ...] = (),
) -> list[tuple[Any, ...]]:
    return bulk.update(
        Delivery,
        "id",
        (*columns, "moved_by", "moved_at", "updated_at"),
        [(*row, turn.by, turn.now, turn.now) for row in rows],
        using="delivery",
        returning=returning,
    )


def _timer(courier: Courier, at: datetime) -> datetime | None:
    """Tell when the timer takes the next step; None when people do."""
    return at if courier.mode == Courier.Mode.AUTOMATIC else None


def _dispatched(step: Step, eta: datetime, now: datetime) -> tuple[Message, str]:
    message = events.dispatched(
        step.order_id,
        courier_id=step.courier.pk,
        courier_name=step.courier.name,
        attempt=step.attempt,
        eta=eta,
        at=now,
    )
    return message, step.correlation_id


def _delivered(step: Step, now: datetime) -> tuple[Message, str]:
    message = events.delivered(
        step.order_id, courier_id=step.courier.pk, attempt=step.attempt, at=now
    )
    return message, step.correlation_id


def _failed(step: Step, reason: str, now: datetime) -> tuple[Message, str]:
    message = events.failed(step.order_id, reason=reason, attempts=step.attempt, at=now)
    return message, step.correlation_id
