"""Who the tests are about."""

from dataclasses import dataclass

EMAIL, PASSWORD = "ada@example.com", "correct horse battery"


@dataclass
class Hashes:
    """How many passwords were hashed."""

    count: int = 0
