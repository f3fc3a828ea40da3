"""How far topics reach and groups have come, asked from outside of any group."""

import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import structlog
from confluent_kafka import Consumer as Client
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it brings them in from below
    AdminClient,
    OffsetSpec,
)
from django.conf import settings

from restaurant.messaging.errors import BrokerUnavailable
from restaurant.messaging.kafka import client_settings

log = structlog.get_logger()

# A topic and a partition of it.
Place = tuple[str, int]
EARLIEST: OffsetSpec = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
LATEST: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]


class GroupPositions:
    """How far consumer groups have come, asked from outside of them."""

    def __init__(self, groups: Iterable[str]) -> None:
        self._clients = [Client({**client_settings(), "group.id": group}) for group in groups]

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def lag(self, topic: str) -> int:
        """Count the records that the slowest group has yet to read.

        A group that never committed on the topic does not read it, unless none ever has. Zero when
        the topic does not exist yet or the broker does not answer: then there is nothing to heed.
        """
        try:
            return self._lag(topic)
        except KafkaException as error:
            log.warning("lag_unknown", topic=topic, reason=str(error))
            return 0

    def _lag(self, topic: str) -> int:
        client = self._clients[0]
        partitions = list(client.list_topics(topic, timeout=5).topics[topic].partitions)
        ends = {
            p: client.get_watermark_offsets(TopicPartition(topic, p), timeout=5)[1]
            for p in partitions
        }
        behind = [
            sum(ends[place.partition] - max(place.offset, 0) for place in found)
            for found in (
                c.committed([TopicPartition(topic, p) for p in partitions], timeout=5)
                for c in self._clients
            )
            if any(place.offset >= 0 for place in found)
        ]
        return max(behind, default=sum(ends.values()))


@dataclass(frozen=True)
class Sounding:
    """Where topics began and ended, and what each group had committed, at one time."""

    starts: Mapping[Place, int]
    ends: Mapping[Place, int]
    # By group; a place where it never committed is not there.
    committed: Mapping[str, Mapping[Place, int]]

    def position(self, group: str, place: Place) -> int:
        """Give the next offset that a group will read: the first, where it never committed."""
        return max(self.committed[group].get(place, 0), self.starts[place])

    def lag(self, group: str, place: Place) -> int:
        return max(0, self.ends[place] - self.position(group, place))


class Sounder:
    """Asks about topics and the groups that read them, by clients of its own.

    To be made in the process that uses it, after its fork. The embedded broker knows these
    questions too.
    """

    def __init__(self, *, bootstrap: str = "") -> None:
        ours = {k: v for k, v in client_settings().items() if k != "error_cb"}
        where = {"bootstrap.servers": bootstrap or settings.KAFKA_BOOTSTRAP_SERVERS}
        # Between questions it does not ask after topics it once knew: a broker that makes topics on
        # demand would make those anew that were deleted.
        quiet = {"topic.metadata.refresh.interval.ms": -1}
        self._settings = {**ours, **where, **quiet}
        self._client = AdminClient(self._settings)
        self._groups: dict[str, Client] = {}

    def sound(self, readers: Mapping[str, Collection[str]], *, seconds: float) -> Sounding:
        """Look at the topics of each group; one that does not exist has no places.

        Raises `BrokerUnavailable` when not all is answered within `seconds`.
        """
        deadline = time.monotonic() + seconds
        try:
            places = self._places({t for topics in readers.values() for t in topics}, seconds)
            wanted = {
                group: [place for place in places if place[0] in topics]
                for group, topics in readers.items()
            }
            starts = self._ask_offsets(places, EARLIEST, deadline)
            ends = self._ask_offsets(places, LATEST, deadline)
            committed = {g: self._ask_group(g, of, deadline) for g, of in wanted.items()}
            return Sounding(
                {place: found.result(_left(deadline)).offset for place, found in starts.items()},
                {place: found.result(_left(deadline)).offset for place, found in ends.items()},
                committed,
            )
        except KafkaException as error:
            raise BrokerUnavailable(error.args[0].str()) from error
        except TimeoutError as error:
            raise BrokerUnavailable(f"no answer within {seconds:g} s") from error

    def _places(self, topics: Collection[str], seconds: float) -> list[Place]:
        found = self._client.list_topics(timeout=seconds).topics
        return [(t, p) for t in sorted(topics & found.keys()) for p in sorted(found[t].partitions)]

    def _ask_offsets(
        self, places: Iterable[Place], which: OffsetSpec, deadline: float
    ) -> dict[Place, "Future[Any]"]:
        asked = {TopicPartition(*place): which for place in places}
        if not asked:
            return {}
        futures = self._client.list_offsets(asked, request_timeout=_left(deadline))
        return {(of.topic, of.partition): future for of, future in futures.items()}

    def _ask_group(
        self, group: str, places: Collection[Place], deadline: float
    ) -> dict[Place, int]:
        """Give what a group has committed.

        Not by the admin client's request: librdkafka aborts the process when a connection breaks
        at the wrong moment of one (its issue 4605; seen with 2.16). A consumer that
        subscribes to nothing joins no group.
        """
        if not places:
            return {}
        if group not in self._groups:
            self._groups[group] = Client({**self._settings, "group.id": group})
        asked = [TopicPartition(*place) for place in places]
        found = self._groups[group].committed(asked, timeout=_left(deadline))
        return {(of.topic, of.partition): of.offset for of in found if of.offset >= 0}


def _left(deadline: float) -> float:
    # librdkafka takes no time at all for none given.
    return max(0.05, deadline - time.monotonic())
