"""Who the tests are about."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyotp

EMAIL, PASSWORD = "ada@example.com", "correct horse battery"


@dataclass
class Hashes:
    """How many passwords were hashed."""

    count: int = 0


def code_of(secret: str, *, steps: int = 0) -> str:
    """Give the code that a telephone shows, now or some half minutes from now."""
    return str(pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30 * steps)))
