"""The topics as AsyncAPI 3 tells of them, made from the contracts and their comments.

A payload is protobuf on the wire. Its fields are described as JSON Schema, as protobuf's JSON
mapping writes them, each with its number in the contract.
"""

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

from proto import event_pb2

Json = dict[str, Any]
F = FieldDescriptorProto
# A 64-bit number is text in JSON.
_SCALARS: dict[int, Json] = {
    F.TYPE_STRING: {"type": "string"},
    F.TYPE_BOOL: {"type": "boolean"},
    F.TYPE_INT32: {"type": "integer", "format": "int32"},
    F.TYPE_INT64: {"type": "string", "format": "int64"},
}
_MONEY = {
    "type": "object",
    "description": "google.type.Money: whole units, and billionths of one.",
    "properties": {
        "currencyCode": {"type": "string", "description": "ISO 4217."},
        "units": {"type": "string", "format": "int64"},
        "nanos": {"type": "integer", "format": "int32"},
    },
}
_KNOWN: dict[str, Json] = {
    ".google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    ".google.type.Money": {"$ref": "#/components/schemas/Money"},
}
# As restaurant/messaging/events.py writes them.
_HEADERS = {
    "ce_specversion": "Always 1.0.",
    "ce_id": "UUID of the event. One that comes twice is the same event.",
    "ce_type": "Full name of the message.",
    "ce_source": "The service that published it, as /orders.",
    "ce_time": "When it was decided, RFC 3339.",
    "ce_subject": "The key again.",
    "content-type": "Always application/protobuf.",
    "traceparent": "W3C Trace Context: one trace for a request and all that came of it.",
    "correlationid": "Id of the request that began it all; may be empty.",
}
_ABOUT = """Events go from service to service over Kafka, one type of message a topic.

The key is the order's UUID, so that an order's events stay in order within a topic; between topics
they do not. An event may come twice: know it again by `ce_id`. Skip types that you do not know, and
ignore fields that you do not know: both may be added. What a service could not handle is put into
the topic's dead letters, `<topic>.dlt`: the message as it was, with the headers `dlt-service`,
`dlt-topic`, `dlt-partition`, `dlt-offset` and `dlt-error` beside its own; one of more than 500,000
bytes comes without its payload. A notice, which is keyed by an id of its own, only says what to
look at again: it may be lost, and has no dead letters."""


def document(contracts: FileDescriptorSet) -> Json:
    """Give the AsyncAPI document of contracts that were compiled with their comments."""
    parts = ("channels", "operations", "messages")
    found: Json = {**{name: {} for name in parts}, "schemas": {"Money": _MONEY}}
    for file in contracts.file:
        _Contract(file).put_into(found)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Restaurant's events", "version": "1.0.0", "description": _ABOUT},
        "defaultContentType": "application/protobuf",
        "channels": found["channels"],
        "operations": found["operations"],
        "components": {
            "messages": found["messages"],
            "schemas": found["schemas"],
            "messageTraits": {"cloudEvent": {"headers": _headers()}},
        },
    }


class _Contract:
    """One `.proto` file, and what its comments say."""

    def __init__(self, file: FileDescriptorProto) -> None:
        self.file = file
        # `restaurant.orders.v1` is of the service `orders`.
        self.service = file.package.split(".")[1]
        self.comments = {
            tuple(place.path): " ".join(place.leading_comments.split())
            for place in file.source_code_info.location
        }

    def put_into(self, found: Json) -> None:
        for position, message in enumerate(self.file.message_type):
            path = (self.file.MESSAGE_TYPE_FIELD_NUMBER, position)
            if topic := message.options.Extensions[event_pb2.topic]:
                self._put_event(found, topic, message, path)
            elif self._has_events():
                found["schemas"][message.name] = self._shape(message, path)

    def _has_events(self) -> bool:
        return any(m.options.Extensions[event_pb2.topic] for m in self.file.message_type)

    def _put_event(
        self, found: Json, topic: str, message: DescriptorProto, path: tuple[int, ...]
    ) -> None:
        said = self.comments[path]
        name = message.name
        found["channels"][topic] = {
            "address": topic,
            "title": name,
            "description": said,
            "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        }
        found["operations"][f"{self.service}_sends_{topic}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{topic}"},
            "summary": said.partition(". ")[0].removesuffix("."),
            "tags": [{"name": self.service}],
        }
        key = message.options.Extensions[event_pb2.key]
        found["messages"][name] = {
            "name": f"{self.file.package}.{name}",
            "title": name,
            "description": said,
            "contentType": "application/protobuf",
            "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
            "payload": self._shape(message, path),
            "bindings": {
                "kafka": {
                    "key": {"type": "string", "format": "uuid", "description": f"`{key}`"},
                    "bindingVersion": "0.5.0",
                }
            },
        }

    def _shape(self, message: DescriptorProto, path: tuple[int, ...]) -> Json:
        return {
            "type": "object",
            "description": self.comments.get(path, ""),
            "properties": dict(self._fields(message, path)),
        }

    def _fields(
        self, message: DescriptorProto, path: tuple[int, ...]
    ) -> Iterator[tuple[str, Json]]:
        for position, field in enumerate(message.field):
            place = (*path, message.FIELD_FIELD_NUMBER, position)
            shape = _kind(field)
            if field.label == F.LABEL_REPEATED:
                shape = {"type": "array", "items": shape}
            if said := self.comments.get(place):
                # What stands beside a reference is not read.
                shape = {"allOf": [shape]} if "$ref" in shape else shape
                shape = {**shape, "description": said}
            yield field.json_name, {**shape, "x-protobuf-number": field.number}


def _kind(field: FieldDescriptorProto) -> Json:
    """Give a field's shape. Raises `KeyError` for a scalar that no contract had so far."""
    if field.type != F.TYPE_MESSAGE:
        return dict(_SCALARS[field.type])
    name = field.type_name.rpartition(".")[2]
    return dict(_KNOWN.get(field.type_name, {"$ref": f"#/components/schemas/{name}"}))


def _headers() -> Json:
    return {
        "type": "object",
        "description": "CloudEvents 1.0, the binary mode of its Kafka protocol binding.",
        "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time"],
        "properties": {
            name: {"type": "string", "description": text} for name, text in _HEADERS.items()
        },
    }
