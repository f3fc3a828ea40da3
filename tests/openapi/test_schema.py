"""The schema is valid, and says of each operation what a client developer has to know."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from restaurant.openapi import examples, links
from tests.openapi.schema import Operation, media_of, misfits, objects, operations, schema, whole

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ROOT / "docs" / "reference" / "openapi.yaml"
OPERATIONS = list(operations())
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.id)


def test_it_is_openapi_3_1() -> None:
    assert schema()["openapi"].startswith("3.1.")
    validate(schema(), cls=OpenAPIV31SpecValidator)


def test_the_one_that_is_kept_is_the_one_that_is_served() -> None:
    assert yaml.safe_load(KEPT.read_text()) == schema(), "run `make reference`"


def test_a_text_that_may_be_blank_fits() -> None:
    shapes = schema()["components"]["schemas"]
    for body, field in (("CancelRequest", "reason"), ("OrderRequest", "note"), ("Login", "code")):
        shape = shapes[body]["properties"][field]
        assert OAS31Validator(shape).is_valid(""), (body, shape)
        assert not OAS31Validator(shape).is_valid("x" * 501)


def test_operations_are_told_of_as_a_day_goes() -> None:
    # By these, too, generated clients name their methods: each is a verb of what it is about.
    assert [operation.id for operation in OPERATIONS] == [
        "root_retrieve",
        *("auth_register", "auth_login", "auth_refresh", "auth_logout"),
        *("menu_retrieve", "menu_set_availability"),
        *("orders_create", "orders_list", "orders_retrieve", "orders_cancel"),
        *("orders_retrieve_timeline", "orders_list_events"),
        *("kitchen_tickets_list", "kitchen_tickets_retrieve", "kitchen_tickets_start"),
        *("kitchen_tickets_bump", "kitchen_tickets_recall", "kitchen_tickets_acknowledge"),
        *("kitchen_stations_list", "kitchen_stations_retrieve"),
        *("kitchen_stations_open", "kitchen_stations_close"),
        *("delivery_deliveries_list", "delivery_deliveries_retrieve"),
        *("delivery_deliveries_pick_up", "delivery_deliveries_deliver", "delivery_deliveries_fail"),
        *("delivery_couriers_list", "delivery_couriers_retrieve", "delivery_couriers_retrieve_me"),
        *("delivery_couriers_start_shift", "delivery_couriers_end_shift"),
    ]


@each_operation
def test_no_member_of_an_answer_is_ever_missing(operation: Operation) -> None:
    # That they are there is seen in `test_examples`, where a running house answers.
    good = [a for s, a in operation.told["responses"].items() if int(s) < 300]
    for shape in (shape for answer in good for shape in objects(answer)):
        assert set(shape["required"]) == set(shape["properties"])


def test_answers_close_no_set_of_values() -> None:
    # A generated client would fail at the first that is added.
    shapes = schema()["components"]["schemas"]
    assert [name for name, shape in shapes.items() if "enum" in shape] == []
    status = shapes["OrderStatus"]
    assert "delivered" in status["x-extensible-enum"]
    assert "delivered" in status["description"]
    assert OAS31Validator(status).is_valid("eaten")


def test_money_has_two_decimal_places() -> None:
    price = schema()["components"]["schemas"]["MenuItem"]["properties"]["price"]
    for text, is_money in (("9.50", True), ("-0.50", True), ("", False), ("5", False)):
        assert OAS31Validator(price).is_valid(text) is is_money, text


def test_it_says_that_the_url_of_a_picture_may_be_relative() -> None:
    shapes = schema()["components"]["schemas"]
    for name in ("picture", "thumbnail"):
        assert "relative" in shapes["MenuItem"]["properties"][name]["description"]
    (menu,) = (operation for operation in OPERATIONS if operation.id == "menu_retrieve")
    (media,) = media_of(menu.told["responses"]["200"])
    assert media["example"]["categories"][0]["items"][0]["picture"].startswith("/")


def test_it_says_where_an_answer_leads() -> None:
    found = {operation.id: operation.told["responses"] for operation in OPERATIONS}
    for name, status in (("orders_create", "201"), ("orders_list_events", "307")):
        assert found[name][status]["headers"]["Location"]["description"]


def test_it_says_where_the_api_is() -> None:
    assert [server["url"] for server in schema()["servers"]] == ["/"]


def test_a_body_is_described_for_clients() -> None:
    shapes = schema()["components"]["schemas"]
    told = [shapes[name]["description"] for name in ("Login", "Registration", "Refresh")]
    assert len(set(told)) == len(told)


def test_a_problem_need_not_blame_a_part() -> None:
    assert "errors" not in schema()["components"]["schemas"]["Problem"]["required"]


@each_operation
def test_an_answer_tells_nothing_of_columns(operation: Operation) -> None:
    for answer in operation.told["responses"].values():
        for shape in objects(answer):
            for name, part in shape["properties"].items():
                leaked = {"title", "readOnly", "maximum", "minimum", "maxLength"} & part.keys()
                assert not leaked, (name, part)


@each_operation
def test_it_says_what_an_operation_does(operation: Operation) -> None:
    summary, description = operation.told["summary"], operation.told["description"]
    assert len(summary) <= 60
    assert not summary.endswith(".")
    assert summary not in description
    assert description.endswith(".")


@each_operation
def test_it_says_what_each_parameter_is(operation: Operation) -> None:
    for parameter in operation.told.get("parameters", []):
        assert parameter.get("description"), parameter["name"]


@each_operation
def test_an_operation_is_found_under_a_tag_that_is_told_of(operation: Operation) -> None:
    tags = {tag["name"]: tag["description"] for tag in schema()["tags"]}
    (tag,) = operation.told["tags"]
    assert tags[tag]


@each_operation
def test_each_error_is_a_problem(operation: Operation) -> None:
    errors = {s: a for s, a in operation.told["responses"].items() if int(s) >= 400}
    assert errors
    for status, answer in errors.items():
        (media,) = whole(answer)["content"].values()
        assert media["schema"] == {"$ref": "#/components/schemas/Problem"}, status


@each_operation
def test_it_says_when_to_come_again(operation: Operation) -> None:
    for status in {"429", "503"} & set(operation.told["responses"]):
        assert "Retry-After" in whole(operation.told["responses"][status])["headers"]


@each_operation
def test_each_body_has_an_example_that_fits(operation: Operation) -> None:
    for media in _bodies(operation):
        assert "example" in media, f"give one in {examples.FILE.name}"
        assert misfits(media["example"], media["schema"]) == []


def _bodies(operation: Operation) -> list[dict[str, Any]]:
    """Give the JSON that an operation takes, and what it answers where nothing went wrong."""
    good = [a for s, a in operation.told["responses"].items() if int(s) < 300]
    parts = [operation.told.get("requestBody", {}), *good]
    return [media for part in parts for media in media_of(part)]


def test_every_example_is_of_an_operation() -> None:
    assert set(examples.read()) <= {operation.id for operation in OPERATIONS}


def test_every_link_leads_on() -> None:
    known = {operation.id for operation in OPERATIONS}
    for (source, status), targets in links.LINKS.items():
        assert {source, *targets} <= known, (source, status)


def test_the_introduction_tells_what_all_operations_share() -> None:
    headings = re.findall(r"^## (.+)$", schema()["info"]["description"], re.MULTILINE)
    assert headings == [
        *("Authentication", "Repeating a request", "Errors", "Limits", "Following"),
        *("Pages", "Reading again", "Values"),
    ]


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ({}, {"$ref": "#/components/schemas/Tokens"}),
        ("not a time", {"type": "string", "format": "date-time"}),
        ("eaten", {"$ref": "#/components/schemas/OrderStatus"}),
        (
            {"sku": "COLA", "name": "Cola", "available": True, "changed": False, "new": 1},
            {"$ref": "#/components/schemas/Availability"},
        ),
    ],
)
def test_its_comparison_sees_what_does_not_fit(value: Any, shape: Any) -> None:
    assert misfits(value, shape)
