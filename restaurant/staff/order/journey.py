"""How an order came to where it is: each event from its decision to those who read it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from restaurant.admin_parts.messages import readable
from restaurant.messaging.models import OutboxMessage
from restaurant.staff.books import PIPELINE
from restaurant.staff.order import topics
from restaurant.staff.order.dossier import Dossier, id_of
from restaurant.staff.order.topics import Topic

HANDLED, WAITS, DEAD, DISCARDED, REDRIVEN, FORGOTTEN = (
    *("handled", "waits", "dead", "discarded", "redriven", "forgotten"),
)
# However fast a restaurant is, a message may take so long when there are many.
PATIENCE = timedelta(seconds=30)


@dataclass
class Arrival:
    """An event at one of its readers."""

    service: str
    state: str
    # The inbox's row, and the last dead letter, where there are any.
    row: Any = None
    letter: Any = None
    # From the decision to the handling.
    wait: timedelta | None = None
    # It has waited for longer than it should.
    is_late: bool = False


@dataclass
class Hop:
    """An event of an order."""

    event_id: UUID
    name: str
    topic: Topic
    # When its publisher decided it, UTC.
    at: datetime
    # None where the outbox does not have it any more, or the reader may not see it.
    sent: OutboxMessage | None = None
    # Rows of a reader's outbox by which a dead letter was sent again.
    resent: list[Any] = field(default_factory=list)
    status: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)
    # Since the event before it.
    gap: timedelta | None = None
    is_purged: bool = False

    @property
    def source(self) -> str:
        return self.topic.source

    @property
    def place(self) -> Any:
        """Where in Kafka it stands: whoever had it last knows."""
        known = [a.row or a.letter for a in self.arrivals if a.row or a.letter]
        return known[-1] if known else None

    @property
    def publishing(self) -> timedelta | None:
        """How long the outbox had it; None when it is there, or was sent more than once."""
        if self.sent is None or self.sent.published_at is None or self.sent.republished:
            return None
        return max(timedelta(0), self.sent.published_at - self.sent.created_at)

    @property
    def payload(self) -> str:
        return readable(self.sent.type, bytes(self.sent.payload)) if self.sent else ""

    @property
    def told(self) -> str:
        return topics.told(self.detail)

    @property
    def lanes(self) -> dict[str, int]:
        """Between which of the services it goes, by their place in the pipeline."""
        ends = [PIPELINE.index(s) for s in (self.source, *self.topic.readers) if s in PIPELINE]
        return {
            "from": ends[0] if ends else 0,
            "first": min(ends, default=0),
            "last": max(ends, default=0),
        }

    @property
    def waits(self) -> bool:
        """Whether it is published, and a reader has not had it."""
        return any(arrival.state == WAITS for arrival in self.arrivals)

    @property
    def dead(self) -> list[Arrival]:
        return [arrival for arrival in self.arrivals if arrival.state == DEAD]


def hops(dossier: Dossier) -> list[Hop]:
    """Give the order's events, in the order in which they were decided."""
    found = {hop.event_id: hop for hop in _from_outboxes(dossier)}
    for entry in dossier.timeline:
        hop = found.get(entry.event_id)
        if hop is None:
            hop = _hop(entry.event_id, entry.type, entry.at)
            found[entry.event_id] = hop
        hop.status, hop.detail = entry.status, entry.detail
    for letter in _strays(dossier, found):
        found[letter.event_id] = _hop(letter.event_id, letter.topic, letter.failed_at)
    _add_resent(dossier, found)
    ordered = sorted(found.values(), key=_moment)
    before: Hop | None = None
    for hop in ordered:
        hop.is_purged = _is_purged(hop, dossier)
        hop.arrivals = [*_arrivals(hop, dossier)]
        hop.gap = hop.at - before.at if before else None
        before = hop
    return ordered


def _hop(event_id: UUID, name: str, at: datetime) -> Hop:
    return Hop(event_id, name, topics.topic(name), at)


def _moment(hop: Hop) -> tuple[datetime, int, int]:
    order = PIPELINE.index(hop.source) if hop.source in PIPELINE else len(PIPELINE)
    return hop.at, order, hop.sent.sequence if hop.sent else 0


def _from_outboxes(dossier: Dossier) -> Iterable[Hop]:
    for service, rows in dossier.said.items():
        for row in rows:
            if topics.is_told(row.topic) and topics.topic(row.topic).source in ("", service):
                hop = _hop(id_of(row), row.topic, row.created_at)
                hop.sent = row
                yield hop


def _add_resent(dossier: Dossier, found: dict[UUID, Hop]) -> None:
    """Note by which rows readers had their dead letters sent again."""
    for rows in dossier.said.values():
        for row in rows:
            hop = found.get(id_of(row))
            if hop and row is not hop.sent and topics.is_told(row.topic):
                hop.resent.append(row)


def _strays(dossier: Dossier, found: dict[UUID, Hop]) -> Iterable[Any]:
    """Give the dead letters of events that nobody else knows of, as a stranger's."""
    for letters in dossier.letters.values():
        yield from (letter for letter in letters if letter.event_id not in found)


def _is_purged(hop: Hop, dossier: Dossier) -> bool:
    """Tell whether the outbox had it and has it no more, as far as the reader may know."""
    return hop.sent is None and hop.source in dossier.said


def _arrivals(hop: Hop, dossier: Dossier) -> Iterable[Arrival]:
    readers = dict.fromkeys(hop.topic.readers)
    # Where nobody is known to read it, whoever has it does.
    readers |= {s: None for s in PIPELINE if _letters(s, hop, dossier)}
    for service in readers:
        if service in dossier.heard or _letters(service, hop, dossier):
            arrival = _arrival(service, hop, dossier)
            if arrival:
                yield arrival


def _letters(service: str, hop: Hop, dossier: Dossier) -> list[Any]:
    return [d for d in dossier.letters.get(service, ()) if d.event_id == hop.event_id]


def _arrival(service: str, hop: Hop, dossier: Dossier) -> Arrival | None:
    row = dossier.heard.get(service, {}).get(hop.event_id)
    letter = ([None, *_letters(service, hop, dossier)])[-1]
    if letter and not letter.redriven_at:
        return Arrival(service, DISCARDED if letter.discarded_at else DEAD, row, letter)
    if row and not (letter and row.handled_at < letter.redriven_at):
        wait = max(timedelta(0), row.handled_at - hop.at)
        return Arrival(service, HANDLED, row, letter, wait)
    if letter:
        return Arrival(service, REDRIVEN, None, letter, is_late=_late(letter.redriven_at, dossier))
    if dossier.now - hop.at > settings.INBOX_RETENTION:
        return Arrival(service, FORGOTTEN)
    published_at = hop.sent.published_at if hop.sent else hop.at
    if published_at is None:
        # The outbox says so already.
        return None
    return Arrival(service, WAITS, is_late=_late(published_at, dossier))


def _late(since: datetime, dossier: Dossier) -> bool:
    return dossier.now - since > PATIENCE
