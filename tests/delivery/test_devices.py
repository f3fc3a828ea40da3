"""Couriers' own devices, and dispatch by the API: what they see, press and are told."""

import uuid
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from delivery import services
from delivery.models import Courier, Delivery, OutboxMessage, TrailEntry
from tests.delivery.ground import NOW, carriers, courier, notices, plan_one, sent, sent_names, tick
from tests.delivery.test_api import client_with
from tests.orders.people import client_of, user

pytestmark = pytest.mark.django_db(databases=["delivery"])
DELIVERIES, ME = "/api/v1/delivery/deliveries/", "/api/v1/delivery/couriers/me/"
CARRY = "delivery.carry_delivery"
PRESSES = ["picked-up", "delivered", "failed"]
WHY = {"reason": "nobody opened the door"}
# Statements of a press by a courier: who it is, what it is about, then as staff's.
COST = {"picked-up": 9, "delivered": 9}


def courier_with_device(name: str = "Ada", **fields: Any) -> tuple[Courier, APIClient]:
    account = user(CARRY)
    made = courier(name, user_id=account.id, mode=Courier.Mode.MANUAL, **fields)
    return made, client_of(account)


@pytest.fixture
def ada() -> tuple[Courier, APIClient]:
    return courier_with_device()


@pytest.fixture
def device(ada: tuple[Courier, APIClient]) -> APIClient:
    return ada[1]


@pytest.fixture
def delivery(ada: tuple[Courier, APIClient]) -> Delivery:
    """A delivery that Ada has to pick up."""
    planned = plan_one(number=7)
    tick()
    return Delivery.objects.get(pk=planned.pk)


def press(client: APIClient, delivery: Delivery, move: str, body: Any = None) -> Any:
    body = WHY if move == "failed" and body is None else body
    return client.post(f"{DELIVERIES}{delivery.order_id}/{move}/", body, format="json")


def status_of(response: Any) -> str:
    assert response.status_code == 200, response.json()
    return str(response.json()["status"])


def refusal(response: Any, status: int = 409) -> tuple[str, str]:
    assert response.status_code == status, response.json()
    assert response["Content-Type"] == "application/problem+json"
    return response.json()["code"], response.json()["detail"]


def everything() -> list[Any]:
    models = (Delivery, Courier, OutboxMessage, TrailEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_it_brings_a_delivery_to_the_door(device: APIClient, delivery: Delivery) -> None:
    assert status_of(press(device, delivery, "picked-up")) == "out_for_delivery"
    delivered = press(device, delivery, "delivered", {})
    assert status_of(delivered) == "delivered"
    assert delivered.json() == device.get(f"{DELIVERIES}{delivery.order_id}/").json()
    assert sent_names() == ["OrderDispatched", "OrderDelivered"]
    assert all(notice.order_ids == [str(delivery.order_id)] for notice in notices()[-2:])


def test_it_tells_colleagues_the_couriers_name(device: APIClient, delivery: Delivery) -> None:
    press(device, delivery, "picked-up")
    assert Delivery.objects.get().moved_by == "Ada"


def test_it_has_a_first_failure_tried_again_and_a_second_end_it(
    device: APIClient, delivery: Delivery
) -> None:
    press(device, delivery, "picked-up")
    failed = press(device, delivery, "failed", {"reason": "  nobody at home "})
    assert status_of(failed) == "awaiting_courier"
    assert (failed.json()["attempt"], failed.json()["failure_reason"]) == (2, "nobody at home")
    assert failed.json()["courier_id"] is None
    assert sent_names() == ["OrderDispatched"]

    tick(timezone.now())
    assert press(device, delivery, "picked-up").status_code == 200
    assert status_of(press(device, delivery, "failed")) == "failed"
    assert (sent()[-1].reason, sent()[-1].attempts) == (WHY["reason"], 2)


@pytest.mark.parametrize(
    ("move", "before", "code", "told"),
    [
        ("picked-up", ["picked-up"], "delivery_not_assigned", "Ada left with it"),
        ("delivered", [], "delivery_not_out_for_delivery", "gave it to Ada"),
        (
            "delivered",
            ["picked-up", "delivered"],
            "delivery_not_out_for_delivery",
            "Ada marked it as delivered",
        ),
        (
            "failed",
            ["picked-up", "failed"],
            "delivery_not_out_for_delivery",
            "Ada marked it as failed",
        ),
        ("failed", ["picked-up", "delivered"], "delivery_not_out_for_delivery", "as delivered"),
    ],
)
def test_it_names_the_state_to_who_presses_twice_and_changes_nothing(
    device: APIClient, delivery: Delivery, move: str, before: list[str], code: str, told: str
) -> None:
    for each in before:
        assert press(device, delivery, each).status_code == 200
    was = everything()
    found, detail = refusal(press(device, delivery, move))
    assert found == code
    assert detail.startswith("#7: ")
    assert told in detail
    assert detail.endswith("Read the delivery again, and show it as it is.")
    assert everything() == was


def test_it_shows_a_courier_their_own_alone(device: APIClient, delivery: Delivery) -> None:
    _bob, other = courier_with_device("Bob")
    waiting = plan_one(number=8)
    assert [row["number"] for row in device.get(DELIVERIES).json()["results"]] == [7]
    assert other.get(DELIVERIES).json()["results"] == []
    assert other.get(DELIVERIES, {"courier": str(delivery.courier_id)}).json()["results"] == []
    assert device.get(f"{DELIVERIES}{delivery.order_id}/").status_code == 200
    for client, hidden in [(other, delivery), (device, waiting)]:
        assert client.get(f"{DELIVERIES}{hidden.order_id}/").status_code == 404


@pytest.mark.parametrize("move", PRESSES)
def test_it_knows_no_delivery_of_others(delivery: Delivery, move: str) -> None:
    _bob, other = courier_with_device("Bob")
    was = everything()
    absent = Delivery(order_id=uuid.UUID(int=1))
    answers = [press(other, each, move) for each in (delivery, absent)]
    assert [refusal(answer, 404)[0] for answer in answers] == ["not_found"] * 2
    assert answers[0].json()["detail"] == answers[1].json()["detail"]
    assert everything() == was


def test_it_takes_a_delivery_out_of_the_hands_of_who_has_it_no_more(
    ada: tuple[Courier, APIClient], delivery: Delivery
) -> None:
    bob, other = courier_with_device("Bob")
    services.assign(delivery_id=delivery.pk, courier_id=bob.pk, now=NOW, by="Dora")
    assert press(ada[1], delivery, "picked-up").status_code == 404
    assert ada[1].get(f"{DELIVERIES}{delivery.order_id}/").status_code == 404
    assert status_of(press(other, delivery, "picked-up")) == "out_for_delivery"


def test_it_tells_who_failed_what_became_of_it(device: APIClient, delivery: Delivery) -> None:
    press(device, delivery, "picked-up")
    press(device, delivery, "failed")
    address = f"{DELIVERIES}{delivery.order_id}/"
    assert device.get(address).json()["status"] == "awaiting_courier"
    courier_with_device("Bob")
    tick(timezone.now())
    assert carriers() == ["Bob"]
    assert device.get(address).json()["courier_name"] == "Bob"
    assert device.get(DELIVERIES).json()["results"] == []


@pytest.mark.parametrize("move", PRESSES)
def test_it_lets_who_failed_move_nothing_of_somebody_else(
    device: APIClient, delivery: Delivery, move: str
) -> None:
    press(device, delivery, "picked-up")
    press(device, delivery, "failed")
    _bob, other = courier_with_device("Bob")
    tick(timezone.now())
    if move != "picked-up":
        press(other, delivery, "picked-up")
    was = everything()
    code, detail = refusal(press(device, delivery, move))
    needed = "assigned" if move == "picked-up" else "out_for_delivery"
    assert code == f"delivery_not_{needed}"
    assert "Bob" in detail
    assert everything() == was


@pytest.mark.parametrize("move", PRESSES)
def test_it_lets_press_only_couriers_and_who_may(delivery: Delivery, move: str) -> None:
    was = everything()
    assert press(APIClient(), delivery, move).status_code == 401
    for rights in [(), ("delivery.view_delivery",), ("delivery.change_courier",)]:
        assert refusal(press(client_with(*rights), delivery, move), 403)[0] == "permission_denied"
    # Of the role, and no courier of that account.
    code, detail = refusal(press(client_with(CARRY), delivery, move), 403)
    assert code == "not_a_courier"
    assert "Have dispatch enter your account's e-mail" in detail
    assert everything() == was


def test_it_lets_dispatch_move_what_others_carry(delivery: Delivery) -> None:
    dispatch = client_with("delivery.change_delivery")
    assert status_of(press(dispatch, delivery, "picked-up")) == "out_for_delivery"
    assert status_of(press(dispatch, delivery, "delivered")) == "delivered"
    assert refusal(press(dispatch, delivery, "delivered"))[0] == "delivery_not_out_for_delivery"
    absent = Delivery(order_id=uuid.UUID(int=1))
    assert refusal(press(dispatch, absent, "delivered"), 404)[0] == "not_found"


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/reason", "required"),
        ({"reason": ""}, "/reason", "blank"),
        ({"reason": " \n"}, "/reason", "blank"),
        ({"reason": "x" * 201}, "/reason", "too_long"),
        ({"reason": None}, "/reason", "null"),
        ({"reason": "\x1b[31m"}, "/reason", "bad_text"),
        ({"reason": "wet", "by": "Bob"}, "/by", "unknown_field"),
        ([], "", "wrong_type"),
    ],
)
def test_it_asks_why_a_delivery_failed(
    device: APIClient, delivery: Delivery, body: Any, pointer: str, code: str
) -> None:
    press(device, delivery, "picked-up")
    was = everything()
    response = press(device, delivery, "failed", body)
    assert refusal(response, 400)[0] == "invalid"
    (error,) = response.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)
    assert everything() == was


@pytest.mark.parametrize("move", ["picked-up", "delivered"])
def test_it_takes_nothing_else_with_the_other_presses(
    device: APIClient, delivery: Delivery, move: str
) -> None:
    assert refusal(press(device, delivery, move, {"reason": "?"}), 400)[0] == "invalid"
    assert Delivery.objects.get().status == "assigned"


@pytest.mark.parametrize("move", PRESSES)
def test_it_is_pressed_by_post_alone(device: APIClient, delivery: Delivery, move: str) -> None:
    for method in ("get", "put", "patch", "delete"):
        response = getattr(device, method)(f"{DELIVERIES}{delivery.order_id}/{move}/")
        assert response.status_code == 405
    assert Delivery.objects.get().status == "assigned"


def test_it_records_who_pressed_by_the_api_and_why(device: APIClient, delivery: Delivery) -> None:
    press(device, delivery, "picked-up")
    press(device, delivery, "failed")
    assert press(device, delivery, "failed").status_code == 409
    picked, failed = TrailEntry.objects.order_by("id")
    assert (picked.action, picked.via) == ("pick_up", "api")
    assert (failed.action, failed.reason) == ("fail", WHY["reason"])
    assert failed.actor_id == Courier.objects.get().user_id
    assert (failed.object_type, failed.object_id) == ("delivery.delivery", str(delivery.pk))


def test_it_shows_a_courier_themselves_with_what_they_carry(
    ada: tuple[Courier, APIClient], delivery: Delivery
) -> None:
    me = ada[1].get(ME).json()
    assert (me["id"], me["name"], me["load"]) == (str(ada[0].pk), "Ada", 1)
    assert (me["on_shift"], me["user_id"]) == (True, str(ada[0].user_id))


def test_it_starts_and_ends_a_couriers_own_shift(
    ada: tuple[Courier, APIClient], delivery: Delivery
) -> None:
    courier_with_device("Bob", on_shift=False)
    ended = ada[1].post(f"{ME}end-shift/")
    assert (ended.status_code, ended.json()["on_shift"], ended.json()["load"]) == (200, False, 0)
    assert Delivery.objects.get().status == "awaiting_courier"
    was = everything()
    again = ada[1].post(f"{ME}end-shift/")
    assert (again.status_code, again.json()) == (200, ended.json())
    assert everything() == was

    started = ada[1].post(f"{ME}start-shift/", {}, format="json")
    assert (started.status_code, started.json()["on_shift"]) == (200, True)
    was = everything()
    again = ada[1].post(f"{ME}start-shift/")
    assert (again.status_code, again.json()) == (200, started.json())
    assert everything() == was
    assert [(e.action, e.via, e.object_name) for e in TrailEntry.objects.order_by("id")] == [
        *[("end_shift", "api", "Ada"), ("end_shift", "api", "#7")],
        ("start_shift", "api", "Ada"),
    ]
    assert Courier.objects.get(name="Bob").on_shift is False


@pytest.mark.parametrize("move", ["start-shift", "end-shift"])
def test_it_changes_nobodys_shift_for_who_is_no_courier(move: str) -> None:
    courier()
    was = everything()
    assert APIClient().post(f"{ME}{move}/").status_code == 401
    dispatch = client_with("delivery.change_courier", "delivery.view_courier")
    assert refusal(dispatch.post(f"{ME}{move}/"), 403)[0] == "permission_denied"
    assert refusal(client_with(CARRY).post(f"{ME}{move}/"), 403)[0] == "not_a_courier"
    body = {"on_shift": False}
    _made, device = courier_with_device("Bob", on_shift=move == "end-shift")
    assert refusal(device.post(f"{ME}{move}/", body, format="json"), 400)[0] == "invalid"
    Courier.objects.get(name="Bob").delete()
    assert everything() == was


def test_it_shows_nothing_to_a_courier_without_a_row(delivery: Delivery) -> None:
    unlinked = client_with(CARRY)
    for path in (DELIVERIES, f"{DELIVERIES}{delivery.order_id}/", ME):
        assert refusal(unlinked.get(path), 403)[0] == "not_a_courier"


def test_it_shows_couriers_no_list_of_couriers(device: APIClient) -> None:
    assert device.get("/api/v1/delivery/couriers/").status_code == 403
    own = Courier.objects.get()
    assert device.get(f"/api/v1/delivery/couriers/{own.pk}/").status_code == 403


def test_it_asks_the_database_no_more_often_for_many_deliveries(
    device: APIClient, delivery: Delivery
) -> None:
    def cost(each: Delivery, move: str) -> int:
        with CaptureQueriesContext(connections["delivery"]) as queries:
            assert press(device, each, move).status_code == 200
        return len([q for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))])

    def listing() -> int:
        with CaptureQueriesContext(connections["delivery"]) as queries:
            assert device.get(DELIVERIES).status_code == 200
        return len(queries)

    costs, listed = {move: cost(delivery, move) for move in COST}, listing()
    for number in range(20):
        plan_one(number)
    tick()
    another = Delivery.objects.filter(status="assigned").earliest("id")
    assert ({move: cost(another, move) for move in COST}, listing()) == (costs, listed)
    assert (costs, listed) == (COST, 2)
