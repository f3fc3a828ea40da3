"""Taking a dish off the menu over HTTP, and putting it back."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from auth_grpc import services as accounts
from auth_grpc.models import Role, User
from orders import services
from orders.errors import UnknownItem
from orders.menu import compiled
from orders.models import MenuItem, OutboxMessage
from proto import orders_pb2
from restaurant.messaging.outbox import Outgoing
from tests.orders.people import client_of, post, user

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders"]),
    pytest.mark.usefixtures("menu", "placed_here"),
]
URL = "/api/v1/menu/COLA/availability/"
COLA = {"lines": [{"sku": "COLA", "quantity": 1}], "address": "12 Canal Street"}
OFF, BACK = {"available": False}, {"available": True}


@pytest.fixture
def cook() -> APIClient:
    return client_of(user("orders.set_availability"))


def send(client: Any, body: Any, url: str = URL, **headers: str) -> Any:
    return client.post(url, body, content_type="application/json", headers=headers)


def notices() -> list[orders_pb2.MenuChanged]:
    rows = OutboxMessage.objects.filter(topic="menu_changed").order_by("sequence")
    return [orders_pb2.MenuChanged.FromString(bytes(row.payload)) for row in rows]


def is_available(sku: str = "COLA") -> bool:
    return MenuItem.objects.get(sku=sku).available


def browser_of(role: str) -> Client:
    """Give the client of somebody with this role, or none, who has the staff site's session."""
    client, email = Client(enforce_csrf_checks=True), f"{role or 'nobody'}@example.com"
    if role == "superuser":
        client.force_login(User.objects.create_superuser(email))
    elif role in (Role.CUSTOMER, Role.COURIER, ""):
        client.force_login(User.objects.create_user(email, is_staff=True))
    else:
        client.force_login(accounts.create_staff(email=email, password="tea&biscuits7", role=role))
    return client


def csrf(client: Client) -> dict[str, str]:
    client.get(reverse("admin:password_change"))
    return {"X-CSRFToken": client.cookies["csrftoken"].value}


def test_a_dish_is_86d_and_put_back(cook: APIClient, api: APIClient):
    answer = cook.post(URL, OFF, format="json")
    assert answer.status_code == 200
    assert answer.json() == {"sku": "COLA", "name": "Cola", "available": False, "changed": True}
    refused = post(api, COLA)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "unavailable")

    answer = cook.post(URL, BACK, format="json")
    assert (answer.json()["available"], answer.json()["changed"]) == (True, True)
    assert post(api, COLA).status_code == 201


def test_the_menu_says_so_to_anybody(cook: APIClient):
    cook.post(URL, OFF, format="json")
    _pizza, drinks = APIClient().get("/api/v1/menu/").json()["categories"]
    assert [item["available"] for item in drinks["items"]] == [False, False]


def test_what_is_so_already_changes_nothing(cook: APIClient):
    before = compiled.version()
    answer = cook.post(URL, BACK, format="json")
    assert answer.status_code == 200
    assert answer.json() == {"sku": "COLA", "name": "Cola", "available": True, "changed": False}
    assert compiled.version() == before
    assert not notices()


def test_screens_are_told_once_of_each_change(cook: APIClient):
    for body in (OFF, OFF, BACK, BACK):
        assert cook.post(URL, body, format="json").status_code == 200
    first, second = notices()
    assert list(first.skus) == list(second.skus) == ["COLA"]
    assert first.id < second.id
    assert first.changed_at.ToDatetime() <= second.changed_at.ToDatetime()


def test_nothing_changes_when_screens_cannot_be_told(monkeypatch: pytest.MonkeyPatch):
    def fail(_service: str, _outgoing: list[Outgoing], **_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("restaurant.messaging.outbox.add", fail)
    with pytest.raises(RuntimeError):
        services.set_availability(sku="COLA", available=False)
    assert is_available()


@pytest.mark.parametrize("sku", ["NOPE", "cola", "COLA%00", "C%C3%B6la"])
def test_an_unknown_dish_is_404(cook: APIClient, sku: str):
    answer = cook.post(f"/api/v1/menu/{sku}/availability/", OFF, format="json")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert not notices()
    with pytest.raises(UnknownItem):
        services.set_availability(sku="NOPE", available=False)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "malformed"),
        ("{", "malformed"),
        ("[]", "wrong_type"),
        ("{}", "required"),
        ('{"available": "no"}', "wrong_type"),
        ('{"available": 0}', "wrong_type"),
        ('{"available": null}', "null"),
        ('{"available": false, "sku": "COLA"}', "unknown_field"),
    ],
)
def test_a_bad_body_is_400(cook: APIClient, body: str, code: str):
    answer = cook.post(URL, body, content_type="application/json")
    assert answer.status_code == 400
    problem = answer.json()
    assert code in {problem["code"], *(error["code"] for error in problem.get("errors", ()))}
    assert is_available()


def test_only_json_is_read(cook: APIClient):
    assert cook.post(URL, "available=", content_type="text/plain").status_code == 415


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_it_knows_no_other_method(cook: APIClient, method: str):
    assert getattr(cook, method)(URL).status_code == 405


# What each role is answered: the dish, and what else of this service a right could have opened.
ORDERS, MENU_PAGE = "/api/v1/orders/", "admin:orders_menuitem_changelist"
RIGHTS = {
    "superuser": (200, 200),
    Role.MANAGER: (200, 200),
    Role.KITCHEN: (200, 403),
    Role.DISPATCH: (403, 403),
    Role.SUPPORT: (403, 200),
    Role.CUSTOMER: (403, 403),
    Role.COURIER: (403, 403),
    "": (403, 403),
}


@pytest.mark.parametrize("role", RIGHTS)
def test_each_role_has_its_rights(role: str):
    client, (post_status, page_status) = browser_of(role), RIGHTS[role]
    answer = send(client, OFF, **csrf(client))
    assert answer.status_code == post_status
    assert is_available() == (post_status == 403)
    assert client.get(reverse(MENU_PAGE)).status_code == page_status


def test_a_token_of_somebody_without_the_right_is_403(api: APIClient):
    for client in (api, client_of(user("orders.view_order", "orders.change_menuitem"))):
        assert client.post(URL, OFF, format="json").status_code == 403
    assert is_available()


def test_a_stranger_is_401():
    answer = APIClient().post(URL, OFF, format="json")
    assert answer.status_code == 401
    assert is_available()


def test_a_session_needs_its_csrf_token():
    client = browser_of(Role.KITCHEN)
    assert send(client, OFF).status_code == 403
    assert send(client, OFF, **{"X-CSRFToken": "a" * 64}).status_code == 403
    assert is_available()


def test_the_right_opens_nothing_else_to_the_kitchen(api: APIClient):
    placed = post(api)["Location"]
    client = browser_of(Role.KITCHEN)
    headers = csrf(client)
    item = MenuItem.objects.get(sku="COLA")
    for model in ("order", "menuitem", "category", "outboxmessage"):
        assert client.get(reverse(f"admin:orders_{model}_changelist")).status_code == 403
    for page in ("change", "delete", "take_off", "put_back"):
        url = reverse(f"admin:orders_menuitem_{page}", args=[item.pk])
        assert client.get(url).status_code == 403
    url = reverse("admin:orders_menuitem_availability", args=[item.pk])
    assert client.post(url, {"available": "0"}, headers=headers).status_code == 403
    url = reverse("admin:orders_menuitem_take_off", args=[item.pk])
    assert client.post(url, {"_form_submitted": "True"}, headers=headers).status_code == 403
    assert client.get(reverse("admin:app_list", args=["orders"])).status_code == 404
    assert client.get(ORDERS).json()["results"] == []
    assert client.get(placed).status_code == 404
    assert send(client, {}, f"{placed}cancel/", **headers).status_code == 404
    assert is_available()
