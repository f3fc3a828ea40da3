"""Reading orders: whose, how, and from the cache or not."""

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.test.utils import CaptureQueriesContext
from django_redis import get_redis_connection
from rest_framework.test import APIClient

from auth_grpc.authentication import TokenUser
from orders import services
from orders.cache import OrderCache, live_rows, order_cache
from orders.handlers import refresh_cache
from orders.models import Order
from proto import kitchen_pb2
from tests.orders.people import NOW, ORDER, client_of, post, user
from tests.orders.test_projection import ACCEPTED, COOKED, LATER, apply, event

pytestmark = [
    pytest.mark.django_db(databases=["orders"]),
    pytest.mark.usefixtures("menu", "placed_here"),
]


@pytest.fixture
def url(api: APIClient) -> str:
    return str(post(api)["Location"])


def order_at(url: str) -> Order:
    return Order.objects.get(public_id=url.rstrip("/").rpartition("/")[2])


def queries() -> CaptureQueriesContext:
    return CaptureQueriesContext(connections["orders"])


@pytest.mark.usefixtures("valkey")
class TestCached:
    def test_it_reads_an_order_from_the_cache_alone(self, api: APIClient, url: str):
        first = api.get(url)
        with queries() as asked:
            second = api.get(url)
        assert len(asked) == 0
        assert first.content == second.content
        assert first["ETag"] == second["ETag"]

    def test_it_shows_each_change_after_its_commit(self, api: APIClient, url: str):
        placed = api.get(url).json()
        order = order_at(url)
        for kind, status in ((ACCEPTED, "accepted"), (COOKED, "cooked")):
            moved = event(kind, order)
            apply(moved)
            refresh_cache([moved])
            with queries() as asked:
                body = api.get(url).json()
            assert len(asked) == 0
            assert body["status"] == status
            assert body["updated_at"] > placed["updated_at"] or body["updated_at"].startswith("20")
            same = {k: v for k, v in body.items() if k not in ("status", "updated_at")}
            assert same == {k: placed[k] for k in same}

    def test_it_shows_a_cancel_request_at_once(
        self, api: APIClient, url: str, django_capture_on_commit_callbacks: Any
    ):
        api.get(url)
        with django_capture_on_commit_callbacks(using="orders", execute=True):
            api.post(url + "cancel/")
        assert api.get(url).json()["cancel_requested"] is True

    def test_an_older_copy_never_replaces_a_newer_one(self, api: APIClient, url: str):
        old = Order.objects.prefetch_related("lines").get()
        lease = order_cache.lease(str(old.public_id))
        apply(event(COOKED, old))
        order_cache.refresh(live_rows())
        order_cache.refresh([old])
        order_cache.fill(old, lease)
        with queries() as asked:
            assert api.get(url).json()["status"] == "cooked"
        assert len(asked) == 0

    def test_a_refresh_before_the_first_read_is_not_lost(self, api: APIClient, url: str):
        """A reader that read before the change fills the cache after it."""
        slow = Order.objects.prefetch_related("lines").get()
        lease = order_cache.lease(str(slow.public_id))
        apply(event(ACCEPTED, slow))
        order_cache.refresh(live_rows())
        order_cache.fill(slow, lease)
        with queries() as asked:
            assert api.get(url).json()["status"] == "accepted"
        assert len(asked) == 0

    def test_an_old_copy_does_not_fill_a_redis_that_was_emptied(self, api: APIClient, url: str):
        """The newer version that would have stopped it is gone, and so is the lease."""
        slow = Order.objects.prefetch_related("lines").get()
        lease = order_cache.lease(str(slow.public_id))
        apply(event(ACCEPTED, slow))
        order_cache.refresh(live_rows())
        get_redis_connection("default").flushall()
        order_cache.fill(slow, lease)
        assert api.get(url).json()["status"] == "accepted"

    def test_a_refresh_that_cannot_read_is_made_good(
        self, api: APIClient, url: str, monkeypatch: pytest.MonkeyPatch
    ):
        api.get(url)
        moved = event(ACCEPTED, order_at(url))
        apply(moved)
        Order.objects.update(updated_at=_just_now())
        with monkeypatch.context() as away:
            away.setattr("orders.handlers.live_rows", _unreadable)
            with pytest.raises(OperationalError):
                refresh_cache([moved])
        assert api.get(url).json()["status"] == "accepted"

    def test_a_foreign_order_is_404_from_the_cache_too(self, api: APIClient, url: str):
        api.get(url)
        assert client_of(user()).get(url).status_code == 404
        assert client_of(user("orders.view_order")).get(url).status_code == 200

    def test_entries_do_not_stay_for_ever(self, api: APIClient, url: str):
        api.get(url)
        key = f"order:{order_at(url).public_id}"
        assert 0 < get_redis_connection("default").ttl(key) <= 600

    def test_an_emptied_cache_is_filled_again(self, api: APIClient, url: str):
        before = api.get(url).content
        get_redis_connection("default").flushall()
        assert api.get(url).content == before
        with queries() as asked:
            assert api.get(url).content == before
        assert len(asked) == 0

    def test_repeats_refresh_what_a_crash_left_out(self, api: APIClient, url: str):
        api.get(url)
        moved = event(ACCEPTED, order_at(url))
        apply(moved)
        assert api.get(url).json()["status"] == "placed"
        refresh_cache([moved, event(ACCEPTED, "garbage"), event(ACCEPTED, uuid.uuid4())])
        assert api.get(url).json()["status"] == "accepted"

    def test_after_an_outage_nothing_stale_is_shown(
        self, api: APIClient, url: str, monkeypatch: pytest.MonkeyPatch
    ):
        api.get(url)
        moved = event(ACCEPTED, order_at(url))
        now = [0.0]
        cache = OrderCache(clock=lambda: now[0])
        apply(moved)
        Order.objects.update(updated_at=_just_now())
        with monkeypatch.context() as away:
            away.setattr("orders.cache._redis", _refusing)
            cache.refresh(live_rows())
        assert cache.read(str(order_at(url).public_id)) is None, "asked again too early"
        assert not cache.repair()
        now[0] = 1.1
        assert cache.repair()
        assert not cache.repair()
        with queries() as asked:
            assert api.get(url).json()["status"] == "accepted"
        assert len(asked) == 0

    def test_nobody_waits_while_another_brings_what_was_missed(
        self, api: APIClient, url: str, monkeypatch: pytest.MonkeyPatch
    ):
        api.get(url)
        id_ = str(order_at(url).public_id)
        begun, go_on = threading.Event(), threading.Event()

        def slowly(_: Any) -> Iterator[Order]:
            begun.set()
            assert go_on.wait(30)
            return iter(())

        monkeypatch.setattr("orders.cache._changed_since", slowly)
        order_cache.missed_since(NOW)
        with ThreadPoolExecutor(1) as pool:
            repaired = pool.submit(order_cache.repair)
            assert begun.wait(10)
            assert order_cache.read(id_) is None
            go_on.set()
            assert repaired.result(10)
        assert order_cache.read(id_)

    def test_a_cancel_stands_also_where_the_cache_cannot_be_mended(
        self,
        api: APIClient,
        url: str,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks: Any,
    ):
        def away(_: Any) -> None:
            raise OperationalError("connection lost")

        monkeypatch.setattr("orders.cache._changed_since", away)
        order_cache.missed_since(NOW)
        with django_capture_on_commit_callbacks(using="orders", execute=True):
            assert api.post(url + "cancel/").status_code == 202
        assert api.get(url).json()["cancel_requested"] is True

    def test_a_started_worker_brings_what_its_killed_one_did_not(self, api: APIClient, url: str):
        api.get(url)
        apply(event(ACCEPTED, order_at(url)))
        Order.objects.update(updated_at=_just_now())
        order_cache.missed_since(NOW)
        assert order_cache.repair()
        assert api.get(url).json()["status"] == "accepted"


class TestWithoutRedis:
    def test_it_answers_from_the_database(self, api: APIClient, url: str):
        assert api.get(url).json()["status"] == "placed"
        apply(event(ACCEPTED, order_at(url)))
        refresh_cache([event(ACCEPTED, order_at(url))])
        assert api.get(url).json()["status"] == "accepted"
        assert api.post(url + "cancel/").status_code == 202
        assert api.get(url).json()["cancel_requested"] is True

    def test_it_does_not_wait_for_redis_each_time(
        self, api: APIClient, url: str, settings: Any, monkeypatch: pytest.MonkeyPatch
    ):
        calls: list[int] = []

        def refusing(alias: str) -> Any:
            calls.append(1)
            return _refusing()

        # They ask Redis too.
        settings.LIMITS = False
        # The pause is not over, however slow the machine is.
        monkeypatch.setattr(order_cache, "_clock", lambda: 1000.0)
        monkeypatch.setattr("restaurant.own_redis.get_redis_connection", refusing)
        for _ in range(5):
            assert api.get(url).status_code == 200
        assert len(calls) == 1


def test_it_answers_304_until_the_order_changes(api: APIClient, url: str):
    etag = api.get(url)["ETag"]
    for known in (etag, f'"x", W/{etag}', "*"):
        unchanged = api.get(url, headers={"If-None-Match": known})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        assert unchanged["ETag"] == etag
    apply(event(ACCEPTED, order_at(url)))
    assert api.get(url, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("path", ["", "timeline/"])
def test_a_foreign_order_is_404(url: str, path: str):
    response = client_of(user()).get(url + path)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    unknown = client_of(user()).get(f"/api/v1/orders/{uuid.uuid4()}/{path}")
    assert {**unknown.json(), "request_id": ""} == {**response.json(), "request_id": ""}


@pytest.mark.parametrize("path", ["", "timeline/", "cancel/"])
def test_it_asks_who_it_is(url: str, path: str):
    client = APIClient()
    response = client.post(url + path) if path == "cancel/" else client.get(url + path)
    assert response.status_code == 401
    assert not Order.objects.filter(cancel_requested=True).exists()


def test_it_says_404_for_what_is_no_id(api: APIClient):
    response = api.get("/api/v1/orders/1042/")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


class TestList:
    def test_customers_see_their_own_newest_first(self, api: APIClient):
        ids = [post(api).json()["id"] for _ in range(3)]
        post(client_of(user()))
        body = api.get("/api/v1/orders/").json()
        assert [order["id"] for order in body["results"]] == ids[::-1]
        assert body["results"][0] == api.get(f"/api/v1/orders/{ids[2]}/").json()
        assert (body["next"], body["previous"]) == (None, None)

    def test_staff_see_all_and_find_a_customers(self, api: APIClient, customer: TokenUser):
        post(api)
        post(client_of(user()))
        staff = client_of(user("orders.view_order"))
        assert len(staff.get("/api/v1/orders/").json()["results"]) == 2
        found = staff.get("/api/v1/orders/", {"customer": str(customer.id)}).json()["results"]
        assert len(found) == 1

    def test_it_pages(self, api: APIClient):
        ids = [post(api).json()["id"] for _ in range(5)]
        seen, url = [], "/api/v1/orders/?page_size=2"
        while url:
            body = api.get(url).json()
            assert len(body["results"]) <= 2
            seen += [order["id"] for order in body["results"]]
            url = body["next"]
        assert seen == ids[::-1]

    def test_pages_are_not_longer_than_200(self, api: APIClient, customer: TokenUser):
        Order.objects.bulk_create(
            Order(
                customer_id=customer.id,
                currency="EUR",
                total=1,
                address="x",
                created_at=NOW,
                updated_at=NOW,
            )
            for _ in range(201)
        )
        assert len(api.get("/api/v1/orders/?page_size=200").json()["results"]) == 200

    def test_it_filters_by_status_and_time(self, api: APIClient):
        ids = [post(api).json()["id"] for _ in range(3)]
        for id_, kind in zip(ids[:2], (ACCEPTED, COOKED), strict=True):
            apply(event(kind, id_))
        created = [Order.objects.get(public_id=id_).created_at.isoformat() for id_ in ids]

        def found(**query: Any) -> list[str]:
            results = api.get("/api/v1/orders/", query).json()["results"]
            return [order["id"] for order in results][::-1]

        assert found(status="accepted,cooked") == ids[:2]
        assert found(status=["accepted", "placed"]) == [ids[0], ids[2]]
        assert found(status="placed") == ids[2:]
        assert found(created_after=created[1]) == ids[1:]
        assert found(created_before=created[1]) == ids[:1]

    @pytest.mark.parametrize(
        "query",
        [{"status": "eaten"}, {"created_after": "yesterday"}, {"customer": "me"}],
    )
    def test_it_refuses_a_filter_it_cannot_read(self, api: APIClient, query: Any):
        response = api.get("/api/v1/orders/", query)
        assert (response.status_code, response.json()["code"]) == (400, "invalid")

    def test_it_asks_as_often_for_twenty_orders_as_for_two(self, api: APIClient):
        counts = []
        for more in (2, 18):
            for _ in range(more):
                post(api)
            with queries() as asked:
                api.get("/api/v1/orders/")
            counts.append(len(asked))
        assert counts == [2, 2]


def test_the_timeline_tells_what_happened(api: APIClient, url: str):
    apply(event(kitchen_pb2.OrderCooking, order_at(url), station="oven"))
    Order.objects.get().timeline.filter(type="order_cooking").update(at=LATER.replace(year=2100))
    placed, cooking = api.get(url + "timeline/").json()
    assert (placed["type"], placed["status"]) == ("order_created", "placed")
    assert cooking == {
        "type": "order_cooking",
        "status": "cooking",
        "at": "2100-05-04T12:05:00Z",
        "detail": {"station": "oven"},
    }


def test_orders_keep_what_the_menu_was(api: APIClient, url: str):
    before = api.get(url).json()
    services.set_availability(sku="MARGHERITA", available=False)
    from orders.models import Category

    Category.objects.all().delete()
    assert api.get(url).json()["lines"] == before["lines"]
    assert post(api, ORDER).status_code == 400


def test_it_says_503_when_the_database_is_away(
    api: APIClient, url: str, monkeypatch: pytest.MonkeyPatch
):
    from django.db import OperationalError

    def away(*_: Any, **__: Any) -> Any:
        raise OperationalError("gone")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", away)
    for path in (url, url + "timeline/", "/api/v1/orders/", "/api/v1/menu/"):
        response = api.get(path)
        assert (response.status_code, response.json()["code"]) == (503, "unavailable")
        assert "Retry-After" in response


def _unreadable(**_: Any) -> Any:
    raise OperationalError("disk I/O error")


def _refusing() -> Any:
    from redis.exceptions import ConnectionError as RedisAway

    raise RedisAway("away")


def _just_now() -> Any:
    from django.utils import timezone

    return timezone.now()
