"""Whether a loop still comes around."""

import time
from collections.abc import Callable

from restaurant.monitor.needs import Needs


class Progress:
    """When a loop last came around, or got something done. To tell it costs nothing."""

    def __init__(self) -> None:
        self._at = time.monotonic()

    def made(self) -> None:
        self._at = time.monotonic()

    def since(self) -> float:
        """Give the seconds since then."""
        return time.monotonic() - self._at


def stuck(needs: Needs, since: Callable[[], float], *, seconds: float) -> Callable[[], str]:
    """Give what says why a loop is stuck, when it has not come around for so many seconds.

    While a need is away it may well wait, and a restart would not help: only the time counts in
    which nothing was missing.
    """

    def why() -> str:
        quiet = min(since(), needs.well_for())
        if quiet < seconds:
            return ""
        return f"The loop has not come around for {quiet:.0f} s, although nothing it needs is away."

    return why
