"""Moments as seconds since 1970, as text that both databases read, and in ids (UUIDv7, RFC 9562).

A million orders have ten million of them: a `datetime` and a `UUID` for each would take longer than
the rest.
"""

from datetime import UTC, datetime
from functools import lru_cache
from random import Random

_VERSION, _VARIANT = 7 << 76, 2 << 62
_RANDOM = ((1 << 12) - 1) << 64 | (1 << 62) - 1


def written(moment: float) -> str:
    """Give a moment as Django keeps it in SQLite. PostgreSQL reads it as UTC, too."""
    second = int(moment)
    return f"{_second(second)}.{int((moment - second) * 1e6):06d}"


# Of the orders of an hour, whose moments lie close together.
@lru_cache(maxsize=8192)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat(" ")[:19]


def new_id(moment: float, chance: Random) -> str:
    """Give a UUIDv7 of a moment, as Django keeps it in SQLite: 32 digits without dashes."""
    stamp = int(moment * 1000) << 80
    return f"{stamp | _VERSION | _VARIANT | chance.getrandbits(76) & _RANDOM:032x}"


def dashed(id_: str) -> str:
    """Give an id as messages name it."""
    return f"{id_[:8]}-{id_[8:12]}-{id_[12:16]}-{id_[16:20]}-{id_[20:]}"
