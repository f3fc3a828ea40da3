"""What staff change over the HTTP API is recorded; what customers ask for is in the timeline."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from orders.models import MenuItem, Order
from tests.orders.people import client_of, user
from tests.staff import rows
from tests.trail.entries import DATABASES, entries, only

pytestmark = pytest.mark.django_db(databases=DATABASES)


def send(client: APIClient, url: str, **body: Any) -> int:
    return int(client.post(f"/api/v1/{url}", body, format="json").status_code)


def test_it_records_that_a_dish_was_taken_off_and_put_back() -> None:
    item, cook = rows.menu_item(1), user("orders.set_availability")
    client = client_of(cook)
    for available in (False, False, True):
        assert send(client, f"menu/{item.sku}/availability/", available=available) == 200
    off, back = entries()
    assert (off.action, off.before, off.after) == (
        "take_off",
        {"available": True},
        {"available": False},
    )
    assert (back.action, back.via, back.actor_id) == ("put_back", "api", cook.id)
    assert back.object_name == "Margherita"


def test_it_records_who_of_staff_asked_to_cancel_an_order() -> None:
    order = rows.order(1)
    rows.order_line(1, of=order)
    client = client_of(user("orders.view_order", "orders.change_order"))
    assert send(client, f"orders/{order.public_id}/cancel/", reason="no dough") == 202
    assert only().action == "request_cancel"
    assert (only().after["cancel_requested"], only().reason) == (True, "no dough")
    assert send(client, f"orders/{order.public_id}/cancel/") == 202
    assert len(entries()) == 1


def test_what_a_customer_asks_for_is_in_the_timeline_alone() -> None:
    customer = user()
    order = rows.order(1, customer_id=customer.id)
    assert send(client_of(customer), f"orders/{order.public_id}/cancel/") == 202
    assert entries() == []
    assert Order.objects.get().timeline.filter(type="order_cancel_requested").exists()


def test_what_is_refused_leaves_no_entry() -> None:
    item, order = rows.menu_item(1), rows.order(1, status="delivered", status_rank=100)
    staff = client_of(user("orders.view_order", "orders.change_order"))
    assert send(staff, f"menu/{item.sku}/availability/", available=False) == 403
    assert send(staff, f"orders/{order.public_id}/cancel/") == 409
    assert entries() == []
    assert MenuItem.objects.get().available
