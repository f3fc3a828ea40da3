"""The timer: finds couriers, and drives for those who are simulated."""

import random
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from delivery.models import Courier, Delivery
from delivery.services import dispatch, moves
from delivery.services.moves import STEP_FIELDS, Step
from delivery.services.turns import Turn, take_turn

# Assigned, picked up, arrived: without simulated time, a delivery does it all in one tick.
ROUNDS = 4
NOBODY_HOME = "nobody opened the door"


def drive(*, now: datetime, limit: int, chance: Callable[[], float] = random.random) -> int:
    """Take the steps that are due and assign what waits; gives how many moves.

    A drive fails when `chance()`, from 0 to 1, is below `DELIVERY_FAILURE_RATE`. Several workers
    may do it at once: a row that another one holds is left to that one.
    """
    if not (due(now).only("id").first() or dispatch.couriers_wanted(now=now).exists()):
        return 0
    done = 0
    with take_turn(now=now) as turn:
        for _ in range(ROUNDS):
            before = done
            done += _take_due_steps(turn, limit - done, chance)
            done += dispatch.assign_waiting(turn, limit=limit - done)
            if done in (before, limit):
                break
    return done


def due(now: datetime) -> QuerySet[Delivery]:
    """Give the deliveries whose next step the timer is to take, the latest first."""
    # The order makes the index be used; exists() would drop it, and may read the whole table.
    return Delivery.objects.filter(due_at__lte=now).order_by("due_at")


def _take_due_steps(turn: Turn, limit: int, chance: Callable[[], float]) -> int:
    # It never waits for a lock, and so cannot deadlock.
    rows = list(
        due(turn.now)
        .select_for_update(no_key=True, skip_locked=True)
        .values_list("status", "courier_id", *STEP_FIELDS)[:limit]
    )
    couriers = Courier.objects.in_bulk({row[1] for row in rows})
    steps: dict[str, list[Step]] = {
        Delivery.Status.ASSIGNED: [],
        Delivery.Status.OUT_FOR_DELIVERY: [],
    }
    for status, courier_id, *fields in rows:
        steps[status].append(Step(couriers[courier_id], *fields))
    moves.pick_up(steps[Delivery.Status.ASSIGNED], turn)
    _arrive(steps[Delivery.Status.OUT_FOR_DELIVERY], turn, chance)
    return len(rows)


def _arrive(steps: list[Step], turn: Turn, chance: Callable[[], float]) -> None:
    failed = [step for step in steps if chance() < settings.DELIVERY_FAILURE_RATE]
    unlucky = {step.delivery_id for step in failed}
    moves.deliver([step for step in steps if step.delivery_id not in unlucky], turn)
    moves.fail(failed, turn, reason=NOBODY_HOME)
