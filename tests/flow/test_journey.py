"""Orders on their way through every service, over real HTTP, gRPC, Kafka and Redis."""

import time

import pytest

from restaurant.demo.journal import STATUSES
from tests.flow.house import Guest
from tests.servers.wait import wait_until

pytestmark = pytest.mark.slow
PIZZA = ("MARGHERITA", "SIZE-M")
WAY = ["order_created", "order_accepted", "order_cooking", "order_cooked"]
ROAD = ["order_dispatched", "order_delivered"]


def types(guest: Guest, order_id: str) -> list[str]:
    return [entry["type"] for entry in guest.timeline(order_id)]


def test_it_brings_an_order_to_the_door(house, guest):
    order_id = guest.order(*PIZZA)
    delivered = guest.wait_for(order_id, "delivered")
    assert delivered["lines"][0]["name"] == "Margherita"
    assert delivered["total"] == "9.50"
    assert types(guest, order_id) == WAY + ROAD
    times = [entry["at"] for entry in guest.timeline(order_id)]
    assert times == sorted(times)


def test_it_shows_each_change_within_a_second(guest):
    order_id = guest.order(*PIZZA)
    began = time.monotonic()
    # When each status was first seen: in the database, and by way of Redis.
    stored: dict[str, float] = {}
    shown: dict[str, float] = {}
    while "delivered" not in shown:
        (listed,) = guest.call("GET", "orders/").body["results"]
        stored.setdefault(listed["status"], time.monotonic() - began)
        shown.setdefault(guest.look(order_id)["status"], time.monotonic() - began)
        assert time.monotonic() - began < 30
    for status, seen in stored.items():
        # A later status stands for those that it overtook.
        later = STATUSES[STATUSES.index(status) : STATUSES.index("delivered") + 1]
        assert min(shown[s] for s in later if s in shown) - seen < 1


def test_it_cancels_what_is_not_cooked_yet(guest):
    order_id = guest.order(*PIZZA)
    answer = guest.call("POST", f"orders/{order_id}/cancel/", {"reason": "changed my mind"})
    assert answer.status == 202
    assert answer.body["cancel_requested"] is True
    guest.wait_for(order_id, "cancelled")
    assert "order_cancelled" in types(guest, order_id)
    assert "order_cooked" not in types(guest, order_id)


def test_it_refuses_to_cancel_what_is_cooked_and_says_why(guest):
    order_id = guest.order(*PIZZA)
    guest.wait_for(order_id, "cooked")
    assert guest.call("POST", f"orders/{order_id}/cancel/", {}).status == 202
    guest.wait_for(order_id, "delivered")
    assert not guest.look(order_id)["cancel_requested"]
    (refusal,) = [e for e in guest.timeline(order_id) if e["type"] == "order_cancel_rejected"]
    assert refusal["detail"]["reason"] == "already cooked"
    assert guest.call("POST", f"orders/{order_id}/cancel/", {}).status == 409


def test_it_refuses_a_dish_from_the_moment_it_is_86d(house, guest):
    sold_out = "from orders.services import set_availability; set_availability({})"
    house.shell(sold_out.format("sku='MARINARA', available=False"))
    answer = guest.post_order("MARINARA", "SIZE-M")
    assert answer.status == 422 or answer.status == 400
    assert answer.body["errors"][0]["code"] == "unavailable"
    assert guest.call("GET", "orders/").body["results"] == []
    house.shell(sold_out.format("sku='MARINARA', available=True"))
    guest.order("MARINARA", "SIZE-M")


def test_it_hides_an_order_from_others(house, guest):
    order_id = guest.order(*PIZZA)
    other = house.guest()
    for method, path in [
        ("GET", ""),
        ("GET", "timeline/"),
        ("POST", "cancel/"),
    ]:
        answer = other.call(method, f"orders/{order_id}/{path}", {} if method == "POST" else None)
        assert answer.status == 404
    assert guest.look(order_id)["cancel_requested"] is False


def test_it_ends_with_clean_books(house, guest):
    ids = [guest.order(*PIZZA) for _ in range(10)]
    for order_id in ids:
        guest.wait_for(order_id, "delivered")
    assert wait_until(lambda: house.audit() == [], seconds=10)
