"""Keeping the embedded broker from overflowing.

librdkafka's mock cluster keeps about 5 MB a partition and then forgets the oldest records, read or
not. So the relay lets no topic run further ahead of its slowest reader than `LIMIT`: even when a
single partition takes it all, nothing is forgotten unread.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from restaurant.messaging.contracts import DEAD_LETTER_SUFFIX, is_notice
from restaurant.messaging.offsets import GroupPositions

LIMIT = 3_000_000
# Headers and framing weigh about this much beside the payload.
OVERHEAD = 500


class Headroom:
    """How many bytes each topic may still take, asked of the broker when an estimate runs out."""

    def __init__(self, groups: Sequence[str]) -> None:
        self._positions = GroupPositions(groups)
        self._left: dict[str, int] = defaultdict(int)

    def close(self) -> None:
        self._positions.close()

    def fitting(self, rows: Sequence[Any]) -> list[Any]:
        """Give the rows, in order, up to the first for which there is no room now."""
        fit = []
        asked = set()
        for row in rows:
            size = len(row.payload) + OVERHEAD
            # Nobody's work waits for these: the broker may forget the oldest.
            if row.topic.endswith(DEAD_LETTER_SUFFIX) or is_notice(row.type):
                fit.append(row)
                continue
            if self._left[row.topic] < size and row.topic not in asked:
                asked.add(row.topic)
                self._left[row.topic] = LIMIT - self._positions.lag(row.topic) * 2 * size
            if self._left[row.topic] < size:
                break
            self._left[row.topic] -= size
            fit.append(row)
        return fit
