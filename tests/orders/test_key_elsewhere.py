"""An order whose key another process is writing at this moment, and those beside it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import blake2b
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import connections, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from auth_grpc.authentication import TokenUser
from orders import intake, placing
from orders.menu import compiled
from orders.models import IdempotencyKey, Order, OutboxMessage
from orders.placing import Draft
from orders.pricing import price
from orders.requests import OrderRequest, fingerprint
from restaurant.idempotency.schema import REPLAYED
from tests.orders.people import ORDER, client_of, post, user
from tests.servers.wait import wait_until

# SQLite lets one process write at a time.
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(databases=["orders"], transaction=True),
    pytest.mark.usefixtures("menu"),
]
KEY = {"Idempotency-Key": "k1"}


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads of this process, for requests that wait."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[list[UUID]]:
    """Whose orders the writer tried to commit together, each time."""
    found: list[list[UUID]] = []
    commit = placing.commit

    def watched(drafts: Any, *, now: Any) -> Any:
        if threading.current_thread().name == "intake":
            found.append([draft.customer_id for draft in drafts])
        return commit(drafts, now=now)

    monkeypatch.setattr("orders.placing.commit", watched)
    return found


@contextmanager
def elsewhere(work: Callable[[], object], *, commits: bool = True) -> Iterator[Event]:
    """Have another connection's transaction do something and wait until the block's end.

    Gives the event that ends it earlier.
    """
    done, go_on = Event(), Event()

    def run() -> None:
        try:
            with transaction.atomic(using="orders"):
                work()
                done.set()
                assert go_on.wait(60)
                transaction.set_rollback(not commits, using="orders")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as other:
        running = other.submit(run)
        try:
            wait_until(lambda: done.is_set() or running.done())
            yield go_on
        finally:
            go_on.set()
            running.result(30)


def first(customer: TokenUser) -> Callable[[], object]:
    """Give what another process does for the same request."""
    request = msgspec.convert(ORDER, OrderRequest)
    draft = Draft(
        customer_id=customer.id,
        request=request,
        order=price(request, compiled.current()),
        correlation_id="",
        key=KEY["Idempotency-Key"],
        request_hash=blake2b(fingerprint(request), digest_size=16).hexdigest(),
    )
    return lambda: placing.commit([draft], now=timezone.now())


def take_key(customer: TokenUser) -> Callable[[], object]:
    """Give the part of it that others wait for."""
    return lambda: IdempotencyKey.objects.create(
        customer_id=customer.id,
        key=KEY["Idempotency-Key"],
        request_hash="h",
        order_id=uuid4(),
        created_at=timezone.now(),
    )


def lock_orders() -> None:
    """Take a lock as making an index does."""
    with connections["orders"].cursor() as cursor:
        cursor.execute("LOCK TABLE orders_order IN SHARE MODE")


def somebody_waits() -> bool:
    with connections["orders"].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def posted(pool: ThreadPoolExecutor, who: TokenUser, **headers: str) -> "Future[Any]":
    def run() -> Any:
        try:
            return post(client_of(who), **headers)
        finally:
            connections.close_all()

    return pool.submit(run)


def test_a_repeat_is_told_that_the_first_runs_and_then_answered_as_it(
    api: APIClient, customer: TokenUser
):
    with elsewhere(first(customer)):
        refused = post(api, **KEY)
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_in_use")
        assert refused["Retry-After"] == "1"
    again = post(api, **KEY)
    assert (again.status_code, again[REPLAYED]) == (201, "true")
    assert again.json()["id"] == str(Order.objects.get().public_id)
    assert OutboxMessage.objects.count() == 1


def test_after_a_rollback_it_is_the_first(api: APIClient, customer: TokenUser):
    with elsewhere(first(customer), commits=False):
        assert post(api, **KEY).status_code == 409
    placed = post(api, **KEY)
    assert (placed.status_code, REPLAYED in placed) == (201, False)
    assert Order.objects.count() == 1


def test_another_request_with_the_key_is_told_so_when_the_first_is_done(
    api: APIClient, customer: TokenUser
):
    other = {**ORDER, "address": "elsewhere"}
    with elsewhere(first(customer)):
        assert post(api, other, **KEY).status_code == 409
    refused = post(api, other, **KEY)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")


def test_a_repeat_waits_a_moment_for_the_first(
    customer: TokenUser, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
):
    # Long enough for a busy machine, in a writer of its own.
    monkeypatch.setattr("orders.intake.LOCK_MILLISECONDS", 30_000)
    monkeypatch.setattr("orders.intake._writer", None)
    try:
        with elsewhere(first(customer)) as go_on:
            repeat = posted(pool, customer, **KEY)
            wait_until(somebody_waits)
            go_on.set()
            again = repeat.result(30)
    finally:
        intake.stop()
    assert (again.status_code, again[REPLAYED]) == (201, "true")


def test_it_waits_no_longer_on_a_new_connection(
    api: APIClient, customer: TokenUser, monkeypatch: pytest.MonkeyPatch
):
    assert post(api).status_code == 201
    with connections["orders"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    monkeypatch.setattr("orders.intake.IDLE_SECONDS", 0.0)
    with elsewhere(take_key(customer), commits=False):
        assert post(api, **KEY).status_code == 409


def test_an_order_beside_it_is_taken(
    customer: TokenUser, pool: ThreadPoolExecutor, tried: list[list[UUID]]
):
    before, beside = user(), user()
    with (
        elsewhere(lock_orders) as unlock,
        elsewhere(take_key(customer), commits=False),
    ):
        held = posted(pool, before)
        wait_until(lambda: bool(tried))
        # The writer is held up until both can be one batch.
        repeat, other = posted(pool, customer, **KEY), posted(pool, beside, **KEY)
        wait_until(lambda: intake.writer()._jobs.qsize() == 2)
        unlock.set()
        assert held.result(30).status_code == 201
        refused, taken = repeat.result(30), other.result(30)
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_in_use")
    assert (taken.status_code, REPLAYED in taken) == (201, False)
    assert {customer.id, beside.id} in [set(ids) for ids in tried]
    assert set(Order.objects.values_list("customer_id", flat=True)) == {before.id, beside.id}


def test_an_order_waits_as_long_as_anybody_for_a_lock_that_is_not_of_its_key(
    customer: TokenUser, pool: ThreadPoolExecutor, tried: list[list[UUID]]
):
    with elsewhere(lock_orders) as unlock:
        placed = posted(pool, customer, **KEY)
        # More than once for as long as it would wait for a key.
        wait_until(lambda: len(tried) > 2)
        unlock.set()
        assert placed.result(30).status_code == 201
    assert Order.objects.count() == 1


def test_it_is_refused_when_that_takes_too_long_and_then_never_written(
    customer: TokenUser,
    pool: ThreadPoolExecutor,
    tried: list[list[UUID]],
    monkeypatch: pytest.MonkeyPatch,
):
    after = user()
    with elsewhere(lock_orders) as unlock:
        with monkeypatch.context() as hurry:
            hurry.setattr("orders.intake.DEADLINE_SECONDS", 0.1)
            refused = post(client_of(customer))
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert int(refused["Retry-After"]) > 0
        next_one = posted(pool, after)
        wait_until(lambda: [after.id] in tried)
        unlock.set()
        assert next_one.result(30).status_code == 201
    assert Order.objects.get().customer_id == after.id
