"""Logging in for the API's pages: everybody may, and staff no easier than elsewhere."""

from typing import Any

import pytest
from django.contrib.auth import get_user
from django.test import Client

from auth_grpc import services
from auth_grpc.models import User
from tests.auth_grpc.people import PASSWORD

pytestmark = pytest.mark.django_db(databases=["default", "orders"])
LOGIN, ORDERS = "/account/login/", "/api/v1/orders/"


@pytest.fixture
def client() -> Client:
    return Client(headers={"Accept": "text/html"})


def log_in(client: Client, email: str, password: str = PASSWORD, to: str = ORDERS) -> Any:
    return client.post(LOGIN, {"username": email, "password": password, "next": to})


def is_in(client: Client) -> bool:
    return get_user(client).is_authenticated


def test_a_customer_is_let_in_and_led_back(client: Client) -> None:
    customer = services.register(email="ada@example.com", password=PASSWORD, name="Ada")
    assert client.get(LOGIN).status_code == 200
    answer = log_in(client, "ada@example.com")
    assert (answer.status_code, answer["Location"]) == (302, ORDERS)
    page = client.get(ORDERS)
    assert page.status_code == 200
    assert customer.email in page.content.decode()
    # The staff site stays shut.
    assert client.get("/admin/").status_code == 302


def test_it_leads_to_no_other_site(client: Client) -> None:
    services.register(email="ada@example.com", password=PASSWORD, name="Ada")
    answer = log_in(client, "ada@example.com", to="https://evil.example/")
    assert answer["Location"] == "/api/docs/"


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_is_refused(client: Client, password: str) -> None:
    services.register(email="ada@example.com", password=PASSWORD, name="Ada")
    assert log_in(client, "ada@example.com", password).status_code == 200
    assert not is_in(client)


def test_who_is_deactivated_is_refused(client: Client) -> None:
    services.register(email="ada@example.com", password=PASSWORD, name="Ada")
    User.objects.update(is_active=False)
    assert log_in(client, "ada@example.com").status_code == 200
    assert not is_in(client)


def test_staff_are_asked_for_their_second_factor_here_too(client: Client, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
    services.create_staff(email="c@example.com", password=PASSWORD, role="kitchen", name="Cleo")
    answer = log_in(client, "c@example.com")
    assert answer["Location"] == "/account/second-factor/set-up/"
    assert not is_in(client)


def test_guessing_is_throttled(client: Client, settings: Any) -> None:
    settings.LOGIN_FAILURES_PER_ACCOUNT = 2
    services.register(email="ada@example.com", password=PASSWORD, name="Ada")
    answers = [log_in(client, "ada@example.com", "wrong").status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert log_in(client, "ada@example.com").status_code == 429
    assert not is_in(client)


def test_logging_out_needs_a_press(client: Client) -> None:
    services.register(email="ada@example.com", password=PASSWORD, name="Ada")
    log_in(client, "ada@example.com")
    assert client.get("/account/logout/").status_code == 405
    assert is_in(client)
    client.post("/account/logout/", {"next": ORDERS})
    assert not is_in(client)
