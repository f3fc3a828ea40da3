"""What a client may ask: the schema, and everything that is wrong with what does not fit it.

A request that fits is decoded by one compiled schema. One that does not is gone through again,
part by part, with the same types, so that the client is told of all its mistakes at once.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Annotated, Any, NamedTuple, get_args

import msgspec
from msgspec import Meta, Struct, ValidationError

from orders.errors import OrderRefused, Refusal
from orders.text import problem_of

MOST_LINES = 50
# An answer is not to be much longer than the request.
MOST_REFUSALS = 100
Sku = Annotated[str, Meta(min_length=1, max_length=64)]
Note = Annotated[str, Meta(max_length=500)]


class LineRequest(Struct, forbid_unknown_fields=True):
    sku: Sku
    quantity: Annotated[int, Meta(ge=1, le=99)]
    options: Annotated[list[Sku], Meta(max_length=50)] = []
    note: Note = ""


class OrderRequest(Struct, forbid_unknown_fields=True):
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
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _misfit(body, OrderRequest) from None
    if refusals := list(_texts(request)):
        raise Misfit(refusals, dict(enumerate(request.lines)))
    return request


def decode_cancel(body: bytes) -> CancelRequest:
    """Read a request to cancel; an empty body is one without a reason. Raises as `decode_order`."""
    try:
        request = _cancel.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _misfit(body, CancelRequest) from None
    if problem := problem_of(request.reason):
        raise Misfit([Refusal("/reason", "bad_text", problem)], {})
    return request


def decode_availability(body: bytes) -> AvailabilityRequest:
    """Read whether a dish shall be available. Raises as `decode_order`."""
    try:
        return _availability.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _misfit(body, AvailabilityRequest) from None


def fingerprint(request: OrderRequest) -> bytes:
    """Give the same bytes for requests that ask the same, however they were written."""
    return msgspec.json.encode(request)


def _texts(request: OrderRequest) -> Iterator[Refusal]:
    texts = {"/address": request.address, "/note": request.note}
    texts |= {f"/lines/{i}/note": line.note for i, line in enumerate(request.lines) if line.note}
    for pointer, text in texts.items():
        if problem := problem_of(text):
            yield Refusal(pointer, "bad_text", problem)


def _misfit(body: bytes, schema: type[Struct]) -> OrderRefused:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Malformed([Refusal("", "malformed", f"The body is not JSON: {error}")])
    refusals = list(islice(_mistakes(value, schema, ""), MOST_REFUSALS))
    return Misfit(refusals, dict(_lines(value)))


def _lines(value: Any) -> Iterator[tuple[int, LineRequest]]:
    lines = value.get("lines") if isinstance(value, dict) else None
    if not isinstance(lines, list) or len(lines) > MOST_LINES:
        return
    for position, line in enumerate(lines):
        try:
            yield position, msgspec.convert(line, LineRequest)
        except ValidationError:
            continue


def _mistakes(value: Any, schema: type[Struct], pointer: str) -> Iterator[Refusal]:
    if not isinstance(value, dict):
        yield Refusal(pointer, "wrong_type", "must be an object")
        return
    fields = {field.name: field for field in msgspec.structs.fields(schema)}
    for name in sorted(value.keys() - fields.keys()):
        yield Refusal(f"{pointer}/{_escaped(name)}", "unknown_field", "is not a field here")
    for name, field in fields.items():
        if name in value:
            yield from _mistakes_of_field(value[name], field.type, f"{pointer}/{name}")
        elif field.required:
            yield Refusal(f"{pointer}/{name}", "required", "is required")


def _mistakes_of_field(value: Any, kind: Any, pointer: str) -> Iterator[Refusal]:
    part = _part_of(kind)
    if isinstance(value, list) and part is not None:
        limits = Annotated[list[Any], *kind.__metadata__]
        if mistake := _mistake(value, limits, pointer):
            yield mistake
            return
        for position, each in enumerate(value):
            yield from _mistakes(each, part, f"{pointer}/{position}")
    elif mistake := _mistake(value, kind, pointer):
        yield mistake
    elif isinstance(value, str) and (problem := problem_of(value)):
        yield Refusal(pointer, "bad_text", problem)


def _part_of(kind: Any) -> type[Struct] | None:
    """Give the type of a list's members when they are objects themselves."""
    inner = get_args(next(iter(get_args(kind)), kind))
    return (
        inner[0] if inner and isinstance(inner[0], type) and issubclass(inner[0], Struct) else None
    )


class _Rule(NamedTuple):
    sign: str
    code: str


# How msgspec words a mistake → the code that clients are told.
_RULES = [
    _Rule("matching regex", "blank"),
    _Rule("`int` <=", "out_of_range"),
    _Rule("`int` >=", "out_of_range"),
    _Rule("of length", "wrong_length"),
    _Rule(", got", "wrong_type"),
]


def _mistake(value: Any, kind: Any, pointer: str) -> Refusal | None:
    try:
        msgspec.convert(value, kind)
    except ValidationError as error:
        told, _, place = str(error).partition(" - at `$")
        code = next((rule.code for rule in _RULES if rule.sign in told), "invalid")
        inner = re.sub(r"\[(\d+)\]", r"/\1", place.rstrip("`"))
        detail = "must not be blank" if code == "blank" else told[0].lower() + told[1:]
        return Refusal(pointer + inner, code, detail.replace("`", ""))
    return None


def _escaped(name: str) -> str:
    """Escape a name for a JSON pointer, and keep it short: it is whatever the client sent."""
    return name[:64].replace("~", "~0").replace("/", "~1")
