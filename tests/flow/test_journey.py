"""Orders on their way through every service, over real HTTP, gRPC, Kafka and Redis."""

import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
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


def test_it_is_followed_to_the_door_by_a_stream(house, guest):
    order_id = guest.order(*PIZZA)
    told = list(streamed(house.up.url, guest, order_id))
    assert [number for number, _ in told] == list(range(1, len(told) + 1))
    # As orders took it in: topics do not wait for each other, and what is late is not waited for.
    assert {"order_created", "order_delivered"} <= {type_ for _, type_ in told} <= {*WAY, *ROAD}


def test_it_is_followed_to_the_door_by_who_cannot_stream(house, guest):
    order_id = guest.order(*PIZZA)
    told: list[dict[str, Any]] = []
    answers = 0
    while not told or told[-1]["order_status"] != "delivered":
        path = f"/api/v1/orders/{order_id}/events/?wait=20&after={len(told)}"
        told += followed(f"{house.up.url}{path}", guest).json()
        answers += 1
        assert answers <= len(WAY + ROAD)
    assert [event["sequence"] for event in told] == list(range(1, len(told) + 1))
    assert {event["type"] for event in told} <= {*WAY, *ROAD}


def followed(url: str, guest: Guest, **headers: str) -> httpx.Response:
    """Ask, and where it is said to ask elsewhere, there: a client drops its token on the way."""
    headers["Authorization"] = f"Bearer {guest.token}"
    answer = httpx.get(url, headers=headers, timeout=30)
    if answer.status_code == 307:
        answer = httpx.get(answer.headers["Location"], headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer


def streamed(url: str, guest: Guest, order_id: str) -> Iterator[tuple[int, str]]:
    """Give number and type of each event, until the stream ends by itself."""
    path = f"/api/v1/orders/{order_id}/events/"
    whole = followed(f"{url}{path}", guest, Accept="text/event-stream").text
    assert whole.endswith('event: end\ndata: {"why":"finished"}\n\n')
    for type_, number in re.findall(r"event: (\w+)\nid: (\d+)\n", whole):
        yield int(number), type_


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


def test_it_refuses_at_once_to_cancel_what_is_known_to_be_cooked(guest):
    order_id = guest.order(*PIZZA)
    guest.wait_for(order_id, "cooked")
    late = guest.call("POST", f"orders/{order_id}/cancel/", {})
    assert (late.status, late.body["code"]) == (409, "order_cooked")
    assert not guest.look(order_id)["cancel_requested"]
    guest.wait_for(order_id, "delivered")
    late = guest.call("POST", f"orders/{order_id}/cancel/", {})
    assert (late.status, late.body["code"]) == (409, "order_ended")
    assert types(guest, order_id) == WAY + ROAD


def test_the_kitchen_refuses_to_cancel_what_it_has_just_cooked_and_says_why(whole, guest):
    order_id = guest.order(*PIZZA)
    guest.wait_for(order_id, "cooking")
    kitchen = f"KitchenOrder.objects.get(order_id='{order_id}').status"
    code = f"from kitchen.models import KitchenOrder; print({kitchen})"
    # Orders does not hear of it before it is asked.
    with whole.asleep("orders"):
        assert wait_until(lambda: whole.house.shell(code) == "cooked", seconds=30)
        asked = guest.call("POST", f"orders/{order_id}/cancel/", {})
    assert (asked.status, asked.body["cancel_requested"]) == (202, True)
    wait_until(lambda: "order_cancel_rejected" in types(guest, order_id), seconds=30)
    guest.wait_for(order_id, "delivered")
    assert not guest.look(order_id)["cancel_requested"]
    (refusal,) = [e for e in guest.timeline(order_id) if e["type"] == "order_cancel_rejected"]
    assert refusal["detail"] == {"reason": "already cooked", "code": "already_cooked"}


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
