"""The steps of a delivery: what the clock and staff share. Callers hold the locks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from delivery import events
from delivery.models import Courier, Delivery
from restaurant import bulk
from restaurant.messaging import outbox
from restaurant.messaging.outbox import Outgoing

STEP_FIELDS = ("id", "order_id", "attempt", "correlation_id")


class Step(NamedTuple):
    """A delivery that moves on, with the courier who carries it."""

    courier: Courier
    # As STEP_FIELDS.
    delivery_id: int
    order_id: UUID
    attempt: int
    correlation_id: str


def assign(pairs: Sequence[tuple[int, Courier]], *, now: datetime) -> None:
    """Give deliveries, found by key, to couriers."""
    pickup = now + timedelta(seconds=settings.DELIVERY_PICKUP_SECONDS / settings.SIMULATION_SPEED)
    assigned = Delivery.Status.ASSIGNED.value
    bulk.update(
        Delivery,
        "id",
        ("status", "courier_id", "waiting_since", "assigned_at", "due_at", "updated_at"),
        [
            (delivery_id, assigned, courier.pk, None, now, _timer(courier, pickup), now)
            for delivery_id, courier in pairs
        ],
        using="delivery",
    )


def pick_up(steps: Sequence[Step], *, now: datetime) -> None:
    """Send couriers on the road."""
    eta = now + timedelta(seconds=settings.DELIVERY_TRAVEL_SECONDS / settings.SIMULATION_SPEED)
    out = Delivery.Status.OUT_FOR_DELIVERY.value
    bulk.update(
        Delivery,
        "id",
        ("status", "dispatched_at", "due_at", "updated_at"),
        [(s.delivery_id, out, now, _timer(s.courier, eta), now) for s in steps],
        using="delivery",
    )
    outbox.add("delivery", [_dispatched(step, eta, now) for step in steps], now=now)


def deliver(steps: Sequence[Step], *, now: datetime) -> None:
    """Hand orders over."""
    bulk.update(
        Delivery,
        "id",
        ("status", "delivered_at", "due_at", "updated_at"),
        [(s.delivery_id, Delivery.Status.DELIVERED.value, now, None, now) for s in steps],
        using="delivery",
    )
    outbox.add("delivery", [_delivered(step, now) for step in steps], now=now)


def fail(steps: Sequence[Step], *, reason: str, now: datetime) -> None:
    """Note failed attempts: the first is tried again by another courier, the last ends it."""
    last = [step for step in steps if step.attempt >= Delivery.MAX_ATTEMPTS]
    bulk.update(
        Delivery,
        "id",
        ("status", "failed_at", "failure_reason", "due_at", "updated_at"),
        [(s.delivery_id, Delivery.Status.FAILED.value, now, reason, None, now) for s in last],
        using="delivery",
    )
    outbox.add("delivery", [_failed(step, reason, now) for step in last], now=now)
    _wait_again([step for step in steps if step.attempt < Delivery.MAX_ATTEMPTS], reason, now)


def cancel(delivery: Delivery, *, reason: str, now: datetime) -> None:
    """Give a delivery up; its order ends as one that could not be delivered."""
    delivery.status, delivery.failure_reason = Delivery.Status.CANCELLED, reason
    delivery.due_at = delivery.waiting_since = None
    delivery.failed_at = delivery.updated_at = now
    delivery.save()
    message = events.failed(delivery.order_id, reason=reason, attempts=delivery.attempt, at=now)
    outbox.add("delivery", [Outgoing(message, delivery.correlation_id)], now=now)


def _wait_again(steps: Sequence[Step], reason: str, now: datetime) -> None:
    waiting = Delivery.Status.AWAITING_COURIER.value
    bulk.update(
        Delivery,
        "id",
        (
            "status",
            "attempt",
            "courier_id",
            "failed_courier_id",
            "waiting_since",
            "failed_at",
            "failure_reason",
            "due_at",
            "updated_at",
        ),
        [
            (s.delivery_id, waiting, s.attempt + 1, None, s.courier.pk, now, now, reason, None, now)
            for s in steps
        ],
        using="delivery",
    )


def _timer(courier: Courier, at: datetime) -> datetime | None:
    """Tell when the timer takes the next step; None when people do."""
    return at if courier.mode == Courier.Mode.AUTOMATIC else None


def _dispatched(step: Step, eta: datetime, now: datetime) -> Outgoing:
    message = events.dispatched(
        step.order_id,
        courier_id=step.courier.pk,
        courier_name=step.courier.name,
        attempt=step.attempt,
        eta=eta,
        at=now,
    )
    return Outgoing(message, step.correlation_id)


def _delivered(step: Step, now: datetime) -> Outgoing:
    message = events.delivered(
        step.order_id, courier_id=step.courier.pk, attempt=step.attempt, at=now
    )
    return Outgoing(message, step.correlation_id)


def _failed(step: Step, reason: str, now: datetime) -> Outgoing:
    message = events.failed(step.order_id, reason=reason, attempts=step.attempt, at=now)
    return Outgoing(message, step.correlation_id)
