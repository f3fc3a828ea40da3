"""What a client may ask: the schemas, and what is refused because it does not fit them."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, ValidationError

from orders.errors import OrderRefused, Refusal
from restaurant.bodies.mistakes import MISFITS, Body, NotJson, meant, mistakes, parse
from restaurant.bodies.text import problem_of

MOST_LINES = 50
Sku = Annotated[str, Meta(min_length=1, max_length=64)]
Note = Annotated[str, Meta(max_length=500)]


# What is left to its default is left out of the fingerprint: a field that an upgrade adds must not
# make another request of one that was sent before it.
class LineRequest(Struct, forbid_unknown_fields=True, omit_defaults=True):
    sku: Sku
    quantity: Annotated[int, Meta(ge=1, le=99)]
    options: Annotated[list[Sku], Meta(max_length=50)] = []
    note: Note = ""


class OrderRequest(Struct, forbid_unknown_fields=True, omit_defaults=True):
    lines: Annotated[list[LineRequest], Meta(min_length=1, max_length=MOST_LINES)]
    address: Annotated[str, Meta(pattern=r"\S", max_length=300)]
    note: Note = ""


class CancelRequest(Struct, forbid_unknown_fields=True):
    reason: Note = ""


class AvailabilityRequest(Struct, forbid_unknown_fields=True):
    available: bool


class Malformed(OrderRefused):
    """The body is no JSON at all."""


class Misfit(OrderRefused):
    """The body does not fit the schema; `lines` are those that do, by their position."""

    def __init__(self, refusals: list[Refusal], lines: Mapping[int, LineRequest]) -> None:
        super().__init__(refusals)
        self.lines = lines


_order = msgspec.json.Decoder(OrderRequest)
_cancel = msgspec.json.Decoder(CancelRequest)
_availability = msgspec.json.Decoder(AvailabilityRequest)


def decode_order(body: bytes) -> OrderRequest:
    """Read a request for an order. Raises `Malformed` or `Misfit`."""
    try:
        request = _order.decode(body)
    except MISFITS:
        request = _read_by_parts(body, OrderRequest)
    if refusals := list(_texts(request)):
        raise Misfit(refusals, dict(enumerate(request.lines)))
    return request


def decode_cancel(body: bytes) -> CancelRequest:
    """Read a request to cancel; an empty body is one without a reason. Raises as `decode_order`."""
    try:
        request = _cancel.decode(body or b"{}")
    except MISFITS:
        request = _read_by_parts(body, CancelRequest)
    if problem := problem_of(request.reason):
        raise Misfit([Refusal("/reason", "bad_text", problem)], {})
    return request


def decode_availability(body: bytes) -> AvailabilityRequest:
    """Read whether a dish shall be available. Raises as `decode_order`."""
    try:
        return _availability.decode(body)
    except MISFITS:
        return _read_by_parts(body, AvailabilityRequest)


def fingerprint(request: OrderRequest) -> bytes:
    """Give the same bytes for requests that ask the same, however they were written."""
    return msgspec.json.encode(request)


def _texts(request: OrderRequest) -> Iterator[Refusal]:
    texts = {"/address": request.address, "/note": request.note}
    texts |= {f"/lines/{i}/note": line.note for i, line in enumerate(request.lines) if line.note}
    for pointer, text in texts.items():
        if problem := problem_of(text):
            yield Refusal(pointer, "bad_text", problem)


def _read_by_parts(body: bytes, schema: type[Body]) -> Body:
    try:
        value = parse(body)
    except NotJson as error:
        raise Malformed([Refusal("", "malformed", str(error))]) from None
    if refusals := [Refusal(*mistake) for mistake in mistakes(value, schema)]:
        raise Misfit(refusals, dict(_lines(value)))
    return meant(value, schema)


def _lines(value: Any) -> Iterator[tuple[int, LineRequest]]:
    lines = value.get("lines") if isinstance(value, dict) else None
    if not isinstance(lines, list) or len(lines) > MOST_LINES:
        return
    for position, line in enumerate(lines):
        try:
            yield position, meant(line, LineRequest)
        except ValidationError:
            continue
