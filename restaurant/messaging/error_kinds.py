"""Telling which errors are the same one, met by different messages."""

import re
from typing import Any

CHUNK = 1000
# Beyond this, errors are told apart no more.
LENGTH = 200
# What differs from message to message, in the order in which it is looked for.
_DIFFERS = re.compile(
    r"""
      [0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}           # a UUID
    | \d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)? # a day, a time
    | \b0x[0-9a-f]+\b                                                            # an address
    | \b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b                                           # a digest
    | (?:(?<=\W)-)?(?<![A-Za-z_\d])\d+(?:[.,]\d+)*                                 # a number
    """,
    re.VERBOSE | re.IGNORECASE,
)


def kind_of(error: str) -> str:
    """Give an error's text with "…" for ids, times and numbers; names that hold digits stay."""
    return _DIFFERS.sub("…", error)[:LENGTH]


def fill(letters: Any) -> None:
    """Name the kind of those dead letters that do not have one; `letters` is a model's manager."""
    nameless = letters.filter(error_kind="").exclude(error="").order_by("pk")
    while rows := list(nameless.only("pk", "error")[:CHUNK]):
        for row in rows:
            row.error_kind = kind_of(row.error)
        letters.bulk_update(rows, ["error_kind"])
