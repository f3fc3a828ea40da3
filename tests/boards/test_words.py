"""How long ago something was, in words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from restaurant.boards.words import ago, clock

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


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-1, "0:00"), (7.9, "0:07"), (247, "4:07"), (3599, "59:59"), (3750, "1:02:30")],
)
def test_it_shows_a_length_of_time_as_a_clock_does(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown
