"""How much each worker has yet to read, and how fast it gets on, by topic and partition."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from delivery.worker import worker as delivery_worker
from kitchen.worker import worker as kitchen_worker
from orders.worker import worker as orders_worker
from restaurant import embedded
from restaurant.messaging import contracts
from restaurant.messaging.errors import BrokerUnavailable
from restaurant.messaging.offsets import Sounder, Sounding
from restaurant.staff.pipeline import looks
from restaurant.staff.pipeline.looks import Look
from restaurant.staff.pipeline.troubles import Level, Trouble, worst

# Who looks waits no longer for Kafka.
SECONDS = 0.6
# A worker handles thousands of messages a second: more than this is not a passing wave.
MANY = 5000
KAFKA = "KAFKA_BOOTSTRAP_SERVERS"

# Group → the topics that it reads, as its worker declares.
READERS = {
    worker.service: sorted({contracts.topic_of(kind) for kind in worker.handlers})
    for worker in (orders_worker, kitchen_worker, delivery_worker)
}


@dataclass(frozen=True)
class Flow:
    """One partition, as one group reads it. Rates are messages a second, None when not known."""

    partition: int
    lag: int
    produced: float | None
    consumed: float | None
    # Whether something has waited since the last look and nothing was read.
    stalled: bool


@dataclass(frozen=True)
class Stream:
    """A topic, as one group reads it."""

    group: str
    topic: str
    flows: Sequence[Flow]

    @property
    def lag(self) -> int:
        return sum(flow.lag for flow in self.flows)

    @property
    def produced(self) -> float | None:
        return _sum(flow.produced for flow in self.flows)

    @property
    def consumed(self) -> float | None:
        return _sum(flow.consumed for flow in self.flows)

    @property
    def level(self) -> Level:
        if not self.flows:
            return Level.UNKNOWN
        if any(flow.stalled for flow in self.flows):
            return Level.BAD
        return Level.WARNING if self.lag >= MANY else Level.OK


@dataclass(frozen=True)
class Traffic:
    streams: Sequence[Stream] = ()
    troubles: Sequence[Trouble] = field(default_factory=list)
    unknown: str = ""

    @property
    def level(self) -> Level:
        return worst(stream.level for stream in self.streams)


class _Asking:
    """The one client of this process, made when somebody first looks: after the fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bootstrap = ""
        self._sounder: Sounder | None = None

    def sound(self) -> Sounding:
        # Another look that is waiting for Kafka need not be waited for twice.
        if not self._lock.acquire(timeout=SECONDS):
            raise BrokerUnavailable("others wait for an answer")
        try:
            if (bootstrap := _bootstrap()) != self._bootstrap or self._sounder is None:
                self._sounder, self._bootstrap = Sounder(bootstrap=bootstrap), bootstrap
            return self._sounder.sound(READERS, seconds=SECONDS)
        finally:
            self._lock.release()


_asking = _Asking()


def look() -> Traffic:
    """Ask Kafka; when it does not answer, that is a trouble, and no stream is called fine."""
    try:
        sounding = _asking.sound()
    except BrokerUnavailable as error:
        trouble = Trouble(
            Level.BAD,
            _("Kafka does not answer: no order gets on."),
            _(
                "Start Kafka, or see whether KAFKA_BOOTSTRAP_SERVERS is right. "
                "Orders are taken meanwhile, and sent on when it is back."
            ),
        )
        return Traffic(troubles=[trouble], unknown=str(error))
    now = Look.of(sounding)
    streams = _streams(sounding, now, looks.before(now))
    return Traffic(streams, [*_troubles(streams)])


def _streams(sounding: Sounding, now: Look, before: Look | None) -> list[Stream]:
    return [
        Stream(
            group,
            topic,
            [
                _flow(sounding, group, place, now, before)
                for place in sorted(sounding.ends)
                if place[0] == topic
            ],
        )
        for group, topics in READERS.items()
        for topic in topics
    ]


def _flow(
    sounding: Sounding, group: str, place: tuple[str, int], now: Look, before: Look | None
) -> Flow:
    lag = sounding.lag(group, place)
    if before is None:
        return Flow(place[1], lag, None, None, stalled=False)
    seconds = now.at - before.at
    end, position = now.key(place), now.key(place, group)
    moved = now.positions[position] - before.positions.get(position, 0)
    waited = before.ends.get(end, 0) - before.positions.get(position, 0)
    return Flow(
        place[1],
        lag,
        produced=max(0, now.ends[end] - before.ends.get(end, 0)) / seconds,
        consumed=max(0, moved) / seconds,
        stalled=lag > 0 and waited > 0 and moved == 0,
    )


def _troubles(streams: Sequence[Stream]) -> Iterable[Trouble]:
    for stream in streams:
        told = {"group": stream.group, "topic": stream.topic, "lag": stream.lag}
        if stream.level == Level.BAD:
            text = _("%(group)s reads nothing of %(topic)s, and is %(lag)d behind.") % told
            todo = _("See whether its process runs above, and what its log says.")
        elif stream.level == Level.WARNING:
            text = _("%(group)s reads %(topic)s, and is %(lag)d behind.") % told
            todo = _("Wait, if it reads faster than is sent; else start another process of it.")
        else:
            continue
        yield Trouble(stream.level, text, todo, command=f"manage.py run_{stream.group}")


def _bootstrap() -> str:
    """Say where Kafka is now: the embedded one moves when it is started again."""
    if settings.KAFKA_IS_EMBEDDED:
        found = embedded.addresses(settings.VAR_DIR)
        return found.get(KAFKA) or str(settings.KAFKA_BOOTSTRAP_SERVERS)
    return str(settings.KAFKA_BOOTSTRAP_SERVERS)


def _sum(rates: Iterable[float | None]) -> float | None:
    known = [rate for rate in rates if rate is not None]
    return sum(known) if known else None
