"""Requests about orders and dishes that are sent again with the same Idempotency-Key."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, transaction
from rest_framework.test import APIClient

from auth_grpc.authentication import TokenUser
from orders.models import KeptAnswer, MenuItem, Order, OutboxMessage, TrailEntry
from restaurant.idempotency.keys import Key
from restaurant.idempotency.running import hold, lock
from restaurant.idempotency.schema import REPLAYED
from tests.orders.people import client_of, post, user
from tests.orders.test_projection import DELIVERED, apply, event
from tests.threads import at_once

pytestmark = [
    pytest.mark.django_db(databases=["orders"], transaction=True),
    pytest.mark.usefixtures("menu"),
]
COLA = "/api/v1/menu/COLA/availability/"
MAY_86 = "orders.set_availability"


@pytest.fixture
def url(api: APIClient) -> str:
    path: str = post(api)["Location"].removeprefix("http://testserver")
    return f"{path}cancel/"


def send(client: APIClient, url: str, body: Any = None, key: str = "k1", **headers: str) -> Any:
    sent = {} if body is None else body
    return client.post(url, sent, format="json", headers={"Idempotency-Key": key, **headers})


def cancels_sent() -> int:
    return OutboxMessage.objects.filter(topic="order_cancel_requested").count()


def test_it_answers_a_repeat_as_the_first_byte_for_byte(api: APIClient, url: str):
    first = send(api, url, {"reason": "caf\u00e9"})
    again = send(api, url, {"reason": "caf\u00e9"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.content == again.content
    assert first["Content-Type"] == again["Content-Type"] == "application/json"
    assert REPLAYED not in first
    assert again[REPLAYED] == "true"
    assert cancels_sent() == 1


def test_it_answers_as_at_first_when_the_order_has_moved_on(api: APIClient, url: str):
    first = send(api, url)
    apply(event(DELIVERED, Order.objects.get()))
    again = send(api, url)
    assert (again.status_code, again.content, again[REPLAYED]) == (202, first.content, "true")
    fresh = send(api, url, key="k2")
    assert (fresh.status_code, fresh.json()["code"]) == (409, "order_ended")


def test_it_takes_a_dish_off_once_and_says_twice_that_it_was_a_change():
    cook = client_of(user(MAY_86))
    first = send(cook, COLA, {"available": False})
    MenuItem.objects.filter(sku="COLA").update(available=True)
    again = send(cook, COLA, {"available": False})
    assert first.json()["changed"] is True
    assert (again.status_code, again.content) == (200, first.content)
    assert MenuItem.objects.get(sku="COLA").available
    assert TrailEntry.objects.filter(action="take_off").count() == 1


def test_a_key_in_quotes_is_the_same_key(api: APIClient, url: str):
    first = send(api, url, key="k1")
    again = send(api, url, key='"k1"')
    assert (again.content, again[REPLAYED]) == (first.content, "true")
    assert KeptAnswer.objects.get().key == "k1"


def test_it_refuses_a_key_that_named_another_body(api: APIClient, url: str):
    send(api, url, {"reason": "one"})
    other = send(api, url, {"reason": "another"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert REPLAYED not in other
    assert cancels_sent() == 1


def test_no_body_is_the_same_as_an_empty_one(api: APIClient, url: str):
    first = api.post(url, headers={"Idempotency-Key": "k1"})
    again = send(api, url, {})
    assert (again.status_code, again[REPLAYED], again.content) == (202, "true", first.content)


def test_a_key_belongs_to_its_user_and_route(api: APIClient, url: str):
    cook, other_cook = client_of(user(MAY_86)), client_of(user(MAY_86))
    answers = [
        send(api, url),
        send(cook, COLA, {"available": False}),
        send(cook, COLA.replace("COLA", "MARGHERITA"), {"available": False}),
        send(other_cook, COLA, {"available": True}),
    ]
    assert not any(REPLAYED in answer for answer in answers)
    assert [answer.status_code for answer in answers] == [202, 200, 200, 200]
    assert KeptAnswer.objects.count() == 4


def test_without_a_key_nothing_is_kept(api: APIClient, url: str):
    assert api.post(url).status_code == 202
    assert not KeptAnswer.objects.exists()


@pytest.mark.parametrize("key", ["", "two words", '"open', "x" * 201])
def test_it_refuses_what_is_no_key(api: APIClient, url: str, key: str):
    refused = send(api, url, key=key)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_idempotency_key")
    assert cancels_sent() == 0


def test_a_refusal_is_not_kept_so_that_the_key_may_try_again(api: APIClient, url: str):
    assert send(api, url, {"why": "?"}).status_code == 400
    stranger = client_of(user())
    assert send(stranger, url).status_code == 404
    assert not KeptAnswer.objects.exists()
    good = send(api, url, {"reason": "late"})
    assert (good.status_code, REPLAYED in good) == (202, False)
    assert cancels_sent() == 1


def test_who_lost_the_right_is_not_answered_again():
    cook = user(MAY_86)
    assert send(client_of(cook), COLA, {"available": False}).status_code == 200
    former = TokenUser(
        id=cook.id,
        session_id=cook.session_id,
        roles=frozenset(),
        permissions=frozenset(),
        is_staff=True,
    )
    refused = send(client_of(former), COLA, {"available": False})
    assert (refused.status_code, REPLAYED in refused) == (403, False)


def test_a_second_request_does_not_wait_for_the_first(
    api: APIClient, url: str, customer: TokenUser
):
    with hold(Key(customer.id, f"POST {url}", "k1")):
        refused = send(api, url)
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_in_use")
        assert refused["Retry-After"] == "1"
        assert send(api, url, key="k2").status_code == 202
    assert send(api, url).status_code == 202


# On SQLite the second waits for its turn to write.
@pytest.mark.postgres
def test_it_does_not_wait_for_another_process_either(api: APIClient, url: str, customer: TokenUser):
    """Another connection's transaction has the lock, as that of another process would."""
    locked, go_on = Event(), Event()

    def first() -> None:
        with transaction.atomic(using="orders"):
            lock(Key(customer.id, f"POST {url}", "k1"), using="orders")
            locked.set()
            assert go_on.wait(30)

    def second() -> None:
        assert locked.wait(30)
        try:
            refused = send(api, url)
            assert (refused.status_code, refused["Retry-After"]) == (409, "1")
            assert cancels_sent() == 0
        finally:
            go_on.set()

    at_once(first, second)
    assert send(api, url).status_code == 202


@pytest.mark.parametrize("step", ["before", "after"])
def test_a_failure_keeps_neither_the_change_nor_the_answer(
    api: APIClient, url: str, step: str, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("gone")

    where = {"before": "_find", "after": "_keep"}[step]
    with monkeypatch.context() as broken:
        broken.setattr(f"restaurant.idempotency.keyed.{where}", fail)
        assert send(api, url).status_code == 503
    assert not Order.objects.get().cancel_requested
    assert not KeptAnswer.objects.exists()
    good = send(api, url)
    assert (good.status_code, REPLAYED in good) == (202, False)
    assert cancels_sent() == 1


def test_many_at_once_are_one(url: str, customer: TokenUser):
    answers: list[Any] = []
    ask: Callable[[], None] = lambda: answers.append(send(client_of(customer), url))  # noqa: E731
    at_once(*[ask] * 12)
    done = [answer for answer in answers if answer.status_code == 202]
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.content for answer in done}) == 1
    assert sum(REPLAYED not in answer for answer in done) == 1
    assert cancels_sent() == KeptAnswer.objects.count() == 1


def test_a_person_is_answered_again_by_a_page(api: APIClient, url: str):
    first = send(api, url)
    page = send(api, url, Accept="text/html")
    assert (page.status_code, page[REPLAYED]) == (202, "true")
    assert page["Content-Type"].startswith("text/html")
    assert first.json()["id"] in page.content.decode()


def test_the_schema_tells_of_keys():
    schema = APIClient().get("/api/schema/", headers={"Accept": "application/json"}).json()
    for path in (
        "/api/v1/orders/",
        "/api/v1/orders/{order_id}/cancel/",
        "/api/v1/menu/{sku}/availability/",
    ):
        told = schema["paths"][path]["post"]
        assert any(p["name"] == "Idempotency-Key" for p in told["parameters"])
        assert {"400", "409", "422"} <= set(told["responses"])
        good = next(told["responses"][s] for s in ("200", "201", "202") if s in told["responses"])
        assert REPLAYED in good["headers"]
