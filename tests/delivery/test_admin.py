"""Couriers' and deliveries' pages of the staff site."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

import restaurant.urls  # noqa: F401 - has the site look for its pages
from auth_grpc import services as accounts
from auth_grpc.models import User
from delivery.models import Courier, TrailEntry
from tests.delivery.ground import courier, notices

pytestmark = pytest.mark.django_db(databases=["default", "delivery"])


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    return client


def test_it_tells_screens_of_a_courier_who_is_set_otherwise(boss: Client) -> None:
    ada = courier("Ada", load_limit=2)
    url = reverse("admin:delivery_courier_change", args=[ada.pk])
    answer = boss.post(url, {"name": "Ada", "mode": "manual", "load_limit": 3})

    assert answer.status_code == 302
    ada.refresh_from_db()
    assert (ada.mode, ada.load_limit, ada.on_shift) == ("manual", 3, True)
    assert [list(notice.courier_ids) for notice in notices()] == [[str(ada.pk)]]


def test_it_tells_screens_of_a_new_courier(boss: Client) -> None:
    url = reverse("admin:delivery_courier_add")
    assert boss.post(url, {"name": "New", "mode": "automatic"}).status_code == 302

    new = Courier.objects.get()
    assert (new.name, new.on_shift) == ("New", False)
    assert [list(notice.courier_ids) for notice in notices()] == [[str(new.pk)]]


def save(client: Client, who: Courier, email: str) -> Any:
    url = reverse("admin:delivery_courier_change", args=[who.pk])
    return client.post(url, {"name": who.name, "mode": who.mode, "user_id": email})


def account(email: str, *, role: str = "courier") -> User:
    made = accounts.register(email=email, password="long enough 7")
    made.groups.set([Group.objects.get(name=role)])
    return made


@pytest.fixture
def dispatch(client: Client) -> Client:
    given = {"email": "dispatch@example.com", "password": "long enough 7"}
    client.force_login(accounts.create_staff(**given, role="dispatch"))
    return client


def test_it_links_a_courier_to_an_account_by_its_email(dispatch: Client) -> None:
    ada, user = courier("Ada"), account("ada@example.com")
    assert save(dispatch, ada, " Ada@Example.com ").status_code == 302
    ada.refresh_from_db()
    assert ada.user_id == user.pk

    url = reverse("admin:delivery_courier_change", args=[ada.pk])
    assert "ada@example.com" in dispatch.get(url).content.decode()
    assert save(dispatch, ada, "ada@example.com").status_code == 302
    assert TrailEntry.objects.filter(object_type="delivery.courier").count() == 1

    assert save(dispatch, ada, "").status_code == 302
    ada.refresh_from_db()
    assert ada.user_id is None


@pytest.mark.parametrize("email", ["nobody@example.com", "guest@example.com", "Ada", "a@b"])
def test_it_tells_no_accounts_of_others_from_those_that_are_not_there(
    dispatch: Client, email: str
) -> None:
    ada = courier("Ada")
    account("guest@example.com", role="customer")
    answer = save(dispatch, ada, email)
    assert answer.status_code == 200
    (error,) = answer.context["adminform"].form.errors["user_id"]
    assert error == (
        "No courier's account has this e-mail."
        if "example" in email
        else "Enter a valid email address."
    )
    ada.refresh_from_db()
    assert ada.user_id is None


def test_it_gives_an_account_to_one_courier(dispatch: Client) -> None:
    user = account("ada@example.com")
    courier("Ada", user_id=user.pk)
    assert save(dispatch, courier("Bob"), "ada@example.com").status_code == 200
    assert Courier.objects.filter(user_id=user.pk).count() == 1
