"""Channels: what a service lets its screens hear, and who may listen.

A service declares its own as `channel` in `<service>/live.py`; others are named in the settings.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from google.protobuf.message import DecodeError, Message

from restaurant.messaging import contracts
from restaurant.messaging.events import Record

log = structlog.get_logger()


@dataclass(frozen=True)
class Channel:
    """A stream that pages can open at `/live/<name>/`.

    `permission` is the Django permission (`app.codename`) that it takes. `tells` has, by type of
    message, what of it a listener is told: facts that JSON can hold.
    """

    name: str
    permission: str
    tells: Mapping[type[Message], Callable[[Any], dict[str, Any]]]

    @property
    def topics(self) -> list[str]:
        """Name the topics it follows, in order."""
        return sorted(contracts.topic_of(kind) for kind in self.tells)


class Told(NamedTuple):
    """A record's place in Kafka, and by channel the JSON object that its listeners are told."""

    topic: str
    partition: int
    offset: int
    facts: dict[str, bytes]


def installed() -> list[Channel]:
    """Give the channels of the services that this process serves, and of the front of house."""
    return [module.channel for module in modules() if hasattr(module, "channel")]


def modules() -> list[ModuleType]:
    """Import what the services that this process serves, and the front of house, have for it."""
    names = [f"{service}.live" for service in settings.SERVICES if find_spec(f"{service}.live")]
    return [import_module(name) for name in [*names, *settings.LIVE_CHANNELS]]


class Teller:
    """Makes of records what channels tell of them."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self._readers: dict[tuple[str, str], list[tuple[Channel, type[Message]]]] = {}
        for channel in channels:
            for kind in channel.tells:
                place = (contracts.topic_of(kind), contracts.type_of(kind))
                self._readers.setdefault(place, []).append((channel, kind))

    def tell(self, records: Iterable[Record]) -> list[Told]:
        """Give each record's facts; none when nobody reads its type, or it cannot be read."""
        return [Told(r.topic, r.partition, r.offset, self._facts(r)) for r in records]

    def _facts(self, record: Record) -> dict[str, bytes]:
        found = {}
        for channel, kind in self._readers.get((record.topic, record.type), ()):
            try:
                facts = channel.tells[kind](kind.FromString(record.payload))
            except (DecodeError, ValueError) as error:
                log.warning("record_not_told", topic=record.topic, reason=str(error))
                continue
            told = {"type": record.topic, **facts}
            found[channel.name] = json.dumps(told, separators=(",", ":")).encode()
        return found
