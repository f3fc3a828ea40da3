"""The one thread that reads Kafka for all streams of the process."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog

from restaurant.live.channels import Channel, Teller
from restaurant.live.following.followed import Followed
from restaurant.live.hub import Hub
from restaurant.live.ring import MOST_ENTRIES
from restaurant.messaging.errors import BrokerUnavailable
from restaurant.messaging.events import Record
from restaurant.messaging.kafka import Tail
from restaurant.messaging.retry import Backoff

log = structlog.get_logger()

BATCH = 500
WAIT_SECONDS = 0.1
# How often partitions are looked for; sooner while a topic is not there yet.
LOOK_SECONDS, LOOK_SOON_SECONDS = 10.0, 1.0
# Told which keys have moved.
Wake = Callable[[Iterable[str]], None]


class Reader(threading.Thread):
    """Follows topics, and hands what it reads to the hub, and keys to who waits, on their loop.

    A daemon: it belongs to no group that would miss it, and its client takes long to close while
    the broker is away.
    """

    def __init__(
        self,
        hub: Hub,
        channels: list[Channel],
        loop: asyncio.AbstractEventLoop,
        *,
        followed: Mapping[Followed, Wake],
    ) -> None:
        super().__init__(name="live-reader", daemon=True)
        self._hub = hub
        self._loop = loop
        self._teller = Teller(channels)
        self._told = {topic for channel in channels for topic in channel.topics}
        self._followed = followed
        self._topics = self._told.union(*(kind.topics for kind in followed))
        self._backoff = Backoff(first=0.2, most=2.0)
        self._look_at = 0.0
        self._is_connected = False

    def run(self) -> None:
        try:
            self._follow(Tail(self._told, history=MOST_ENTRIES, new_only=self._topics))
        except Exception:
            # Without it the process is of no use: streams go to another, or to the next one.
            log.exception("live_reader_died")
            os.kill(os.getpid(), signal.SIGTERM)

    def _follow(self, tail: Tail) -> None:
        while True:
            if tail.is_away and self._is_connected:
                self._connect(False, "no broker answers")
                self._look_at = 0.0
            if time.monotonic() >= self._look_at:
                self._look(tail)
            if records := tail.read(BATCH, WAIT_SECONDS):
                self._loop.call_soon_threadsafe(self._hub.take, self._teller.tell(records))
                self._wake(records)

    def _wake(self, records: Sequence[Record]) -> None:
        """Have looked at what the records are about."""
        for kind, wake in self._followed.items():
            if keys := {record.key for record in records if record.topic in kind.topics}:
                self._loop.call_soon_threadsafe(wake, keys)

    def _look(self, tail: Tail) -> None:
        try:
            sight = tail.look()
        except BrokerUnavailable as error:
            self._connect(False, str(error))
            self._look_at = time.monotonic() + self._backoff.failed()
            return
        is_whole = {topic for topic, _ in sight.spans} == self._topics
        self._look_at = time.monotonic() + (LOOK_SECONDS if is_whole else LOOK_SOON_SECONDS)
        self._loop.call_soon_threadsafe(self._hub.see, sight)
        self._connect(True, "")

    def _connect(self, is_connected: bool, reason: str) -> None:
        if is_connected:
            self._backoff.succeeded()
        if is_connected != self._is_connected:
            self._is_connected = is_connected
            if is_connected:
                log.info("live_reader_connected", topics=sorted(self._topics))
            else:
                log.warning("live_reader_disconnected", reason=reason)
            self._loop.call_soon_threadsafe(self._hub.connect, is_connected)
