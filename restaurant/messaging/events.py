"""Events as handlers see them, and their form on the wire.

Headers follow the CloudEvents 1.0 Kafka protocol binding (binary mode); `traceparent` is W3C Trace
Context's.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from google.protobuf.message import DecodeError, Message

from restaurant.messaging.errors import InvalidMessage

M = TypeVar("M", bound=Message)
Headers = dict[str, str]
# As long as the columns that keep it; a stranger's longer one is cut, not a reason to fail.
CORRELATION_ID_LENGTH = 64
_TRACE_ID = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Record:
    """A message as Kafka gave it; nothing of it is trusted yet."""

    topic: str
    partition: int
    offset: int
    key: str
    headers: Headers
    payload: bytes

    @property
    def type(self) -> str:
        """Name of its type, empty when it does not say."""
        return self.headers.get("ce_type", "")

    @property
    def event_id(self) -> uuid.UUID:
        """Its own id, or one made of where it stands when it has none that can be read."""
        try:
            return uuid.UUID(self.headers["ce_id"])
        except (KeyError, ValueError):
            digest = blake2b(self.payload + repr(self.headers).encode(), digest_size=8).hexdigest()
            place = f"{self.topic}/{self.partition}/{self.offset}/{digest}"
            return uuid.uuid5(uuid.NAMESPACE_URL, place)


@dataclass(frozen=True, slots=True)
class Event(Generic[M]):
    """An event of another service: its message, and what came around it."""

    id: uuid.UUID
    # When its publisher decided it, UTC.
    time: datetime
    # The id of the request that began it all, for logs and for the events that follow.
    correlation_id: str
    message: M
    record: Record


def read(record: Record, message_type: type[M] | None) -> Event[M]:
    """Make an event of a record; without a type, the record did not say what it is.

    Raises `InvalidMessage` when its type, id, time or payload cannot be read.
    """
    if message_type is None:
        raise InvalidMessage("header 'ce_type' is missing")
    try:
        return Event(
            id=uuid.UUID(record.headers["ce_id"]),
            time=_time(record.headers["ce_time"]),
            correlation_id=record.headers.get("correlationid", "")[:CORRELATION_ID_LENGTH],
            message=message_type.FromString(record.payload),
            record=record,
        )
    except KeyError as error:
        raise InvalidMessage(f"header {error} is missing") from error
    except (ValueError, OverflowError) as error:
        raise InvalidMessage(f"a header cannot be read: {error}") from error
    except DecodeError as error:
        raise InvalidMessage(f"the payload is not a {message_type.DESCRIPTOR.full_name}") from error


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"time without a zone: {text!r}")
    return time.astimezone(UTC)


def headers_of(row: Any, *, source: str) -> Headers:
    """Give the headers of an outbox row; those it brings itself win."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(row.event_id),
        "ce_type": row.type,
        "ce_source": f"/{source}",
        "ce_time": row.created_at.isoformat(),
        "ce_subject": row.key,
        "content-type": "application/protobuf",
        "traceparent": traceparent(row.correlation_id, row.event_id),
        "correlationid": row.correlation_id,
    }
    return {**headers, **row.headers}


def traceparent(correlation_id: str, event_id: uuid.UUID) -> str:
    """Give a trace context: one trace for a request, one span for an event.

    A correlation id that is a UUID, dashes or not, is the trace's id; another is hashed into one.
    """
    trace = correlation_id if _TRACE_ID.fullmatch(correlation_id) else _trace_of(correlation_id)
    return f"00-{trace}-{event_id.hex[16:]}-01"


def _trace_of(correlation_id: str) -> str:
    try:
        return uuid.UUID(correlation_id).hex
    except ValueError:
        return blake2b(correlation_id.encode(), digest_size=16).hexdigest()
