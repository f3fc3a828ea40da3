"""Reading deliveries over HTTP. What devices press is in `test_devices.py`."""

import uuid
from datetime import datetime
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from auth_grpc.authentication import TokenUser
from delivery import services
from delivery.models import Courier, Delivery
from restaurant.ids import first_id
from tests.delivery.ground import after, cooked, courier, plan, plan_many, plan_one, tick

pytestmark = pytest.mark.django_db(databases=["delivery"])
PATHS = ["/api/v1/delivery/deliveries/", "/api/v1/delivery/couriers/"]
TRIES = ("attempt", "assigned_at", "dispatched_at", "failed_at", "failure_reason")


def id_of(at: datetime) -> uuid.UUID:
    """Give an order's id, a UUIDv7 of that time."""
    return uuid.UUID(int=first_id(at).int | uuid.uuid4().int >> 48)


def client_with(*permissions: str) -> APIClient:
    """Give a client whose token carries these permissions."""
    user = TokenUser(
        id=uuid.uuid4(),
        session_id=uuid.uuid4(),
        roles=frozenset(),
        permissions=frozenset(permissions),
        is_staff=bool(permissions),
    )
    client = APIClient()
    client.force_authenticate(user)  # type: ignore[arg-type]
    return client


@pytest.fixture
def staff() -> APIClient:
    return client_with("delivery.view_delivery", "delivery.view_courier")


def shown(seconds: int) -> str:
    """Give a time as the API writes it."""
    return f"{after(seconds):%Y-%m-%dT%H:%M:%SZ}"


def numbers(response: Any) -> list[int]:
    assert response.status_code == 200, response.json()
    return [row["number"] for row in response.json()["results"]]


@pytest.mark.parametrize("path", PATHS)
def test_it_asks_who_you_are(path: str) -> None:
    response = APIClient().get(path)
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", PATHS)
def test_it_shows_nothing_to_customers(path: str) -> None:
    response = client_with().get(path)
    assert response.status_code == 403
    assert "results" not in response.json()


def test_it_asks_for_the_right_of_each_list() -> None:
    assert client_with("delivery.view_delivery").get(PATHS[1]).status_code == 403
    assert client_with("delivery.view_courier").get(PATHS[0]).status_code == 403
    assert client_with("delivery.view_delivery").get(PATHS[0]).status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_changes_nothing(staff: APIClient, path: str, method: str) -> None:
    assert getattr(staff, method)(path, {}, format="json").status_code in (403, 405)


def test_it_shows_deliveries_newest_first(staff: APIClient) -> None:
    ada = courier("Ada", load_limit=1)
    plan_many(2)
    tick()
    newest, oldest = staff.get(PATHS[0]).json()["results"]

    assert (newest["number"], newest["status"]) == (2, "awaiting_courier")
    assert (newest["courier_id"], newest["courier_name"]) == (None, None)
    assert newest["waiting_since"] == "2026-05-04T12:00:00Z"
    assert (oldest["courier_id"], oldest["courier_name"]) == (str(ada.pk), "Ada")
    assert staff.get(f"{PATHS[0]}{oldest['order_id']}/").json() == oldest


def test_it_tells_the_times_of_the_try_that_is_made(staff: APIClient) -> None:
    courier("Ada", mode=Courier.Mode.MANUAL)
    key = plan_one().pk

    def told(status: str) -> tuple[Any, ...]:
        (row,) = staff.get(PATHS[0]).json()["results"]
        assert row["status"] == status
        return tuple(row[name] for name in TRIES)

    assert told("awaiting_courier") == (1, None, None, None, "")
    tick(after(1))
    assert told("assigned") == (1, shown(1), None, None, "")
    services.pick_up(delivery_id=key, now=after(2))
    assert told("out_for_delivery") == (1, shown(1), shown(2), None, "")
    services.fail(delivery_id=key, reason="no bell", now=after(3))
    # Why is kept for who tries again.
    assert told("awaiting_courier") == (2, None, None, shown(3), "no bell")
    tick(after(4))
    assert told("assigned") == (2, shown(4), None, shown(3), "no bell")
    services.pick_up(delivery_id=key, now=after(5))
    assert told("out_for_delivery") == (2, shown(4), shown(5), shown(3), "no bell")
    services.deliver(delivery_id=key, now=after(6))
    assert told("delivered") == (2, shown(4), shown(5), shown(3), "no bell")


@pytest.mark.parametrize(("left", "dispatched_at"), [(True, shown(5)), (False, None)])
def test_it_tells_of_one_given_up_whether_this_try_had_left(
    staff: APIClient, left: bool, dispatched_at: str | None
) -> None:
    courier("Ada", mode=Courier.Mode.MANUAL)
    key = plan_one().pk
    tick(after(1))
    services.pick_up(delivery_id=key, now=after(2))
    services.fail(delivery_id=key, reason="no bell", now=after(3))
    tick(after(4))
    if left:
        services.pick_up(delivery_id=key, now=after(5))
    services.cancel(delivery_id=key, reason="no street", now=after(6))

    (row,) = staff.get(PATHS[0]).json()["results"]
    assert (row["status"], row["failure_reason"]) == ("cancelled", "no street")
    assert (row["assigned_at"], row["dispatched_at"]) == (shown(4), dispatched_at)
    # Staff's own pages have what was.
    assert Delivery.objects.get().dispatched_at is not None


def test_it_filters_deliveries(staff: APIClient) -> None:
    ada = courier("Ada", load_limit=1)
    courier("Bob", load_limit=1)
    plan_many(3)
    tick()

    assert numbers(staff.get(PATHS[0], {"status": "assigned"})) == [2, 1]
    assert numbers(staff.get(PATHS[0], {"status": "assigned,awaiting_courier"})) == [3, 2, 1]
    assert numbers(staff.get(PATHS[0], {"courier": str(ada.pk)})) == [1]


def test_it_filters_deliveries_by_time_and_gives_the_oldest_first(staff: APIClient) -> None:
    for number in (1, 2, 3):
        at = after(60 * number)
        plan(cooked(number, order_id=id_of(at)), now=at)

    later = {"created_after": "2026-05-04T12:02:00Z"}
    assert numbers(staff.get(PATHS[0], later)) == [3, 2]
    assert numbers(staff.get(PATHS[0], {**later, "sort": "oldest"})) == [2, 3]
    assert numbers(staff.get(PATHS[0], {"created_before": "2026-05-04T12:02:00Z"})) == [1]


@pytest.mark.parametrize(
    "query",
    [
        *("status=lost", "courier=Ada", "cursor=nonsense", "sort=nearest"),
        *("created_after=noon", "created_before=9999-12-31T23:59:59-12:00"),
    ],
)
def test_it_refuses_a_filter_it_does_not_know(staff: APIClient, query: str) -> None:
    response = staff.get(f"{PATHS[0]}?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_it_pages_by_cursor(staff: APIClient) -> None:
    plan_many(5)
    first = staff.get(PATHS[0], {"page_size": 3})
    plan_one(number=6)

    assert numbers(first) == [5, 4, 3]
    assert numbers(staff.get(first.json()["next"])) == [2, 1]


def test_it_shows_couriers_with_what_they_carry(staff: APIClient) -> None:
    courier("Bob", on_shift=False, mode=Courier.Mode.MANUAL)
    courier("Ada", phone="+49 30 1234")
    plan_many(2)
    tick()
    ada, bob = staff.get(PATHS[1]).json()["results"]

    assert (ada["name"], ada["load"], ada["phone"]) == ("Ada", 2, "+49 30 1234")
    assert (bob["name"], bob["load"], bob["on_shift"], bob["mode"]) == ("Bob", 0, False, "manual")
    assert staff.get(f"{PATHS[1]}{ada['id']}/").json() == ada
    (away,) = staff.get(PATHS[1], {"on_shift": "false"}).json()["results"]
    assert away["name"] == "Bob"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("key", [str(uuid.UUID(int=1)), "x"])
def test_it_finds_only_what_exists(staff: APIClient, path: str, key: str) -> None:
    assert staff.get(f"{path}{key}/").status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_it_asks_the_database_as_often_for_many_rows(staff: APIClient, path: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connections["delivery"]) as queries:
            assert staff.get(path).status_code == 200
        return len(queries)

    courier("Ada")
    plan_one()
    one = cost()
    for n in range(30):
        courier(f"courier {n}")
    plan_many(30)
    tick()

    assert cost() == one
    assert Delivery.objects.filter(status="assigned").count() == 31
