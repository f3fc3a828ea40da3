"""How things stand now."""

from datetime import timedelta

import pytest
from django.test import Client

from orders.models import Order, RefusalCount
from restaurant.staff.dashboard import now
from tests.staff import rows
from tests.staff.dashboard.ground import NOW, PAGE, texts

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.usefixtures("at_noon"),
]


def test_it_counts_what_is_in_flight_by_status(manager: Client) -> None:
    for number, status in enumerate(["placed", "cooking", "cooking", "delivered"], 1):
        rank = Order.Status(status).rank
        rows.order(number, status=status, status_rank=rank, updated_at=NOW)
    flight = now.look(now=NOW).flight
    assert flight is not None
    assert flight.total == 3
    assert flight.by_status[Order.Status.COOKING] == 2
    assert flight.late_count == 0


def test_it_names_late_orders_and_why_though_no_watchdog_runs(manager: Client) -> None:
    stuck = rows.order(1, updated_at=NOW - timedelta(hours=3), created_at=NOW)
    rows.order(2, updated_at=NOW, created_at=NOW)
    flight = now.look(now=NOW).flight
    assert flight is not None
    assert [late.order for late in flight.late] == [stuck]
    assert flight.late[0].reason == "the kitchen has not heard of it"
    assert f"#{stuck.pk}" in texts(manager.get(PAGE))


def test_it_shows_the_oldest_wait_of_each_station() -> None:
    busy, idle = rows.station(1, name="Grill"), rows.station(2, name="Bar")
    for minutes in (3, 20):
        rows.ticket(minutes, at=busy, queued_at=NOW - timedelta(minutes=minutes))
    rows.ticket(9, at=idle, status="done", queued_at=NOW - timedelta(hours=5), done_at=NOW)
    queues = {queue.station.name: queue for queue in now.look(now=NOW).queues or []}
    assert (queues["Grill"].queued, queues["Grill"].oldest) == (2, NOW - timedelta(minutes=20))
    assert queues["Grill"].pace == "late"
    assert (queues["Bar"].queued, queues["Bar"].oldest, queues["Bar"].pace) == (0, None, "")


def test_it_shows_who_is_on_the_road() -> None:
    ana, ben = rows.courier(1, name="Ana"), rows.courier(2, name="Ben")
    rows.courier(3, name="Cid", on_shift=False)
    rows.delivery(1, status="out_for_delivery", courier=ana, dispatched_at=NOW)
    rows.delivery(2, status="assigned", courier=ben)
    rows.delivery(3, status="awaiting_courier", waiting_since=NOW - timedelta(minutes=4))
    road = now.look(now=NOW).road
    assert road is not None
    assert [ride.courier for ride in road.out] == [ana]
    assert [ride.courier for ride in road.rides] == [ana, ben]
    assert (road.waiting, road.oldest_waiting) == (1, NOW - timedelta(minutes=4))


def test_it_counts_refusals_of_the_last_hour_and_of_today() -> None:
    noon = NOW.replace(minute=0, second=0)
    for minutes, code in ((15, "blank"), (-30, "unknown_sku"), (-600, "blank"), (-900, "blank")):
        RefusalCount.objects.create(at=noon + timedelta(minutes=minutes), code=code, count=2)
    refused = now.look(now=NOW).refused
    assert refused is not None
    assert refused.lately == {"blank": 2, "unknown_sku": 2}
    assert refused.today == {"blank": 4, "unknown_sku": 2}
