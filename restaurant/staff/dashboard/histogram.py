"""Durations on a logarithmic scale, from which medians can be told of any sum of hours.

Each bucket is 5% wider than the one before, and stands for its geometric middle: a duration told
from it is at most 2.5% off (`ERROR`), however long. A bucket of 0 is everything up to a second.
"""

import math
from collections.abc import Mapping
from typing import Final

GROWTH: Final = 1.05
ERROR: Final = math.sqrt(GROWTH) - 1
# Some five weeks.
LAST: Final = 307


def bucket_of(seconds: float) -> int:
    """Give the bucket that a duration belongs to."""
    if seconds <= 1:
        return 0
    return min(LAST, math.floor(math.log(seconds) / math.log(GROWTH)) + 1)


def middle(bucket: int) -> float:
    """Give the duration, in seconds, that a bucket stands for."""
    return GROWTH ** (bucket - 0.5) if bucket else 0.5


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """Give the duration that this share of those counted did not pass; None of none."""
    total = sum(counts.values())
    if not total:
        return None
    rank = max(1, math.ceil(share * total))
    seen = 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= rank:
            return middle(bucket)
    return None
