"""Publishing what the outbox holds: in order, and flagged only when the broker has it."""

import logging
import time
from functools import partial

import structlog
from django.conf import settings
from django.utils import timezone

from restaurant import bulk
from restaurant.messaging import leader, outbox, telling
from restaurant.messaging.errors import BrokerUnavailable
from restaurant.messaging.events import headers_of
from restaurant.messaging.headroom import Headroom
from restaurant.messaging.kafka import Producer
from restaurant.messaging.models import outbox_of
from restaurant.messaging.retry import Backoff
from restaurant.monitor import metrics

log = structlog.get_logger()
COLUMNS = ("sequence", *outbox.COLUMNS)


class Relay:
    """Publishes a service's outbox, when this process leads.

    A round: read what is not flagged, send it all, and in later steps flag what the broker has
    acknowledged. No step waits for the network, and no transaction is open meanwhile. While the
    broker is away the round waits in the client. When the broker refuses a record, the round is
    dropped and read again: what was acknowledged is flagged, and readers know the ids of what goes
    twice.
    """

    def __init__(self, service: str) -> None:
        self.service = service
        self.outbox = outbox_of(service)
        self._leadership = leader.leadership(service)
        self._producer = Producer()
        self._headroom = Headroom(settings.CONSUMER_GROUPS) if settings.KAFKA_IS_EMBEDDED else None
        self._backoff = Backoff()
        self._not_before = 0.0
        self._waiting: set[int] = set()
        # When the round at hand was read; by the monotonic clock.
        self._round_began = 0.0
        # Whether this process was the leader when it last had to know; read by other threads.
        self.leads = False
        self._acknowledged: list[int] = []
        self._failed = False

    def step(self) -> bool:
        """Go one step on; tells whether something moved."""
        self._producer.poll()
        moved = self._flag()
        if self._failed:
            self._start_over()
        elif not self._waiting and time.monotonic() >= self._not_before:
            self.leads = self._leadership.held()
            moved = (self.leads and self._send()) or moved
        return moved

    @property
    def busy(self) -> bool:
        """Whether acknowledgements are on their way."""
        return bool(self._waiting)

    def close(self, seconds: float = 5.0) -> None:
        """Give the broker a last chance to acknowledge, flag what it did, and stop leading."""
        self._producer.flush(seconds)
        if self._headroom:
            self._headroom.close()
        self._flag()
        self.leads = False
        self._leadership.release()

    def _send(self) -> bool:
        self._round_began = time.monotonic()
        unpublished = self.outbox.objects.filter(published_at=None).order_by("sequence")
        # As tuples: a model's instance for each row would cost a sixth of its way out.
        rows = list(unpublished.values_list(*COLUMNS, named=True)[: settings.RELAY_BATCH_SIZE])
        if self._headroom:
            rows = self._headroom.fitting(rows)
        try:
            for row in rows:
                self._producer.send(
                    row.topic,
                    row.key,
                    bytes(row.payload),
                    headers_of(row, source=self.service),
                    partial(self._sent, row.sequence),
                )
                self._waiting.add(row.sequence)
        except BrokerUnavailable as error:
            # Nothing after it may go: it would overtake.
            log.error("record_not_sent", service=self.service, reason=str(error))  # noqa: TRY400
            self._failed = True
        if rows and log.is_enabled_for(logging.DEBUG):
            telling.sent(self.service, rows)
        return bool(rows)

    def _sent(self, sequence: int, ok: bool) -> None:
        self._waiting.discard(sequence)
        if ok:
            self._acknowledged.append(sequence)
            if not self._waiting:
                metrics.publish_seconds.observe(time.monotonic() - self._round_began)
        else:
            self._failed = True

    def _flag(self) -> bool:
        if not self._acknowledged:
            return False
        flagged, now = self._acknowledged, timezone.now()
        # One parameter: a thousand of them would take longer to prepare than to write.
        bulk.update(
            self.outbox,
            "sequence",
            ("published_at",),
            [(sequence, now) for sequence in flagged],
            using=self.service,
        )
        metrics.messages_published.inc(len(flagged))
        # Only now: had the update failed, they would be flagged by the next one.
        self._acknowledged = self._acknowledged[len(flagged) :]
        if not self._failed:
            self._backoff.succeeded()
        return True

    def _start_over(self) -> None:
        self._producer.drop()
        self._flag()
        # A client that failed for good stays so, and late answers to an old one are not heard.
        self._producer = Producer()
        wait = self._backoff.failed()
        log.warning("relay_waits", service=self.service, seconds=round(wait, 2))
        self._not_before = time.monotonic() + wait
        self._waiting.clear()
        self._failed = False
