"""A worker seen from outside its loop: does the broker answer, and does the work come on?"""

import threading
import time

from django.conf import settings

from restaurant.messaging import contracts
from restaurant.messaging.offsets import Place, Sounder, Sounding
from restaurant.messaging.worker import Loop
from restaurant.monitor.needs import Need, Needs, database
from restaurant.monitor.progress import stuck

# Each look asks the broker four things; several who ask at once share one.
FRESH_SECONDS = 2.0
ANSWER_SECONDS = 3.0


class Watch:
    """Watches one loop; asked from other threads than the loop's."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._group = loop.worker.service
        self._topics = {contracts.topic_of(kind) for kind in loop.worker.handlers}
        self._lock = threading.Lock()
        self._sounder: Sounder | None = None
        self._found: Sounding | None = None
        self._found_at = 0.0
        # What the group had committed of this worker's partitions, and since when.
        self._committed: dict[Place, int] = {}
        self._still_since = 0.0
        self.needs = Needs([database(self._group), Need("kafka", self.sound)])
        self._stuck = stuck(self.needs, loop.progress.since, seconds=settings.STUCK_SECONDS)

    def sound(self) -> Sounding:
        """Ask the broker how far topics and group have come. Raises `BrokerUnavailable`."""
        with self._lock:
            if self._found is None or time.monotonic() - self._found_at > FRESH_SECONDS:
                # Made by the first who asks, since most are never asked.
                self._sounder = self._sounder or Sounder()
                readers = {self._group: self._topics}
                self._found = self._sounder.sound(readers, seconds=ANSWER_SECONDS)
                self._found_at = time.monotonic()
            return self._found

    def why_not_live(self) -> str:
        """Say why a restart would help; empty while something it needs is away."""
        return self._stuck() or self._idle()

    def _idle(self) -> str:
        """Say so when there is work on its partitions and none gets done.

        Without partitions it has no work: another member does it all.
        """
        well_for = self.needs.well_for()
        assigned = self._loop.consumer.assigned
        if not well_for or self._found is None:
            return ""
        found = self._found
        mine = [place for place in assigned if place in found.ends]
        behind = sum(found.lag(self._group, place) for place in mine)
        committed = {place: found.position(self._group, place) for place in mine}
        now = time.monotonic()
        if not behind or committed != self._committed:
            self._committed, self._still_since = committed, now
        still = min(now - self._still_since, well_for)
        if still < settings.STUCK_SECONDS:
            return ""
        return f"Nothing was committed for {still:.0f} s, with {behind} records to read."
