"""`docs/reference/events.md` names every event that customers meet, and all that it tells."""

import re
from typing import Any, NamedTuple

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from rest_framework.test import APIClient

from kitchen.events import Code
from orders.handlers import MEANINGS
from orders.live import following
from restaurant.messaging import contracts
from tests.orders.people import post
from tests.servers.process import ROOT

PAGE = ROOT / "docs" / "reference" / "events.md"
ROW = re.compile(r"\| `(order_\w+)` \| (?:`(\w+)`|–) \| (.*) \|")  # noqa: RUF001 - as printed
CODE = re.compile(r"^\| `(\w+)` \| to ", re.MULTILINE)


class Told(NamedTuple):
    status: str
    members: set[str]


def documented() -> dict[str, Told]:
    rows = map(ROW.fullmatch, PAGE.read_text().splitlines())
    return {row[1]: Told(row[2] or "", set(re.findall(r"`(\w+)`:", row[3]))) for row in rows if row}


def whole(kind: type[Message]) -> Any:
    """Make a message of which every field is set."""
    message: Any = kind()
    fields: Any = kind.DESCRIPTOR.fields
    for field in fields:
        if field.message_type is not None:
            getattr(message, field.name).GetCurrentTime()
        elif field.is_repeated:
            getattr(message, field.name).append("x")
        else:
            value = "x" if field.type == FieldDescriptor.TYPE_STRING else 1
            setattr(message, field.name, value)
    return message


@pytest.mark.once
def test_it_tells_what_others_say_of_an_order() -> None:
    said = {
        contracts.topic_of(kind): Told(meaning.status or "", set(meaning.detail(whole(kind))))
        for kind, meaning in MEANINGS.items()
    }
    page = documented()
    assert {type_: page.get(type_) for type_ in said} == said
    assert page.keys() == said.keys() | following.topics | {"order_created"}


@pytest.mark.once
def test_it_tells_each_code_of_a_refusal() -> None:
    assert CODE.findall(PAGE.read_text()) == list(Code)


@pytest.mark.django_db(databases=["orders"])
@pytest.mark.usefixtures("menu", "placed_here")
def test_it_tells_what_orders_says_itself(api: APIClient) -> None:
    place = str(post(api)["Location"])
    api.post(f"{place}cancel/", {"reason": "too hungry"}, format="json")
    page = documented()
    entries = api.get(f"{place}events/").json()
    assert [entry["type"] for entry in entries] == ["order_created", "order_cancel_requested"]
    for entry in entries:
        assert page[entry["type"]] == (entry["status"] or "", set(entry["detail"]))
