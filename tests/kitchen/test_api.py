"""Reading the kitchen over HTTP. What devices press is in `test_devices.py`."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from auth_grpc.authentication import TokenUser
from kitchen.models import Station, Ticket
from restaurant.ids import first_id
from tests.kitchen.ground import NOW, created, line, station, take, take_one, tick

pytestmark = pytest.mark.django_db(databases=["kitchen"])
PATHS = ["/api/v1/kitchen/tickets/", "/api/v1/kitchen/stations/"]

MINUTE = timedelta(minutes=1)


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
    return client_with("kitchen.view_ticket", "kitchen.view_station")


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
    assert client_with("kitchen.view_ticket").get(PATHS[1]).status_code == 403
    assert client_with("kitchen.view_station").get(PATHS[0]).status_code == 403
    assert client_with("kitchen.view_ticket").get(PATHS[0]).status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_changes_nothing(staff: APIClient, path: str, method: str) -> None:
    assert getattr(staff, method)(path, {}, format="json").status_code in (403, 405)


def test_it_shows_tickets_newest_first(staff: APIClient) -> None:
    order = take_one(line("oven"), line("bar", quantity=2, note="no ice"))
    tick()
    newest, oldest = staff.get(PATHS[0]).json()["results"]

    assert (newest["station"], oldest["station"]) == ("bar", "oven")
    assert newest["order_id"] == str(order.order_id)
    assert (newest["number"], newest["status"]) == (1, "cooking")
    assert newest["lines"][0]["quantity"] == 2
    assert newest["due_at"] == "2026-05-04T12:01:00Z"
    assert staff.get(f"{PATHS[0]}{newest['id']}/").json() == newest


def test_it_filters_tickets(staff: APIClient) -> None:
    station("oven", capacity=1)
    first = take_one(line("oven"))
    take(created(line("oven"), line("bar"), number=2))
    tick()

    assert numbers(staff.get(PATHS[0], {"station": "oven"})) == [2, 1]
    assert numbers(staff.get(PATHS[0], {"status": "queued"})) == [2]
    assert numbers(staff.get(PATHS[0], {"status": "queued,cooking", "station": "bar"})) == [2]
    assert numbers(staff.get(PATHS[0], {"order": str(first.order_id)})) == [1]
    assert numbers(staff.get(PATHS[0], {"station": "nowhere"})) == []


def test_it_filters_tickets_by_when_they_were_queued(staff: APIClient) -> None:
    for number, at in enumerate([NOW, NOW + MINUTE, NOW + 2 * MINUTE], start=1):
        take(created(number=number, order_id=id_of(at)), now=at)

    assert numbers(staff.get(PATHS[0], {"queued_after": "2026-05-04T12:01:00Z"})) == [3, 2]
    assert numbers(staff.get(PATHS[0], {"queued_before": "2026-05-04T14:01:00+02:00"})) == [1]
    both = {"queued_after": "2026-05-04T12:00:01Z", "queued_before": "2026-05-04T12:01:01Z"}
    assert numbers(staff.get(PATHS[0], both)) == [2]


def test_it_finds_by_time_also_a_ticket_whose_order_came_late(staff: APIClient) -> None:
    take(created(order_id=id_of(NOW - 7 * 24 * 60 * MINUTE)), now=NOW)
    assert numbers(staff.get(PATHS[0], {"queued_after": "2026-05-04T12:00:00Z"})) == [1]


def test_it_gives_a_queue_oldest_first_page_after_page(staff: APIClient) -> None:
    take(*[created(number=n) for n in range(1, 6)])
    first = staff.get(PATHS[0], {"sort": "oldest", "page_size": "3"})
    take(created(number=6))

    assert numbers(first) == [1, 2, 3]
    assert numbers(staff.get(first.json()["next"])) == [4, 5, 6]
    assert numbers(staff.get(PATHS[0], {"sort": "newest"})) == [6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    "query",
    [
        *("status=burnt", "order=1042", "cursor=nonsense", "sort=tastiest"),
        *("acknowledged=1", "acknowledged="),
        *("queued_after=yesterday", "queued_after=0001-01-01T00:00:00Z"),
        *("queued_before=9999-12-31T23:59:59-12:00", "queued_before=1970-01-01T00:00:00Z"),
    ],
)
def test_it_refuses_a_filter_it_does_not_know(staff: APIClient, query: str) -> None:
    response = staff.get(f"{PATHS[0]}?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_it_pages_by_cursor(staff: APIClient) -> None:
    take(*[created(number=n) for n in range(1, 6)])
    first = staff.get(PATHS[0], {"page_size": 3})
    take(created(number=6))

    assert sorted(numbers(first)) == [3, 4, 5]
    assert sorted(numbers(staff.get(first.json()["next"]))) == [1, 2]


def test_it_shows_stations_with_what_they_have_to_do(staff: APIClient) -> None:
    station("oven", capacity=1, mode=Station.Mode.MANUAL)
    station("bar", is_open=False)
    take(created(), created(), created())
    tick()
    bar, oven = staff.get(PATHS[1]).json()["results"]

    assert (bar["code"], bar["is_open"], bar["queued"], bar["cooking"]) == ("bar", False, 0, 0)
    assert (oven["mode"], oven["capacity"]) == ("manual", 1)
    assert (oven["queued"], oven["cooking"]) == (2, 1)
    assert staff.get(f"{PATHS[1]}oven/").json() == oven
    (closed,) = staff.get(PATHS[1], {"is_open": "false"}).json()["results"]
    assert closed["code"] == "bar"


@pytest.mark.parametrize("path", ["tickets/404/", "tickets/x/", "stations/nowhere/"])
def test_it_finds_only_what_exists(staff: APIClient, path: str) -> None:
    assert staff.get(f"/api/v1/kitchen/{path}").status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_it_asks_the_database_as_often_for_many_rows(staff: APIClient, path: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connections["kitchen"]) as queries:
            assert staff.get(path).status_code == 200
        return len(queries)

    take(created())
    one = cost()
    take(*[created(line(f"station-{n}")) for n in range(30)])

    assert cost() == one
    assert Ticket.objects.count() == 31
