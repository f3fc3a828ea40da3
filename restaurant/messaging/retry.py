"""Which faults pass by themselves, and how long to wait for it."""

import random
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError

# The database is away, a deadlock, a lock that took too long.
PASSING_FAULTS = (OperationalError, InterfaceError)
# SQLSTATEs that PostgreSQL's driver counts among them, or not, against what they mean here: a
# statement past the server's limits fails for ever; a standby refuses writes until it is promoted.
LIMIT_EXCEEDED, READ_ONLY = "54", "25006"


def passes(error: BaseException) -> bool:
    """Tell whether what failed can succeed when it is tried again, unchanged."""
    if _sqlstate(error).startswith(LIMIT_EXCEEDED):
        return False
    return isinstance(error, PASSING_FAULTS) or is_read_only(error)


def is_read_only(error: BaseException) -> bool:
    """Tell whether a server refuses to write: it was demoted, and its connections lead nowhere."""
    return _sqlstate(error) == READ_ONLY


def _sqlstate(error: BaseException) -> str:
    return str(getattr(error.__cause__, "sqlstate", None) or "")


@dataclass
class Backoff:
    """Waits that double from `first` to `most` seconds, each with full jitter."""

    first: float = 0.1
    most: float = 5.0
    failures: int = 0

    def failed(self) -> float:
        """Count a failure; gives the seconds to wait before the next try."""
        ceiling = min(self.most, self.first * 2**self.failures)
        self.failures = min(self.failures + 1, 30)
        return random.uniform(ceiling / 2, ceiling)  # noqa: S311 - spreads load, hides nothing

    def succeeded(self) -> None:
        self.failures = 0
