"""How long ago something was, in words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from restaurant.boards.words import ago

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0 s ago"),
        (2.9, "2 s ago"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 hour ago"),
        (7300, "2 hours ago"),
    ],
)
def test_it_says_how_long_ago(seconds: float, said: str) -> None:
    with translation.override("en"):
        assert ago(NOW - timedelta(seconds=seconds), now=NOW) == said
