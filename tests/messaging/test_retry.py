"""Which faults are waited out, and for how long."""

import pytest
from django.db import DataError, IntegrityError, InterfaceError, InternalError, OperationalError

from restaurant.messaging.retry import Backoff, passes


class Cause(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "sqlstate", "expected"),
    [
        (OperationalError("connection refused"), None, True),
        (OperationalError("database is locked"), None, True),
        (OperationalError("deadlock detected"), "40P01", True),
        (OperationalError("the system is shutting down"), "57P01", True),
        (InterfaceError("connection already closed"), None, True),
        (InternalError("read-only transaction"), "25006", True),
        (InternalError("invalid transaction"), "25001", False),
        (OperationalError("index row size exceeds maximum"), "54000", False),
        (IntegrityError("null value"), "23502", False),
        (DataError("value too long"), "22001", False),
        (ValueError("no such dish"), None, False),
        (KeyError("sku"), None, False),
    ],
)
def test_it_tells_what_passes(error: Exception, sqlstate: str | None, expected: bool) -> None:
    error.__cause__ = Cause(sqlstate)
    assert passes(error) is expected


def test_it_waits_longer_after_each_failure_up_to_the_most() -> None:
    backoff = Backoff(first=0.1, most=1.0)
    ceilings = [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    waits = [backoff.failed() for _ in ceilings]
    for wait, ceiling in zip(waits, ceilings, strict=True):
        assert ceiling / 2 <= wait <= ceiling


def test_it_begins_anew_after_a_success() -> None:
    backoff = Backoff(first=0.1)
    for _ in range(100):
        backoff.failed()
    backoff.succeeded()
    assert backoff.failed() <= 0.1
