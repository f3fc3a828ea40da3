"""Customers against a stand-in of the API: they order, are refused, wait, and never order twice."""

import threading
from collections.abc import Iterator

import pytest

from restaurant.demo.crowd import Crowd
from restaurant.demo.customers import Customer, NotServed, regulars, strangers
from restaurant.demo.http import Api, Unreachable
from restaurant.demo.journal import Journal
from restaurant.demo.pace import Pace
from tests.flow.fake_system import FakeSystem, serving
from tests.servers.wait import wait_until


@pytest.fixture
def system() -> FakeSystem:
    return FakeSystem()


@pytest.fixture
def url(system: FakeSystem) -> Iterator[str]:
    with serving(system) as url:
        yield url


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    stop = threading.Event()
    yield stop
    stop.set()


@pytest.fixture
def anna(stop: threading.Event) -> Customer:
    return regulars(1, stop=stop)[0]


def crowd_at(url: str, journal: Journal, stop: threading.Event, *, orders: int) -> Crowd:
    return Crowd(
        url,
        customers=regulars(3, stop=stop),
        journal=journal,
        pace=Pace(orders=orders, rate=None, rushes=False, stop=stop),
        seed=7,
        speed=100_000,
        stop=stop,
    )


def test_it_registers_logs_in_and_reads_the_menu(url: str, system: FakeSystem, anna: Customer):
    menu = anna.look(Api(url), "menu/")
    assert len(menu["categories"]) > 1
    assert list(system.users) == ["anna@customers.example"]
    assert system.asked("POST", "auth/login/") == 1


def test_it_logs_in_to_the_account_of_an_earlier_day(
    url: str, system: FakeSystem, anna: Customer, stop: threading.Event
):
    anna.look(Api(url), "menu/")
    regulars(1, stop=stop)[0].look(Api(url), "menu/")
    assert len(system.users) == 1


def test_it_gives_up_at_an_account_that_is_somebody_elses(
    url: str, system: FakeSystem, anna: Customer
):
    system.users[anna.email] = "not-this-one"
    with pytest.raises(NotServed, match="email taken"):
        anna.look(Api(url), "menu/")
    assert system.asked("GET", "menu/") == 0


def test_it_makes_new_accounts_with_unknown_passwords_at_others_systems(stop: threading.Event):
    first, second = (strangers(1, stop=stop)[0] for _ in range(2))
    assert first.email != second.email
    assert first._password != second._password


def test_it_refreshes_a_token_that_is_refused(url: str, system: FakeSystem, anna: Customer):
    api = Api(url)
    anna.look(api, "menu/")
    system.tokens.clear()
    anna.look(api, "menu/")
    assert system.asked("POST", "auth/refresh/") == 1
    assert system.asked("POST", "auth/login/") == 1


def test_it_refreshes_a_token_before_it_expires(url: str, system: FakeSystem, anna: Customer):
    system.expires_in = 0
    api = Api(url)
    anna.look(api, "menu/")
    anna.look(api, "menu/")
    assert system.asked("POST", "auth/refresh/") == 1
    assert system.asked("GET", "menu/") == 2


def test_it_uses_no_connection_that_was_idle_for_long(
    url: str, system: FakeSystem, anna: Customer, monkeypatch: pytest.MonkeyPatch
):
    api = Api(url)
    anna.look(api, "menu/")
    anna.look(api, "menu/")
    assert system.connections == 1
    monkeypatch.setattr("restaurant.demo.http.KEPT_SECONDS", 0.0)
    anna.look(api, "menu/")
    assert system.connections == 2


def test_it_logs_in_again_when_the_refresh_token_is_spent(
    url: str, system: FakeSystem, anna: Customer
):
    api = Api(url)
    anna.look(api, "menu/")
    system.tokens.clear()
    system.refresh_tokens.clear()
    anna.look(api, "menu/")
    assert system.asked("POST", "auth/login/") == 2


@pytest.mark.parametrize("fault", [503, 429, 409, None])
def test_it_asks_again_when_the_server_is_away(
    fault: int | None, url: str, system: FakeSystem, anna: Customer
):
    system.faults["menu/"] = [fault] * 3
    assert anna.look(Api(url), "menu/")
    assert system.asked("GET", "menu/") == 4


def test_it_tells_of_each_answer_and_of_none(url: str, system: FakeSystem, anna: Customer):
    heard: list[tuple[str, int | None]] = []
    api = Api(url, lambda path, answer: heard.append((path, answer and answer.status)))
    system.faults["menu/"] = [503, None]
    anna.look(api, "menu/")
    assert [status for path, status in heard if path == "menu/"] == [503, None, 200]


def test_it_says_where_nobody_answers():
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1: "):
        Api("http://127.0.0.1:1").call("GET", "menu/")


def test_it_places_each_order_once_and_sees_it_end(
    url: str, system: FakeSystem, stop: threading.Event
):
    journal = Journal()
    # Connections that break in the middle of an order are where one becomes two.
    system.faults["orders/"] = [None, 503, None, None, 409, 503]
    crowd = crowd_at(url, journal, stop, orders=60)
    before = set(threading.enumerate())
    crowd.start()
    wait_until(lambda: not crowd.is_ordering and not journal.unfinished(), seconds=30)
    seen = journal.snapshot()
    assert seen.placed == len(system.orders) == 60
    assert seen.ended == 60
    assert seen.by_status["cancelled"] == sum(
        order["status"] == "cancelled" for order in system.orders.values()
    )
    assert "unknown sku" in seen.refused
    stop.set()
    crowd.join(30)
    # Neither its own, nor the server's for connections that it left open.
    wait_until(lambda: set(threading.enumerate()) <= before, seconds=30)


def test_it_orders_the_same_with_the_same_seed(stop: threading.Event):
    found = []
    for _ in range(2):
        system, journal = FakeSystem(), Journal()
        with serving(system) as url:
            crowd = crowd_at(url, journal, stop, orders=30)
            crowd.start()
            wait_until(lambda crowd=crowd: not crowd.is_ordering, seconds=30)  # type: ignore[misc]
        found.append(journal.snapshot().refused)
    assert found[0] == found[1] != {}


def test_it_does_not_call_an_order_ended_that_is_not(
    url: str, system: FakeSystem, stop: threading.Event
):
    system.last_status = "cooked"
    journal = Journal()
    crowd = crowd_at(url, journal, stop, orders=9)
    crowd.start()
    wait_until(lambda: journal.snapshot().by_status["cooked"] >= 8, seconds=30)
    assert journal.snapshot().by_status["delivered"] == 0
    assert len(journal.unfinished()) >= 8
