"""Placing orders."""

import json
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from django.db import OperationalError, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from auth_grpc.authentication import TokenUser
from orders import intake, placing, services
from orders.menu import compiled
from orders.models import (
    IdempotencyKey,
    MenuItem,
    Order,
    OrderLine,
    OutboxMessage,
    TimelineEntry,
)
from orders.placing import Draft, Placed, Repeated
from orders.pricing import price
from orders.requests import OrderRequest
from proto import orders_pb2
from restaurant import money
from restaurant.idempotency.schema import REPLAYED
from tests.orders.people import ORDER, client_of, post, user

pytestmark = [
    pytest.mark.django_db(databases=["orders"], transaction=True),
    pytest.mark.usefixtures("menu"),
]


def test_it_places_an_order_at_the_servers_prices(api: APIClient, customer: TokenUser):
    response = post(api)
    assert response.status_code == 201
    body = response.json()
    assert list(body) == [
        "id",
        "number",
        "status",
        "cancel_requested",
        "currency",
        "total",
        "lines",
        "address",
        "note",
        "created_at",
        "updated_at",
    ]
    assert response["Location"] == f"http://testserver/api/v1/orders/{body['id']}/"
    assert uuid.UUID(body["id"]).version == 7
    assert (body["status"], body["cancel_requested"]) == ("placed", False)
    assert (body["currency"], body["total"]) == ("EUR", "27.80")
    assert body["lines"][0] == {
        "sku": "MARGHERITA",
        "name": "Margherita",
        "quantity": 2,
        "options": [{"sku": "SIZE-L", "name": "Large", "group": "Size", "price": "3.00"}],
        "unit_price": "12.50",
        "total": "25.00",
        "note": "no basil",
    }
    assert body["created_at"] == body["updated_at"]
    assert body["created_at"].endswith("Z")
    order = Order.objects.get(public_id=body["id"])
    assert (order.pk, order.customer_id) == (body["number"], customer.id)
    assert order.total == Decimal("27.80")


def test_it_writes_lines_timeline_and_event_with_the_order(api: APIClient, customer: TokenUser):
    id_ = post(api, **{"X-Request-ID": "a-request"}).json()["id"]
    order = Order.objects.get(public_id=id_)
    line = order.lines.get(sku="MARGHERITA")
    assert (line.station, line.preparation_seconds) == ("oven", 480)
    row = OutboxMessage.objects.get()
    entry = TimelineEntry.objects.get()
    assert (entry.order_id, entry.event_id, entry.type) == (order.pk, row.event_id, "order_created")
    assert (entry.status, entry.at) == ("placed", order.created_at)
    assert (row.topic, row.key, row.correlation_id) == ("order_created", id_, "a-request")
    assert order.correlation_id == "a-request"
    event = orders_pb2.OrderCreated.FromString(bytes(row.payload))
    assert (event.order_id, event.number) == (id_, order.pk)
    assert event.customer_id == str(customer.id)
    assert money.to_decimal(event.total) == order.total
    assert money.to_decimal(event.lines[0].options[0].price) == Decimal("3.00")
    assert [(x.sku, x.quantity, x.station, x.note) for x in event.lines] == [
        ("MARGHERITA", 2, "oven", "no basil"),
        ("COLA", 1, "bar", ""),
    ]


def test_it_gives_each_order_its_own_number_under_load(customer: TokenUser):
    responses = at_once(60, lambda: post(client_of(customer)))
    assert {r.status_code for r in responses} == {201}
    numbers = [r.json()["number"] for r in responses]
    assert len(set(numbers)) == 60
    assert set(Order.objects.values_list("pk", flat=True)) == set(numbers)
    assert OutboxMessage.objects.count() == TimelineEntry.objects.count() == 60
    assert OrderLine.objects.count() == 120


def test_it_writes_many_orders_with_as_many_queries_as_one(
    customer: TokenUser,
):
    counts = []
    for size in (1, 100):
        jobs = [_draft(customer, key=f"{size}-{at}") for at in range(size)]
        with CaptureQueriesContext(connections["orders"]) as queries:
            outcomes = placing.commit(jobs, now=timezone.now())
        assert all(isinstance(outcome, Placed) for outcome in outcomes.values())
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_it_answers_a_repeated_key_with_the_same_order(api: APIClient):
    first = post(api, **{"Idempotency-Key": "k1"})
    again = post(api, **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first["Location"] == again["Location"]
    assert (REPLAYED in first, again[REPLAYED]) == (False, "true")
    assert Order.objects.count() == OutboxMessage.objects.count() == 1


def test_it_answers_a_repeat_the_same_when_the_order_has_moved_on(api: APIClient):
    first = post(api, **{"Idempotency-Key": "k1"})
    api.post(first["Location"] + "cancel/")
    services.set_availability(sku="COLA", available=False)
    again = post(api, **{"Idempotency-Key": "k1"})
    assert (again.status_code, again.content) == (201, first.content)
    assert Order.objects.count() == 1


def test_it_takes_the_same_request_written_otherwise_for_a_repeat(api: APIClient):
    post(api, **{"Idempotency-Key": "k1"})
    shuffled = dict(reversed(list(ORDER.items())))
    assert post(api, shuffled, **{"Idempotency-Key": "k1"}).status_code == 201
    assert Order.objects.count() == 1


def test_it_refuses_a_key_that_named_another_request(api: APIClient):
    post(api, **{"Idempotency-Key": "k1"})
    other = post(api, {**ORDER, "address": "elsewhere"}, **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Order.objects.count() == 1


@pytest.mark.parametrize("body", [{"lines": []}, {"address": "x"}, [], "{"])
def test_it_refuses_a_key_that_named_another_request_whatever_is_wrong_with_this_one(
    api: APIClient, body: Any
):
    assert post(api, body, **{"Idempotency-Key": "k1"}).status_code == 400
    assert post(api, **{"Idempotency-Key": "k1"}).status_code == 201
    refused = post(api, body, **{"Idempotency-Key": "k1"})
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("number", ["2.0", "2e0", "0.2e1"])
def test_a_whole_number_may_be_written_as_any(api: APIClient, number: str):
    """As JavaScript does not, and other languages do; a repeat may write it otherwise."""
    body = json.dumps(ORDER).replace('"quantity": 2', f'"quantity": {number}')
    headers = {"Idempotency-Key": "k1"}
    url = "/api/v1/orders/"
    answer = api.post(url, body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["lines"][0]["quantity"]) == (201, 2)
    assert number in body
    assert post(api, **headers).content == answer.content


def test_it_lets_customers_use_the_same_key_apart(api: APIClient):
    mine = post(api, **{"Idempotency-Key": "k1"})
    yours = post(client_of(user()), {**ORDER, "note": "me"}, **{"Idempotency-Key": "k1"})
    assert (mine.status_code, yours.status_code) == (201, 201)
    assert mine.json()["id"] != yours.json()["id"]


def test_it_places_one_order_for_a_key_sent_at_once(customer: TokenUser):
    responses = at_once(200, lambda: post(client_of(customer), **{"Idempotency-Key": "same"}))
    placed = [r for r in responses if r.status_code == 201]
    assert len({r.content for r in placed}) == 1
    assert sum(REPLAYED not in r for r in placed) == 1
    waiting = [r for r in responses if r.status_code != 201]
    told = {(r.status_code, r.json()["code"], r["Retry-After"]) for r in waiting}
    assert told <= {(409, "idempotency_key_in_use", "1")}
    assert Order.objects.count() == IdempotencyKey.objects.count() == 1


def test_it_places_one_order_for_a_key_twice_in_a_batch(customer: TokenUser):
    jobs = [_draft(customer, key="twin"), _draft(customer, key="twin"), _draft(customer)]
    outcomes = placing.commit(jobs, now=timezone.now())
    kinds = [type(outcomes[job]) for job in jobs]
    assert kinds == [Placed, Repeated, Placed]
    assert Order.objects.count() == 2


@pytest.mark.parametrize("key", ["with space", "x" * 201, "naïve", "tab\t"])
def test_it_refuses_a_key_it_cannot_keep(api: APIClient, key: str):
    response = api.post("/api/v1/orders/", ORDER, format="json", headers={"Idempotency-Key": key})
    assert (response.status_code, response.json()["code"]) == (400, "bad_idempotency_key")
    assert not Order.objects.exists()


def test_it_refuses_a_dish_from_the_moment_it_is_86d(api: APIClient):
    assert post(api).status_code == 201
    services.set_availability(sku="COLA", available=False)
    refused = post(api)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "unavailable")
    services.set_availability(sku="COLA", available=True)
    assert post(api).status_code == 201
    assert Order.objects.count() == 2


def test_it_prices_an_order_again_when_the_menu_changed_on_its_way(customer: TokenUser):
    draft = _draft(customer)
    item = MenuItem.objects.get(sku="COLA")
    item.price = Decimal("3.80")
    item.save()
    placed = intake.place(draft)
    assert placed.order.total == Decimal("28.80")
    assert Order.objects.get().total == Decimal("28.80")


def test_what_the_menu_refuses_at_the_last_moment_is_told_in_the_client_s_language(
    api: APIClient, customer: TokenUser
):
    """The writer, a thread of no language, is who finds out; this process read an older menu."""
    compiled.current()
    services.set_availability(sku="COLA", available=False)
    refused = post(api, **{"Accept-Language": "ru", "Authorization": "Bearer x"})
    assert refused["Content-Language"] == "ru"
    (error,) = refused.json()["errors"]
    assert (error["code"], error["detail"]) == ("unavailable", "Cola: сейчас нет.")


def test_an_order_that_cannot_be_written_harms_no_other(customer: TokenUser):
    drafts = [_draft(customer) for _ in range(4)]
    # No database keeps half a character.
    options = drafts[1].order.lines[0].options
    options[0] = {**options[0], "name": "\ud800"}
    jobs = [intake.Job(draft) for draft in drafts]
    intake.writer().write(jobs)
    with pytest.raises(UnicodeError):
        jobs.pop(1).result(0)
    assert {job.result(0).id for job in jobs} == set(
        Order.objects.values_list("public_id", flat=True)
    )
    assert OutboxMessage.objects.count() == 3


def test_repeats_do_not_cost_others_their_common_commit(
    customer: TokenUser, monkeypatch: pytest.MonkeyPatch
):
    write([_draft(customer, key=key) for key in ("a", "b")])
    # Another customer's keys of these names are others.
    stranger = user()
    new = [_draft(customer), _draft(customer, key="c"), _draft(stranger, key="a")]
    drafts = [_draft(customer, key="a"), *new, _draft(customer, key="b")]
    commit, sizes = placing.commit, []

    def counting(drafts: Any, *, now: Any) -> Any:
        sizes.append(len(drafts))
        return commit(drafts, now=now)

    monkeypatch.setattr("orders.placing.commit", counting)
    outcomes = write(drafts)
    assert sizes == [5, 3, 1, 1]
    kinds = [type(outcomes[draft]) for draft in drafts]
    assert kinds == [Repeated, Placed, Placed, Placed, Repeated]
    assert Order.objects.count() == 5


def test_orders_are_tried_one_by_one_when_nobody_can_tell_the_repeats(
    customer: TokenUser, monkeypatch: pytest.MonkeyPatch
):
    def away(*_: Any) -> None:
        raise OperationalError("connection lost")

    write([_draft(customer, key="a")])
    monkeypatch.setattr("orders.placing.repeated_of", away)
    drafts = [_draft(customer, key="a"), _draft(customer)]
    outcomes = write(drafts)
    assert [type(outcomes[draft]) for draft in drafts] == [Repeated, Placed]


def test_it_says_503_when_the_database_is_away(api: APIClient, monkeypatch: pytest.MonkeyPatch):
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("connection refused")

    post(api)
    monkeypatch.setattr("orders.placing.commit", away)
    refused = post(api)
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert int(refused["Retry-After"]) > 0
    monkeypatch.undo()
    assert post(api).status_code == 201
    assert Order.objects.count() == 2


def test_it_opens_another_connection_when_its_own_was_cut_while_idle(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
):
    post(api)
    if connections["orders"].vendor == "postgresql":
        with connections["orders"].cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    monkeypatch.setattr("orders.intake.IDLE_SECONDS", 0.0)
    assert post(api).status_code == 201
    assert Order.objects.count() == 2


@pytest.mark.postgres
def test_it_leaves_a_server_that_takes_no_writes_any_more(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
):
    """As a failover makes of the one it left behind: it answers, and refuses every order."""
    monkeypatch.setattr("orders.intake.IDLE_SECONDS", 0.0)
    post(api)
    with connections["orders"].cursor() as cursor:
        name = connections["orders"].ops.quote_name(connections["orders"].settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        try:
            refused = post(api)
        finally:
            cursor.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert int(refused["Retry-After"]) > 0
    # By a connection of its own, which is told nothing of the other.
    assert post(api).status_code == 201
    assert Order.objects.count() == 2


def test_it_says_503_when_too_many_wait(api: APIClient, monkeypatch: pytest.MonkeyPatch):
    post(api)
    monkeypatch.setattr("orders.intake.MOST_WAITING", 0)
    refused = post(api)
    assert (refused.status_code, "Retry-After" in refused) == (503, True)
    assert Order.objects.count() == 1


def test_it_never_writes_an_order_that_nobody_waits_for(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
):
    """The writer is held up by one batch while the deadline of the next order passes."""
    held, waiting, go_on = threading.Event(), threading.Event(), threading.Event()
    commit, wait = placing.commit, intake.Job.result

    def slow(drafts: Any, *, now: Any) -> Any:
        held.set()
        assert go_on.wait(30)
        return commit(drafts, now=now)

    def result(job: intake.Job, seconds: float) -> Placed:
        waiting.set()
        return wait(job, seconds)

    monkeypatch.setattr("orders.placing.commit", slow)
    monkeypatch.setattr("orders.intake.Job.result", result)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(post, api)
        # The writer may be at it before its own thread waits, with the deadline that it found.
        assert held.wait(10)
        assert waiting.wait(10)
        with monkeypatch.context() as hurry:
            hurry.setattr("orders.intake.DEADLINE_SECONDS", 0.05)
            assert post(api).status_code == 503
        go_on.set()
        assert first.result().status_code == 201
    assert post(api).status_code == 201
    assert Order.objects.count() == 2


def test_cancels_asked_at_once_ask_the_kitchen_once(api: APIClient, customer: TokenUser):
    url = post(api)["Location"] + "cancel/"
    answers = at_once(6, lambda: client_of(customer).post(url))
    assert {answer.status_code for answer in answers} == {202}
    assert OutboxMessage.objects.filter(topic="order_cancel_requested").count() == 1


def at_once(times: int, call: Callable[[], Any]) -> list[Any]:
    """Call from twelve threads, each of which closes its connections behind it."""

    def one(_: int) -> Any:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        return list(pool.map(one, range(times)))


def write(drafts: list[Draft]) -> dict[Draft, Any]:
    """Write orders as one batch, on this thread; gives what became of each."""
    jobs = [intake.Job(draft) for draft in drafts]
    intake.writer().write(jobs)
    return {job.draft: _outcome(job) for job in jobs}


def _outcome(job: intake.Job) -> Any:
    try:
        return job.result(0)
    except Repeated as repeated:
        return repeated


def _draft(customer: TokenUser, key: str = "") -> Draft:
    request = msgspec.convert(ORDER, OrderRequest)
    return Draft(
        customer_id=customer.id,
        request=request,
        order=price(request, compiled.current()),
        correlation_id="",
        key=key,
        request_hash="h" if key else "",
    )
