"""The API in a browser, by a person with the staff session; and its schema."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from orders.models import Order
from tests.orders.people import ORDER, post

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders"]),
    pytest.mark.usefixtures("menu", "placed_here"),
]


@pytest.fixture
def browser() -> Client:
    from auth_grpc.models import User

    client = Client(headers={"Accept": "text/html"}, enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser(email="chef@example.org", password="x"))
    return client


def csrf(browser: Client) -> dict[str, str]:
    page = browser.get("/api/v1/orders/")
    assert page.status_code == 200
    return {"X-CSRFToken": browser.cookies["csrftoken"].value}


def test_pages_are_shown(browser: Client, api: APIClient):
    url = post(api)["Location"]
    for path in ("/api/v1/orders/", url, url + "timeline/", "/api/v1/menu/"):
        page = browser.get(path)
        assert page.status_code == 200
        assert page["Content-Type"].startswith("text/html")
        assert "MARGHERITA" in page.content.decode() or path.endswith("timeline/")
    assert 'name="_content"' in browser.get("/api/v1/orders/").content.decode()


def test_an_order_can_be_placed_and_cancelled_by_hand(browser: Client):
    headers = csrf(browser)
    page = browser.post("/api/v1/orders/", ORDER, content_type="application/json", headers=headers)
    assert page.status_code == 201
    assert page["Content-Type"].startswith("text/html")
    cancel = page["Location"] + "cancel/"
    assert 'name="_content"' in browser.get(cancel).content.decode()
    page = browser.post(cancel, {}, content_type="application/json", headers=headers)
    assert page.status_code == 202
    assert Order.objects.get().cancel_requested


def test_a_mistake_is_shown_as_a_page(browser: Client):
    bad: dict[str, Any] = {**ORDER, "lines": []}
    page = browser.post(
        "/api/v1/orders/", bad, content_type="application/json", headers=csrf(browser)
    )
    assert page.status_code == 400
    assert "/lines" in page.content.decode()
    assert not Order.objects.exists()


def test_a_session_needs_its_csrf_token(browser: Client):
    refused = browser.post("/api/v1/orders/", ORDER, content_type="application/json")
    assert refused.status_code == 403
    assert not Order.objects.exists()


def test_the_schema_tells_of_every_view():
    schema = APIClient().get("/api/schema/", headers={"Accept": "application/json"}).json()
    paths = {path for path in schema["paths"] if "/orders/" in path or "/menu/" in path}
    assert paths == {
        "/api/v1/menu/",
        "/api/v1/menu/{sku}/availability/",
        "/api/v1/orders/",
        "/api/v1/orders/{order_id}/",
        "/api/v1/orders/{order_id}/timeline/",
        "/api/v1/orders/{order_id}/events/",
        "/api/v1/orders/{order_id}/cancel/",
    }
    create = schema["paths"]["/api/v1/orders/"]["post"]
    refused = {"400", "401", "403", "406", "409", "411", "413", "415", "422", "429", "503"}
    assert set(create["responses"]) == {"201", *refused}
    assert any(p["name"] == "Idempotency-Key" for p in create["parameters"])
    cancel = schema["paths"]["/api/v1/orders/{order_id}/cancel/"]["post"]
    assert "202" in cancel["responses"]
    availability = schema["paths"]["/api/v1/menu/{sku}/availability/"]["post"]
    assert {"200", "400", "401", "403", "404"} <= set(availability["responses"])
    listed = schema["paths"]["/api/v1/orders/"]["get"]
    assert {p["name"] for p in listed["parameters"]} >= {"status", "cursor", "page_size"}
