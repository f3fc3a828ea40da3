"""Query parameters: known ones are taken, and nothing else is."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from orders import refusals
from orders.models import Order
from restaurant.parameters import KnownParameters, known_parameters
from restaurant.problems import MEDIA_TYPE
from tests.openapi.schema import operations
from tests.orders.people import ORDER
from tests.reading.routes import Route, everybody, routes

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
LISTS = ["orders", "kitchen/tickets", "kitchen/stations", "delivery/deliveries"]


@pytest.fixture
def client() -> APIClient:
    return everybody()


def refused(answer: Any, code: str) -> list[dict[str, str]]:
    assert (answer.status_code, answer["Content-Type"]) == (400, MEDIA_TYPE)
    assert answer.json()["code"] == code
    return list(answer.json()["errors"])


@pytest.mark.parametrize("route", routes(), ids=str)
def test_every_operation_refuses_a_parameter_that_it_does_not_know(
    route: Route, client: APIClient
) -> None:
    answer = client.generic(route.method, f"{route.url}?colour=red&%00=1")
    colour, nul = refused(answer, "unknown_parameter")
    assert (colour["parameter"], nul["parameter"]) == ("colour", "\0")
    known = known_parameters(route.view, route.method)
    assert all(name in colour["detail"] for name in known)
    assert ("none" in colour["detail"]) == (not known)


@pytest.mark.parametrize("route", routes(), ids=str)
def test_every_operation_knows_what_the_schema_says(route: Route) -> None:
    assert isinstance(route.view, KnownParameters), "let the view inherit KnownParameters"
    (told,) = (
        {p["name"] for p in found.told.get("parameters", ()) if p["in"] == "query"}
        for found in operations()
        if (found.path, found.method.upper()) == (route.path, route.method)
    )
    assert known_parameters(route.view, route.method) == told


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_what_reads_without_a_body_refuses_the_same(client: APIClient, method: str) -> None:
    answer = client.generic(method, "/api/v1/orders/?colour=red")
    assert answer.status_code == 400
    assert client.generic(method, "/api/v1/orders/?status=placed").status_code == 200


def test_it_tells_nobody_what_is_for_others() -> None:
    answer = APIClient().get("/api/v1/kitchen/tickets/?colour=red")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_a_method_that_is_not_there_is_refused_first(client: APIClient) -> None:
    assert client.put("/api/v1/orders/?colour=red", {}).status_code == 405


@pytest.mark.parametrize("query", ["page_size=2&page_size=3", "created_after=&created_after="])
def test_it_takes_one_value_where_there_can_be_one(client: APIClient, query: str) -> None:
    (error,) = refused(client.get(f"/api/v1/orders/?{query}"), "repeated_parameter")
    assert error["parameter"] == query.partition("=")[0]


def test_it_takes_several_where_there_can_be_several(client: APIClient) -> None:
    assert client.get("/api/v1/orders/?status=placed&status=cooked").status_code == 200


def test_it_lets_a_person_choose_the_form(client: APIClient) -> None:
    assert client.get("/api/v1/menu/?format=json").status_code == 200
    assert client.get("/api/v1/menu/?format=json&format=api").status_code == 400


def test_it_repeats_little_of_what_nobody_asked_for(client: APIClient) -> None:
    query = "&".join(f"{'x' * 500}{n}=" for n in range(50))
    errors = refused(client.get(f"/api/v1/menu/?{query}"), "unknown_parameter")
    assert len(errors) == 10
    assert {len(error["parameter"]) for error in errors} == {64}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("size", "code"),
    [
        *((size, "out_of_range") for size in ("0", "-1", "201", "9" * 5000)),
        *((size, "invalid") for size in ("ten", "1.5", "\u0663", "+1")),
        ("", "blank"),
    ],
)
def test_it_takes_no_page_size_that_it_would_not_keep_to(
    client: APIClient, name: str, size: str, code: str
) -> None:
    (error,) = refused(client.get(f"/api/v1/{name}/", {"page_size": size}), "invalid")
    assert (error["parameter"], error["code"]) == ("page_size", code)


@pytest.mark.parametrize(
    "query",
    [
        *("orders/?status=eaten", "orders/?created_after=yesterday", "orders/?customer=me"),
        *("kitchen/tickets/?status=burnt", "kitchen/tickets/?sort=up", "orders/?customer=%00"),
        *("delivery/deliveries/?courier=x", "kitchen/stations/?mode=steam"),
        *("orders/?customer=", "orders/?created_after=", "kitchen/tickets/?station="),
        *(
            "orders/?cursor=",
            "orders/?status=,",
            "orders/?status=placed,",
            "orders/?status=,placed",
        ),
        *("delivery/couriers/?on_shift=yes", "kitchen/stations/?is_open=1"),
    ],
)
def test_it_names_the_parameter_whose_value_it_cannot_read(client: APIClient, query: str) -> None:
    (error,) = refused(client.get(f"/api/v1/{query}"), "invalid")
    assert error["parameter"] == query.partition("?")[2].partition("=")[0]
    assert error["detail"]
    assert "pointer" not in error


@pytest.mark.parametrize(
    ("path", "known"), [("schema/", "lang."), ("docs/", "lang, script."), ("redoc/", "lang.")]
)
@pytest.mark.parametrize("query", ["colour=red", "version=2", "lang=ru&Lang=ru"])
def test_the_schema_and_its_pages_refuse_it_too(path: str, known: str, query: str) -> None:
    (error,) = refused(APIClient().get(f"/api/{path}?{query}"), "unknown_parameter")
    assert error["parameter"] == query.rpartition("&")[2].partition("=")[0]
    assert error["detail"].endswith(f"Known here: {known}")


@pytest.mark.parametrize("path", ["schema/", "docs/", "redoc/"])
@pytest.mark.parametrize("lang", ["", "xx", "EN", "../ru", "%00"])
def test_they_are_in_no_language_that_is_not_there(path: str, lang: str) -> None:
    (error,) = refused(APIClient().get(f"/api/{path}?lang={lang}"), "invalid")
    assert (error["parameter"], error["code"]) == ("lang", "invalid_choice")
    assert error["detail"] == "Choose one of: en, ru."


def test_the_schema_takes_a_language_and_a_form() -> None:
    told = {
        lang: APIClient().get(f"/api/schema/?format=json&lang={lang}").content
        for lang in ("en", "ru")
    }
    # What a courier's mode is called there.
    assert b"Automatic" in told["en"]
    assert b"Automatic" not in told["ru"]


def test_a_page_passes_its_language_on() -> None:
    page = APIClient().get("/api/docs/?lang=ru").content.decode()
    assert "/api/docs/?lang=ru&amp;script=" in page
    script = APIClient().get("/api/docs/?lang=ru&script=").content.decode()
    assert r"/api/schema/?lang\u003Dru" in script
    assert "/api/schema/?lang=ru" in APIClient().get("/api/redoc/?lang=ru").content.decode()


@pytest.mark.usefixtures("no_tally")
def test_an_order_with_a_parameter_is_not_placed_and_is_counted(client: APIClient) -> None:
    answer = client.post("/api/v1/orders/?dry_run=1", ORDER, format="json")
    refused(answer, "unknown_parameter")
    assert not Order.objects.exists()
    assert [code for _at, code in refusals._tally._counts] == ["unknown_parameter"]


@pytest.fixture
def no_tally(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "_tally", refusals.Tally())
