"""All of a live process's streams, and what they share. Everything here runs on the event loop."""

import asyncio
import time
from collections.abc import Sequence
from itertools import count

import structlog

from restaurant.live.channels import Channel, Told
from restaurant.live.ring import Place, Ring
from restaurant.live.sse import event
from restaurant.live.stream import Stream
from restaurant.messaging.kafka import Sight

log = structlog.get_logger()

# A stream gets its first news at once, and then at most one event in so many seconds.
PACE = 0.1
BEAT_SECONDS = 2
# A listener that takes nothing for so long is dropped; its browser comes back.
SLOWEST_SEND = 10.0
# What is left of connections when the process stops is cut after so long.
STOP_SECONDS = 0.3
REPORT_SECONDS = 60


class Hub:
    """Takes what is read from Kafka, and wakes the streams that it concerns."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self.rings = {channel.name: Ring(channel) for channel in channels}
        self.streams: set[Stream] = set()
        # Whether all has been read that the broker had when this process first asked it.
        self.caught_up = False
        self.is_stopping = False
        self.beats = 0
        self.beat = _beat(ok=False)
        self.dropped = 0
        self._is_connected = False
        self._targets: dict[Place, int] | None = None
        self._by_topic: dict[str, list[Ring]] = {}
        for ring in self.rings.values():
            for topic in ring.topics:
                self._by_topic.setdefault(topic, []).append(ring)
        self._published_at: dict[Ring, float] = {}
        self._due: set[Ring] = set()

    def see(self, sight: Sight) -> None:
        """Take note of what is being read."""
        for ring in self.rings.values():
            ring.see(sight.cluster, sight.spans)
            self._plan(ring)
        if self._targets is None:
            self._targets = {
                place: end for place, (start, end) in sight.spans.items() if start < end
            }
        self._check_targets()

    def take(self, batch: Sequence[Told]) -> None:
        """Take records in the order in which they were read."""
        touched: set[Ring] = set()
        for told in batch:
            for ring in self._by_topic.get(told.topic, ()):
                ring.take(told)
                touched.add(ring)
            if self._targets:
                place = (told.topic, told.partition)
                if told.offset + 1 >= self._targets.get(place, told.offset + 2):
                    del self._targets[place]
        self._check_targets()
        for ring in touched:
            self._plan(ring)

    def connect(self, is_connected: bool) -> None:
        """Take note whether the broker answers; streams say so at once when that changes."""
        if is_connected != self._is_connected:
            self._is_connected = is_connected
            self._beat_now()

    def _check_targets(self) -> None:
        if self._targets is None or self._targets or self.caught_up:
            return
        self.caught_up = True
        log.info("live_caught_up", entries={name: len(r) for name, r in self.rings.items()})
        for ring in self.rings.values():
            self._publish(ring)
        self._beat_now()

    def _plan(self, ring: Ring) -> None:
        """Publish at once, or, when that was done a moment ago, together with what follows."""
        if not self.caught_up or ring in self._due:
            return
        wait = self._published_at.get(ring, 0.0) + PACE - time.monotonic()
        if wait <= 0:
            self._publish(ring)
        else:
            self._due.add(ring)
            asyncio.get_running_loop().call_later(wait, self._publish, ring)

    def _publish(self, ring: Ring) -> None:
        self._due.discard(ring)
        self._published_at[ring] = time.monotonic()
        is_news = ring.publish()
        for stream in self.streams:
            if stream.ring is ring and (is_news or not stream.is_placed):
                stream.wake()

    def _beat_now(self) -> None:
        self.beats += 1
        self.beat = _beat(ok=self._is_connected and self.caught_up)
        for stream in self.streams:
            stream.wake()

    async def keep_time(self) -> None:
        """Beat, drop who takes nothing, and report, until cancelled."""
        for second in count(1):
            await asyncio.sleep(1.0)
            self._drop_the_slow()
            if second % BEAT_SECONDS == 0:
                self._beat_now()
            if second % REPORT_SECONDS == 0 and self.streams:
                log.info("live_streams", open=len(self.streams), dropped=self.dropped)

    def _drop_the_slow(self) -> None:
        since = time.monotonic() - SLOWEST_SEND
        for stream in list(self.streams):
            if stream.sending_since and stream.sending_since < since:
                self.dropped += 1
                log.info("live_stream_dropped", channel=stream.ring.channel.name)
                stream.drop()

    def stop(self) -> None:
        """End every stream at once, and cut off those that cannot be told so."""
        if self.is_stopping:
            return
        self.is_stopping = True
        log.info("live_stopping", open=len(self.streams))
        streams = list(self.streams)
        for stream in streams:
            stream.end("stopping")
        loop = asyncio.get_running_loop()
        for stream in streams:
            loop.call_later(STOP_SECONDS, stream.drop)


def _beat(*, ok: bool) -> bytes:
    return event("beat", b'{"ok":true}' if ok else b'{"ok":false}')
