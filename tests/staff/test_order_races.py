"""How an order and the wish to cancel it met, told in words on its page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kitchen import services as kitchen
from kitchen.models import KitchenOrder, Station, Ticket
from orders import services
from orders.models import Order, TimelineEntry
from restaurant.messaging.models import outbox_of
from tests.staff import rows, town
from tests.staff.order_ground import DATABASES, an_hour_ago, client_of, cooked, look

pytestmark = pytest.mark.django_db(databases=DATABASES)


@pytest.fixture
def boss() -> Client:
    return client_of("boss")


def ask(order: Order, **fields: object) -> None:
    given = {"requested_by": order.customer_id, "reason": "too slow", **fields}
    services.request_cancel(public_id=order.public_id, **given)  # type: ignore[arg-type]


def ask_at(order: Order, seconds: float) -> None:
    """Have the wish lie so long before, or after, the last ticket was done."""
    done = Ticket.objects.latest("done_at").done_at
    assert done is not None
    asked_at = done + timedelta(seconds=seconds)
    TimelineEntry.objects.filter(type="order_cancel_requested").update(at=asked_at)
    outbox_of("orders").objects.filter(topic="order_cancel_requested").update(created_at=asked_at)


def test_it_tells_of_no_race_where_nobody_asked(boss: Client) -> None:
    page = look(boss, cooked(an_hour_ago()))
    assert "asked to cancel" not in page
    assert "Nobody" not in page


def test_it_tells_that_the_cancel_came_in_time(boss: Client) -> None:
    rows.station(1, code="oven", mode=Station.Mode.MANUAL)
    order = town.place(2, now=an_hour_ago())
    town.run(now=an_hour_ago())
    ask(order)
    page = look(boss, order)
    assert "The customer asked to cancel it at" in page
    assert "the kitchen has not answered yet." in page
    town.run(now=timezone.now() + timedelta(seconds=2))
    page = look(boss, order)
    assert "The customer asked to cancel it." in page
    assert "while 1 of 1 ticket was not done: the kitchen cancelled it, " in page
    assert "Cancelled “too slow”" in page


def test_it_tells_that_the_cancel_came_after_the_last_ticket(boss: Client) -> None:
    order = cooked(an_hour_ago())
    town.ask_unheard(order, reason="too slow")
    town.run(now=timezone.now(), steps=1)
    ask_at(order, 1.2)
    page = look(boss, order)
    assert "The cancel came 1.2 s after the last ticket was done" in page
    assert "rejected because it was already cooked." in page
    assert "Cancel refused" in page


def test_it_tells_that_the_cancel_was_overtaken_by_the_last_ticket(boss: Client) -> None:
    order = cooked(an_hour_ago())
    town.ask_unheard(order, reason="too slow")
    town.run(now=timezone.now(), steps=1)
    ask_at(order, -1.2)
    page = look(boss, order)
    assert "It was asked 1.2 s before the last ticket was done, but reached the kitchen" in page
    assert "after: rejected because it was already cooked." in page


def test_it_tells_that_the_cancel_overtook_its_order(boss: Client) -> None:
    rows.station(1, code="oven")
    order = town.place(1, now=an_hour_ago())
    created = outbox_of("orders").objects.get()
    created.published_at = an_hour_ago()
    created.save()
    ask(order)
    town.carry(now=an_hour_ago())
    assert KitchenOrder.objects.get().number is None
    assert "The cancel overtook the order" in look(boss, order)
    # The order arrives after all, and is not cooked.
    outbox_of("orders").objects.filter(pk=created.pk).update(published_at=None)
    town.run(now=timezone.now())
    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    page = look(boss, order)
    assert "The cancel overtook the order" in page
    assert "No tickets: the kitchen does not cook it." in page


def test_it_tells_of_each_wish_its_own_answer(boss: Client) -> None:
    order = cooked(an_hour_ago())
    for _time in range(2):
        town.ask_unheard(order, requested_by=order.public_id)
        town.run(now=timezone.now(), steps=1)
        order.refresh_from_db()
    page = look(boss, order)
    assert page.count("Staff asked to cancel it. The cancel came") == 2


def test_it_tells_that_the_kitchen_cancelled_by_itself(boss: Client) -> None:
    rows.station(1, code="oven", mode=Station.Mode.MANUAL)
    order = town.place(2, now=an_hour_ago())
    town.run(now=an_hour_ago())
    kitchen.cancel_order(order_id=order.public_id, reason="no more dough", now=timezone.now())
    town.run(now=timezone.now())
    page = look(boss, order)
    assert "Nobody asked to cancel it: the kitchen did" in page
    assert "cancelled: no more dough" in page
