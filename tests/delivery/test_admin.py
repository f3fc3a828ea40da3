"""Couriers' and deliveries' pages of the staff site."""

import pytest
from django.test import Client
from django.urls import reverse

import restaurant.urls  # noqa: F401 - has the site look for its pages
from auth_grpc.models import User
from delivery.models import Courier
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
