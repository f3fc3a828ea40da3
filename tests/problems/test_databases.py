"""A database that takes no writes, or fails for good, as clients are told of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import InternalError, OperationalError, connections
from rest_framework.test import APIClient

from delivery.models import Courier
from kitchen.models import Station
from tests.delivery.ground import courier
from tests.kitchen.ground import station
from tests.orders.people import client_of, user

pytestmark = pytest.mark.django_db(databases=["kitchen", "delivery"], transaction=True)
CLOSE = "/api/v1/kitchen/stations/oven/close/"
END = "/api/v1/delivery/couriers/me/end-shift/"


class Cause(Exception):
    """What the driver raises."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


@pytest.fixture(autouse=True)
def _connected_anew() -> Iterator[None]:
    """Whatever becomes of a test, the next one writes."""
    yield
    connections.close_all()


def demote(alias: str) -> None:
    """Have the connection at hand read only, as one to a server that was demoted."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")


def press(path: str, *rights: str, account: Any = None) -> Any:
    client: APIClient = client_of(account or user(*rights))
    client.raise_request_exception = False
    return client.post(path, headers={"Idempotency-Key": "k1"})


@pytest.mark.postgres
def test_a_kitchen_that_takes_no_writes_is_away_until_the_next_request() -> None:
    station("oven")
    cook = user("kitchen.change_station")
    demote("kitchen")
    refused = press(CLOSE, account=cook)
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert refused["Retry-After"] == "2"
    assert Station.objects.get().is_open
    assert press(CLOSE, account=cook).status_code == 200
    assert not Station.objects.get().is_open


@pytest.mark.postgres
def test_a_delivery_that_takes_no_writes_is_away_until_the_next_request() -> None:
    ada = user("delivery.carry_delivery")
    courier(user_id=ada.id, on_shift=True)
    demote("delivery")
    refused = press(END, account=ada)
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert press(END, account=ada).status_code == 200
    assert not Courier.objects.get().on_shift


@pytest.mark.parametrize(
    ("error", "sqlstate", "status"),
    [
        (InternalError("cannot execute UPDATE in a read-only transaction"), "25006", 503),
        (OperationalError("deadlock detected"), "40P01", 503),
        # It would fail again, however often it is sent.
        (OperationalError("index row size exceeds maximum"), "54000", 500),
        (InternalError("invalid transaction state"), "25001", 500),
    ],
)
def test_it_asks_to_send_again_what_can_succeed_then(
    monkeypatch: pytest.MonkeyPatch, error: Exception, sqlstate: str, status: int
) -> None:
    def fail(**_: Any) -> None:
        raise error from Cause(sqlstate)

    monkeypatch.setattr("kitchen.services.set_station_open", fail)
    assert press(CLOSE, "kitchen.change_station").status_code == status


def test_it_keeps_the_connection_on_which_something_else_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(**_: Any) -> None:
        raise OperationalError("deadlock detected")

    connections["kitchen"].ensure_connection()
    before = connections["kitchen"].connection
    monkeypatch.setattr("kitchen.services.set_station_open", fail)
    assert press(CLOSE, "kitchen.change_station").status_code == 503
    assert connections["kitchen"].connection is before
