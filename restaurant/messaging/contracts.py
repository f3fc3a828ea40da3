"""What the .proto files say of an event: its topic, its key, its type name."""

from functools import cache
from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message

from proto import event_pb2
from restaurant.messaging.errors import InvalidMessage, NotAnEvent

DEAD_LETTER_SUFFIX = ".dlt"
# Asked for each message sent, and never changing.
_known: dict[str, tuple[str, str]] = {}


def topic_of(message_type: type[Message]) -> str:
    """Name the Kafka topic of a message type.

    Raises `NotAnEvent` when its .proto file names none.
    """
    return _options(message_type)[0]


def key_of(message: Message) -> str:
    """Give the message's Kafka key as text."""
    return str(getattr(message, _options(type(message))[1]))


def type_of(message_type: type[Message]) -> str:
    """Name the type as the `ce_type` header does: the full protobuf name."""
    return str(message_type.DESCRIPTOR.full_name)


@cache
def is_notice(type_name: str) -> bool:
    """Tell whether a type is for screens alone, so that no service waits for it or handles it."""
    try:
        descriptor = descriptor_pool.Default().FindMessageTypeByName(type_name)
    except KeyError:
        return False
    return bool(descriptor.GetOptions().Extensions[event_pb2.notice])


def _options(message_type: type[Message]) -> tuple[str, str]:
    """Give the topic, and the name of the field that is the key."""
    name = type_of(message_type)
    if name not in _known:
        options = message_type.DESCRIPTOR.GetOptions()
        topic, key = options.Extensions[event_pb2.topic], options.Extensions[event_pb2.key]
        if not topic or not key:
            raise NotAnEvent(f"{name} has no topic and key options")
        _known[name] = (str(topic), str(key))
    return _known[name]


def decode(type_name: str, payload: bytes) -> Any:
    """Decode a payload by the name of its type, for pages and commands that know no contract.

    Raises `InvalidMessage` when the type is unknown in this process or the bytes do not fit it.
    """
    try:
        descriptor = descriptor_pool.Default().FindMessageTypeByName(type_name)
        return message_factory.GetMessageClass(descriptor).FromString(payload)
    except KeyError:
        raise InvalidMessage(f"unknown type {type_name!r}") from None
    except DecodeError as error:
        raise InvalidMessage(f"not a {type_name}: {error}") from error
