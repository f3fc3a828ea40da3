"""A client of the last released API is a client of this one."""

import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.blocks import only
from tests.checkout import copy_to
from tests.openapi.breaks import breaks
from tests.openapi.schema import Json, schema

pytestmark = pytest.mark.once

RELEASED = Path(__file__).resolve().parent.parent / "upgrades" / "released_openapi.yaml"
AT_A_RELEASE = only("reference/versions.md", "At a release")


def released() -> Json:
    found: Json = yaml.safe_load(RELEASED.read_text())
    return found


def test_it_breaks_no_client_of_the_last_release() -> None:
    assert breaks(released(), schema()) == [], "see docs/reference/versions.md"


def test_what_was_released_has_the_orders() -> None:
    # Else nothing would be held to it.
    assert "/api/v1/orders/" in released()["paths"]


@pytest.mark.slow
def test_at_a_release_the_schema_is_the_one_that_later_ones_are_compared_with(
    tmp_path: Path,
) -> None:
    copy = copy_to(tmp_path)
    schema = copy / "docs" / "reference" / "openapi.yaml"
    errors = schema.with_name("errors.md")
    before = schema.read_bytes(), errors.read_bytes()
    schema.write_text("of another time")
    errors.write_text("of another time")
    # By the Python of these tests, which has no environment in the copy.
    own = f"make --old-file=venv-dev BIN={Path(sys.executable).parent} reference"
    commands = AT_A_RELEASE.text.replace("make reference", own)
    subprocess.run(["sh", "-eu", "-c", commands], cwd=copy, check=True, timeout=120)
    assert (schema.read_bytes(), errors.read_bytes()) == before
    assert (copy / "tests" / "upgrades" / "released_openapi.yaml").read_bytes() == before[0]


TOY: Json = {
    "paths": {
        "/tables/": {
            "get": {
                "operationId": "tables_list",
                "parameters": [
                    {"name": "seats", "in": "query", "schema": {"type": "integer", "maximum": 9}},
                    {"name": "at", "in": "query", "schema": {"type": "string"}},
                ],
                "responses": {"200": {"content": {"json": {"schema": {"$ref": "#/shapes/Table"}}}}},
            },
            "post": {
                "operationId": "tables_create",
                "security": [{"token": []}],
                "requestBody": {
                    "required": False,
                    "content": {"json": {"schema": {"$ref": "#/shapes/Wish"}}},
                },
                "responses": {"201": {"content": {"json": {"schema": {"$ref": "#/shapes/Table"}}}}},
            },
        }
    },
    "shapes": {
        "Table": {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "string", "format": "uuid"},
                "state": {"type": "string", "enum": ["free"]},
                "guests": {"type": "array", "items": {"type": "string"}},
            },
        },
        "Wish": {
            "type": "object",
            "required": ["seats"],
            "properties": {
                "seats": {"type": "integer", "minimum": 1},
                "place": {"type": ["string", "null"], "enum": ["in", "out", None]},
                "note": {"type": "string", "maxLength": 100},
            },
        },
    },
}
LIST, CREATE = ("paths", "/tables/", "get"), ("paths", "/tables/", "post")
TABLE, WISH = ("shapes", "Table"), ("shapes", "Wish")
GONE = object()


def changed(place: tuple[Any, ...], value: Any) -> Json:
    """Give the toy with another value at a place, or without it."""
    new = deepcopy(TOY)
    inner: Any = new
    for step in place[:-1]:
        inner = inner[step]
    if value is GONE:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    return new


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (("paths", "/tables/"), GONE, "GET /tables/ is gone"),
        (CREATE, GONE, "POST /tables/ is gone"),
        ((*LIST, "operationId"), "tables", "GET /tables/: its operationId changed"),
        ((*LIST, "security"), [{"token": []}], "GET /tables/ asks who it is"),
        ((*LIST, "parameters", 1), GONE, "GET /tables/: parameter at is gone"),
        ((*LIST, "parameters", 1, "required"), True, "GET /tables/: parameter at is required"),
        ((*LIST, "parameters", 0, "schema", "maximum"), 5, "parameter seats has a lower maximum"),
        ((*LIST, "parameters", 1, "schema", "format"), "date", "parameter at changed its format"),
        ((*LIST, "responses", "200"), GONE, "GET /tables/, 200 is not answered"),
        ((*LIST, "responses", "200", "content"), {"xml": {}}, "200: json is not answered"),
        ((*CREATE, "requestBody"), GONE, "POST /tables/, body: json is not taken"),
        ((*CREATE, "requestBody", "required"), True, "POST /tables/, body is required"),
        ((*WISH, "required"), ["seats", "note"], "body/note is required"),
        ((*WISH, "properties", "note"), GONE, "body/note is gone"),
        ((*WISH, "properties", "note", "maxLength"), 99, "body/note has a lower maxLength"),
        ((*WISH, "properties", "note", "pattern"), "x", "body/note changed its pattern"),
        ((*WISH, "properties", "note", "enum"), ["x"], "body/note takes certain values only"),
        ((*WISH, "properties", "seats", "minimum"), 2, "body/seats has a higher minimum"),
        ((*WISH, "properties", "seats", "type"), "string", "body/seats no longer takes integer"),
        ((*WISH, "properties", "place", "type"), "string", "body/place no longer takes null"),
        ((*WISH, "properties", "place", "enum"), ["in", None], "body/place no longer takes out"),
        ((*TABLE, "properties", "state"), GONE, "/state is gone"),
        ((*TABLE, "required"), [], "/id may be missing"),
        ((*TABLE, "properties", "id", "format"), "ulid", "/id changed its format"),
        ((*TABLE, "properties", "state", "type"), ["string", "null"], "/state may be null"),
        ((*TABLE, "properties", "guests", "items"), {"type": "object"}, "/guests/* may be object"),
    ],
)
def test_its_comparison_sees_each_kind_of_break(
    place: tuple[Any, ...], value: Any, told: str
) -> None:
    found = breaks(TOY, changed(place, value))
    assert any(told in line for line in found), found


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("paths", "/chairs/"), {"get": {"operationId": "chairs_list", "responses": {}}}),
        ((*LIST, "parameters", 1, "description"), "When."),
        ((*LIST, "parameters", 0, "schema", "maximum"), 10),
        ((*LIST, "responses", "404"), {"content": {}}),
        ((*WISH, "required"), []),
        ((*WISH, "properties", "smoking"), {"type": "boolean"}),
        ((*WISH, "properties", "note", "maxLength"), 200),
        ((*WISH, "properties", "place", "enum"), ["in", "out", "roof", None]),
        ((*WISH, "properties", "seats", "type"), ["integer", "string"]),
        ((*TABLE, "properties", "name"), {"type": "string"}),
        ((*TABLE, "required"), ["id", "state"]),
        ((*TABLE, "properties", "state", "enum"), ["free", "taken"]),
    ],
)
def test_its_comparison_lets_the_api_grow(place: tuple[Any, ...], value: Any) -> None:
    assert breaks(TOY, changed(place, value)) == []
