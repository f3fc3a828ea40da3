"""Following an order at the web process, which answers at once or sends on."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from auth_grpc.authentication import TokenUser
from orders.models import Order
from tests.orders.people import client_of, post, user
from tests.orders.test_projection import ACCEPTED, CANCELLED, apply, event

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders"]),
    pytest.mark.usefixtures("menu", "placed_here"),
]
STREAM = {"Accept": "text/event-stream"}


@pytest.fixture
def path(api: APIClient) -> str:
    return str(post(api)["Location"]).removeprefix("http://testserver") + "events/"


def order() -> Order:
    return Order.objects.get()


def get(client: Any, path: str, **headers: str) -> Any:
    return client.get(path, headers=headers)


def test_it_lists_what_is_new(api: APIClient, path: str) -> None:
    apply(event(ACCEPTED, order()))
    found = api.get(path).json()
    assert [(e["sequence"], e["type"], e["order_status"]) for e in found] == [
        (1, "order_created", "placed"),
        (2, "order_accepted", "accepted"),
    ]
    for query in ("?after=1", "?after=1&wait=20"):
        assert api.get(path + query).json() == found[1:]
    assert get(api, path, **{"Last-Event-ID": "2"}).json() == []


@pytest.mark.parametrize(
    ("query", "headers"), [("?after=1&wait=20", {}), ("", STREAM), ("?after=1", STREAM)]
)
def test_it_sends_on_who_must_wait(
    api: APIClient, path: str, settings: Any, query: str, headers: dict[str, str]
) -> None:
    settings.LIVE_PORT, settings.LIVE_URL = 8123, ""
    answer = get(api, path + query, **headers)
    assert answer.status_code == 307
    assert "Content-Type" not in answer
    assert answer["Location"] == f"http://testserver:8123{path}{query}"
    settings.LIVE_URL = "https://live.example"
    assert get(api, path + query, **headers)["Location"] == f"https://live.example{path}{query}"


def test_it_answers_in_the_form_that_is_wanted_most(api: APIClient, path: str) -> None:
    listed = get(api, path, Accept="application/json, text/event-stream;q=0.1")
    assert (listed.status_code, listed["Content-Type"]) == (200, "application/json")
    assert get(api, path, Accept="application/json;q=0.1, text/event-stream").status_code == 307
    refused = get(api, path, Accept="application/xml")
    assert (refused.status_code, refused.json()["code"]) == (406, "not_acceptable")
    assert "application/json here, and text/event-stream." in refused.json()["detail"]
    refused = get(api, f"{path}?format=xml")
    assert "`format` is one of json, api." in refused.json()["detail"]


def test_it_sends_nobody_to_where_it_is_itself(api: APIClient, path: str, settings: Any) -> None:
    settings.LIVE_URL = "/"
    answer = get(api, path, **STREAM)
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Retry-After"]


def test_it_says_when_all_is_told(api: APIClient, path: str) -> None:
    apply(event(CANCELLED, order()))
    for over in (
        get(api, path, **STREAM, **{"Last-Event-ID": "2"}),
        api.get(path + "?after=2&wait=20"),
    ):
        assert (over.status_code, over.content) == (204, b"")
        assert "Content-Type" not in over
    # Who does not wait has asked for a list.
    assert api.get(path + "?after=2").json() == []


@pytest.mark.parametrize("way", [{}, STREAM])
def test_it_shows_strangers_no_order(
    api: APIClient, path: str, customer: TokenUser, way: dict[str, str]
) -> None:
    for who, status in ((user(), 404), (user("kitchen.view_ticket"), 404)):
        refused = get(client_of(who), path, **way)
        assert refused.status_code == status
        assert refused["Content-Type"] == "application/problem+json"
    assert get(APIClient(), path, **way).status_code == 401
    assert get(client_of(user("orders.view_order")), path).status_code == 200


@pytest.mark.parametrize(
    ("query", "code"),
    [("?since=1", "unknown_parameter"), ("?after=x", "invalid"), ("?wait=31", "invalid")],
)
def test_it_refuses_what_it_cannot_read(api: APIClient, path: str, query: str, code: str) -> None:
    refused = api.get(path + query)
    assert (refused.status_code, refused.json()["code"]) == (400, code)


def test_it_is_a_page_in_a_browser(path: str) -> None:
    from auth_grpc.models import User

    browser = Client(headers={"Accept": "text/html"})
    browser.force_login(User.objects.create_superuser(email="chef@example.org", password="x"))
    page = browser.get(path)
    assert page.status_code == 200
    assert "order_created" in page.content.decode()


def test_the_schema_names_it(client: Client) -> None:
    schema = client.get("/api/schema/?format=json").json()
    operation = schema["paths"]["/api/v1/orders/{order_id}/events/"]["get"]
    assert {p["name"] for p in operation["parameters"]} >= {"after", "wait", "Last-Event-ID"}
    assert set(operation["responses"]["200"]["content"]) == {
        "application/json",
        "text/event-stream",
    }
