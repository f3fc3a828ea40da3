"""The Kafka client. It, `offsets` and the embedded broker are all that knows librdkafka.

Clients are made by the process that uses them, never before a fork: a client that crossed one
never sends, and says nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import structlog
from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from confluent_kafka import Consumer as Client
from confluent_kafka import Producer as ProducerClient
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from django.conf import settings

from restaurant.messaging.errors import BrokerUnavailable
from restaurant.messaging.events import Headers, Record

log = structlog.get_logger()

# A killed worker's partitions go to the next one after this long; the broker allows no less.
SESSION_TIMEOUT_MS = 6000


# What a record is told that was dropped by its own producer.
_PURGED = (KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT)


def client_settings() -> dict[str, Any]:
    """Give what every client of ours is made with."""
    return {
        "bootstrap.servers": settings.KAFKA_BOOTSTRAP_SERVERS,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 1000,
        # To error_cb, and not once more to stderr.
        "log_level": 0,
        "error_cb": _on_error,
        **settings.KAFKA_CONFIG,
    }


def refused_settings() -> str:
    """Say why no client can be made of the settings, whatever the broker does; empty: one can."""
    try:
        AdminClient(client_settings())
    except KafkaException as error:
        return str(error.args[0].str())
    return ""


def _on_error(error: KafkaError) -> None:
    # Told of each try to connect, many a second; _ALL_BROKERS_DOWN says it once.
    if error.code() != KafkaError._TRANSPORT:
        log.warning("kafka_error", code=error.name(), reason=error.str())


class Producer:
    """Sends records in order; each one's outcome is told to its callback, from `poll`."""

    def __init__(self) -> None:
        self._client = ProducerClient(
            {
                **client_settings(),
                "enable.idempotence": True,
                "acks": "all",
                "partitioner": "murmur2_random",
                "linger.ms": 1,
                "compression.type": "lz4",
                # Never: a record that timed out could be overtaken by a later one of its key.
                "message.timeout.ms": 0,
                # The broker's limit counts, which is on compressed batches.
                "message.max.bytes": 100_000_000,
                "queue.buffering.max.messages": 100_000,
            }
        )

    def send(
        self, topic: str, key: str, payload: bytes, headers: Headers, sent: Callable[[bool], None]
    ) -> None:
        """Queue a record; `sent` is later called with True when the broker has acknowledged it.

        While the broker is away it stays queued. Raises `BrokerUnavailable` when it cannot be.
        """

        def delivered(error: KafkaError | None, _message: Message) -> None:
            if error is not None and error.code() not in _PURGED:
                log.error(
                    "record_refused",
                    topic=topic,
                    order_id=key,
                    event_id=headers.get("ce_id", ""),
                    reason=error.str(),
                )
            sent(error is None)

        try:
            self._client.produce(
                topic,
                payload,
                key,
                headers=headers,  # type: ignore[arg-type]  # it only reads them
                on_delivery=delivered,
            )
        except (BufferError, KafkaException) as error:
            raise BrokerUnavailable(f"{topic}: {error}") from error

    def poll(self, seconds: float = 0.0) -> None:
        """Call the callbacks of what has been acknowledged or has failed meanwhile."""
        self._client.poll(seconds)

    def flush(self, seconds: float) -> None:
        self._client.flush(seconds)

    def drop(self) -> None:
        """Forget what is queued or on its way; their callbacks are called with False."""
        self._client.purge()
        self._client.flush(1)


class Consumer:
    """Reads topics as a member of a consumer group; offsets are committed by hand."""

    def __init__(self, group: str, topics: Sequence[str]) -> None:
        # The partitions that are this member's now, by topic and number; read by other threads.
        self.assigned: frozenset[tuple[str, int]] = frozenset()
        self._client = Client(
            {
                **client_settings(),
                "group.id": group,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "earliest",
                # Partition n of every topic goes to the same member, so that the events of one
                # order are handled by one process.
                "partition.assignment.strategy": "range",
                "session.timeout.ms": SESSION_TIMEOUT_MS,
                "heartbeat.interval.ms": SESSION_TIMEOUT_MS // 3,
                "fetch.wait.max.ms": 100,
                "allow.auto.create.topics": settings.KAFKA_IS_EMBEDDED,
                "topic.metadata.refresh.interval.ms": 10_000,
            }
        )
        if settings.KAFKA_IS_EMBEDDED:
            _ask_for(self._client, topics)
        self._client.subscribe(list(topics), on_assign=self._assign, on_revoke=self._revoke)

    def read(self, most: int, seconds: float) -> list[Record]:
        """Wait for a first record at most so long, then take what else is there.

        Faults that pass by themselves (a topic not made yet, a broker away) are logged. Raises
        `BrokerUnavailable` when the client can never go on.
        """
        # consume() would wait for the whole number; the first record must not.
        first = self._client.poll(seconds)
        if first is None:
            return []
        return [*_records([first]), *_records(self._client.consume(most - 1, timeout=0))]

    def commit(self, records: Iterable[Record]) -> None:
        """Store the position after these records, for every partition among them.

        A commit that fails (the group is moving) is logged: the inbox drops what comes again.
        """
        next_offsets: dict[tuple[str, int], int] = {}
        for record in records:
            place = (record.topic, record.partition)
            next_offsets[place] = max(next_offsets.get(place, 0), record.offset + 1)
        offsets = [TopicPartition(*place, offset) for place, offset in next_offsets.items()]
        if not offsets:
            return
        try:
            self._client.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            log.warning("offsets_not_committed", reason=str(error))

    def wait(self, seconds: float) -> None:
        """Stay a member of the group for so long without being given anything."""
        assigned = self._client.assignment()
        self._client.pause(assigned)
        try:
            if (message := self._client.poll(seconds)) is not None and not message.error():
                # Assigned while waiting, so not paused: hand it out again later.
                self._client.seek(TopicPartition(*_place(message)))
        finally:
            # Those too that have left meanwhile: a pause outlives its assignment, and when they
            # came back, nothing would ever be read of them.
            self._client.resume(assigned)

    def close(self) -> None:
        """Leave the group, so that others take over at once."""
        self._client.close()

    def _assign(self, client: Client, partitions: list[TopicPartition]) -> None:
        self.assigned = frozenset((place.topic, place.partition) for place in partitions)
        if settings.KAFKA_IS_EMBEDDED:
            _announce(client, partitions)

    def _revoke(self, _client: Client, _partitions: list[TopicPartition]) -> None:
        # All at once, by the range strategy.
        self.assigned = frozenset()


class Sight(NamedTuple):
    """What a tail reads: which cluster's, and of each partition from where to where it stood.

    `spans` has, by topic and partition, the first offset that is read, and the next one that the
    broker would have given when it was asked.
    """

    cluster: str
    spans: dict[tuple[str, int], tuple[int, int]]


class Tail:
    """Reads all partitions of some topics from near their ends on, as a member of no group.

    `history` is how many records it goes back, all partitions together; but not in the topics of
    `new_only`. `look` must have found partitions before `read` gives anything.
    """

    def __init__(
        self, topics: Iterable[str], *, history: int, new_only: Iterable[str] = ()
    ) -> None:
        self._topics = sorted({*topics, *new_only})
        self._new_only = frozenset(new_only) - frozenset(topics)
        self._history = history
        self._starts: dict[tuple[str, int], int] = {}
        self._cluster = ""
        # Whether the client has said that it reaches no broker, until one answers again.
        self.is_away = False
        is_embedded = settings.KAFKA_IS_EMBEDDED
        self._client = Client(
            {
                **client_settings(),
                "error_cb": self._on_error,
                # Required of every consumer; it is never asked for.
                "group.id": "live",
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "earliest",
                # The embedded broker answers a fetch that found nothing only after this long.
                "fetch.wait.max.ms": 50 if is_embedded else 500,
                "allow.auto.create.topics": is_embedded,
            }
        )

    def look(self, seconds: float = 2.0) -> Sight:
        """Ask which partitions there are, and begin to read those that are new.

        A topic that does not exist has none. Raises `BrokerUnavailable` when the broker does not
        answer in time.
        """
        try:
            cluster, places = self._places(seconds)
            if cluster != self._cluster:
                self._client.unassign()
                self._cluster, self._starts = cluster, {}
            firsts = self._offsets(places, OFFSET_BEGINNING, seconds)
            ends = self._offsets(places, OFFSET_END, seconds)
            self._begin(places, firsts, ends)
        except KafkaException as error:
            raise BrokerUnavailable(error.args[0].str()) from error
        self.is_away = False
        return Sight(cluster, {place: (self._starts[place], ends[place]) for place in places})

    def read(self, most: int, seconds: float) -> list[Record]:
        """Wait for a first record at most so long, then take what else is there.

        Raises `BrokerUnavailable` when the client can never go on.
        """
        first = self._client.poll(seconds)
        if first is None:
            return []
        return _records([first, *self._client.consume(most - 1, timeout=0)])

    def close(self) -> None:
        """End the client, which takes long while the broker is away."""
        self._client.close()

    def _places(self, seconds: float) -> tuple[str, list[tuple[str, int]]]:
        if settings.KAFKA_IS_EMBEDDED:
            # It makes a topic for whoever asks about it by name.
            for topic in self._topics:
                self._client.list_topics(topic, timeout=seconds)
        found = self._client.list_topics(timeout=seconds)
        places = [
            (name, partition)
            for name in self._topics
            if name in found.topics
            for partition in sorted(found.topics[name].partitions)
        ]
        cluster = str(found.cluster_id)
        # Two embedded ones can bear the same name, but never stand at the same port in turn.
        return cluster + (
            settings.KAFKA_BOOTSTRAP_SERVERS if settings.KAFKA_IS_EMBEDDED else ""
        ), places

    def _offsets(
        self, places: Sequence[tuple[str, int]], which: int, seconds: float
    ) -> dict[tuple[str, int], int]:
        # Asked like times, the first and the last offset come for all partitions at once.
        asked = [TopicPartition(*place, which) for place in places]
        found = self._client.offsets_for_times(asked, timeout=seconds) if asked else []
        for place in found:
            if place.error:
                raise KafkaException(place.error)
        return {(place.topic, place.partition): place.offset for place in found}

    def _begin(
        self,
        places: Sequence[tuple[str, int]],
        firsts: dict[tuple[str, int], int],
        ends: dict[tuple[str, int], int],
    ) -> None:
        each = self._history // max(1, sum(p[0] not in self._new_only for p in places))
        new = {
            p: ends[p] if p[0] in self._new_only else max(firsts[p], ends[p] - each)
            for p in places
            if p not in self._starts
        }
        if new:
            self._client.incremental_assign([TopicPartition(*p, o) for p, o in new.items()])
            self._starts |= new

    def _on_error(self, error: KafkaError) -> None:
        if error.code() == KafkaError._ALL_BROKERS_DOWN:
            self.is_away = True
        _on_error(error)


def _ask_for(client: Client, topics: Iterable[str]) -> None:
    """Have the embedded broker make the topics, which it does for whoever asks about one.

    A group that subscribes to a topic that is not there gets nothing until it looks again, and
    each topic found later costs the group another rebalance.
    """
    try:
        for topic in topics:
            client.list_topics(topic, timeout=5)
    except KafkaException as error:
        log.warning("topics_not_made", reason=str(error))


def _announce(client: Client, partitions: list[TopicPartition]) -> None:
    """Commit a first position where there is none: the relay's headroom sees who reads a topic."""
    try:
        new = [place for place in client.committed(partitions, timeout=5) if place.offset < 0]
        for place in new:
            place.offset = 0
        if new:
            client.commit(offsets=new, asynchronous=False)
    except KafkaException as error:
        log.warning("group_not_announced", reason=str(error))


def _records(messages: Iterable[Message]) -> list[Record]:
    found = []
    for message in messages:
        if error := message.error():
            if error.fatal():
                raise BrokerUnavailable(error.str())
            log.warning("kafka_not_ready", code=error.name(), reason=error.str())
            continue
        found.append(
            Record(
                *_place(message),
                key=_text(message.key()),
                headers={name: _text(value) for name, value in _headers(message)},
                payload=message.value() or b"",
            )
        )
    return found


def _place(message: Message) -> tuple[str, int, int]:
    """Give the topic, partition and offset of a message that is not an error."""
    return message.topic() or "", message.partition() or 0, message.offset() or 0


def _headers(message: Message) -> list[tuple[str, bytes | str | None]]:
    # The stubs allow a dict as well, which is only ever taken, not given.
    headers = message.headers() or []
    return list(headers.items()) if isinstance(headers, dict) else headers


def _text(value: bytes | str | None) -> str:
    """Read text of which nothing is known, into what every database can keep."""
    text = value.decode(errors="replace") if isinstance(value, bytes) else value or ""
    return text.replace("\0", "\ufffd")


def create_topics(
    names: Iterable[str], *, partitions: int, replication: int, config: dict[str, str]
) -> dict[str, bool]:
    """Create topics; gives for each whether it was made now (False: it was there).

    Raises `BrokerUnavailable` when the broker is away or refuses.
    """
    admin = AdminClient(client_settings())
    wanted = [NewTopic(name, partitions, replication, config=config) for name in names]
    made = {}
    for name, future in admin.create_topics(wanted, request_timeout=15).items():
        try:
            future.result()
            made[name] = True
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise BrokerUnavailable(f"{name}: {error.args[0].str()}") from error
            made[name] = False
    return made
