"""The topics are described in full, in AsyncAPI 3, and as the contracts are."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import yaml
from google.protobuf.json_format import MessageToDict
from google.protobuf.timestamp_pb2 import Timestamp
from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

from proto import asyncapi, generate, kitchen_pb2, orders_pb2
from restaurant import topics
from restaurant.messaging.events import headers_of
from tests.servers.cache import kept

pytestmark = pytest.mark.once

NPM = Path(__file__).parent / "npm"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def told() -> Json:
    found: Json = yaml.safe_load(generate.TOPICS.read_text())
    return found


@pytest.mark.npm
def test_it_is_asyncapi_3(told: Json) -> None:
    lock = (NPM / "package-lock.json").read_bytes()
    directory = kept(f"asyncapi-{blake2b(lock, digest_size=8).hexdigest()}", _install)
    specs = directory / "node_modules" / "@asyncapi" / "specs" / "schemas"
    schema = json.loads((specs / "3.0.0.json").read_text())
    registry = Registry().with_resources(
        (name, DRAFT7.create_resource(part)) for name, part in schema["definitions"].items()
    )
    validator = Draft7Validator(schema, registry=registry)
    assert [error.message for error in validator.iter_errors(told)] == []
    assert list(validator.iter_errors({**told, "channels": []}))


def _install(directory: Path) -> None:
    shutil.copytree(NPM, directory)
    subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=directory, check=True, timeout=300)


def test_it_is_as_the_contracts_are() -> None:
    assert generate.TOPICS.read_text() == generate.tell_topics(), "run `make proto`"


def test_it_has_each_topic_with_its_message_and_who_sends_it(told: Json) -> None:
    names = {name for name in topics.names() if not name.endswith(".dlt")}
    assert set(told["channels"]) == names
    assert {name.partition("_sends_")[2] for name in told["operations"]} == names
    assert told["operations"]["kitchen_sends_order_cooked"]["tags"] == [{"name": "kitchen"}]


def test_every_event_and_every_reference_is_described(told: Json) -> None:
    messages = told["components"]["messages"]
    assert all(message["description"] for message in messages.values())
    for reference in _references(told):
        part: Any = told
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return own + [one for value in part.values() for one in _references(value)]
    return [one for value in part for one in _references(value)] if isinstance(part, list) else []


def test_it_has_what_the_contracts_say_of_a_field(told: Json) -> None:
    fields = told["components"]["messages"]["OrderCreated"]["payload"]["properties"]
    assert fields["customerId"] == {
        "type": "string",
        "description": "UUID of the user who ordered.",
        "x-protobuf-number": 3,
    }


@pytest.mark.parametrize(
    "message",
    [
        orders_pb2.OrderCreated(
            order_id="01a22403-bbbb-7514-b7e9-ca0c18a3d5e3",
            number=2**40,
            lines=[
                orders_pb2.OrderLine(
                    sku="COLA", quantity=1, options=[orders_pb2.OrderLineOption(sku="ICE")]
                )
            ],
            total={"currency_code": "EUR", "units": 2, "nanos": 900_000_000},
            placed_at=Timestamp(seconds=1_790_000_000),
        ),
        kitchen_pb2.OrderAccepted(order_id="1", stations=["oven"]),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_message_as_json_fits_its_shape(told: Json, message: Any) -> None:
    payload = told["components"]["messages"][type(message).__name__]["payload"]
    closed = {"components": told["components"], **payload, "additionalProperties": False}
    validator = Draft7Validator(closed, format_checker=Draft7Validator.FORMAT_CHECKER)
    value = MessageToDict(message)
    assert [error.message for error in validator.iter_errors(value)] == []
    assert list(validator.iter_errors({**value, "number": 1.5, "stations": "oven"}))


def test_its_headers_are_those_on_the_wire() -> None:
    row = SimpleNamespace(
        event_id=uuid4(),
        type="t",
        key="k",
        correlation_id="c",
        created_at=datetime.now(UTC),
        headers={},
    )
    assert set(asyncapi._headers()["properties"]) == set(headers_of(row, source="orders"))
