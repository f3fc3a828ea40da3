"""Ids that tell the time: rows are keyed by UUIDv7 (RFC 9562), which begins with it.

So the index of ids finds what was written in a stretch of time, where none has the time itself.
"""

from datetime import datetime, timedelta
from uuid import UUID

# An id is made just before or after what it names is written, by clocks this near each other.
APART = timedelta(minutes=5)


def first_id(at: datetime) -> UUID:
    """Give the lowest UUIDv7 of a moment's millisecond."""
    return UUID(int=int(at.timestamp() * 1000) << 80)
