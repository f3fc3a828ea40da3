"""What the demo lays in where it orders at a system that already runs."""

import re

import pytest
from django.utils import timezone
from rich.console import Console

from auth_grpc import services as accounts
from auth_grpc.models import User
from delivery.models import Courier
from kitchen.models import Station
from orders.models import MenuItem
from restaurant.demo import house, premises
from restaurant.demo.day import Day, Plan

pytestmark = pytest.mark.django_db(
    transaction=True, databases=["default", "orders", "kitchen", "delivery"]
)


@pytest.fixture
def said() -> list[str]:
    return []


def go(url: str, said: list[str]) -> None:
    with premises.found(url, say=said.append) as base_url:
        assert base_url == url


def test_it_furnishes_a_new_restaurant_and_makes_no_accounts(live_server, said):
    go(live_server.url, said)
    assert len(said) == 1
    for kind in (MenuItem, Station, Courier):
        assert kind.objects.exists()
    assert not User.objects.exists()


def test_it_adds_nothing_where_anything_is(live_server, said):
    Courier.objects.create(name="Theirs")
    go(live_server.url, said)
    assert said == []
    assert not MenuItem.objects.exists()
    assert Courier.objects.count() == 1


def test_it_leaves_a_development_machines_own_files_alone(live_server, said, settings):
    settings.DEBUG = True
    go(live_server.url, said)
    assert said == []
    assert not MenuItem.objects.exists()


def test_it_leaves_databases_alone_that_are_not_that_systems(live_server, said):
    house.lay_in()
    # What guests are shown there is another restaurant's, since these databases are empty.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house, "is_new", lambda: True)
        patch.setattr(house, "lay_in", lambda: pytest.fail("laid in"))
        go(live_server.url, said)
    assert said == []


def test_it_lays_in_nothing_where_nobody_answers(said):
    go("http://127.0.0.1:1", said)
    assert said == []
    assert not MenuItem.objects.exists()


def test_everybody_whom_the_screen_names_can_log_in():
    house.furnish()
    house.furnish()
    day = Day(Plan(), Console(), tell=lambda _: None)
    told = "\n".join(text for _, text in day._facts("http://localhost").doors)
    (password,) = re.findall("every password: (.*)", told)
    named = {*re.findall(r"[\w.]+@[\w.]+", told), *house.staff_logins()}
    assert "anna@customers.example" in named
    for email in named:
        assert accounts.login(email=email, password=password, now=timezone.now()).access
