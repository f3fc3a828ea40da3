"""One who follows, by a stream or by one long wait."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from restaurant.live.following.followed import Event

if TYPE_CHECKING:
    from restaurant.live.following.callers import Caller
    from restaurant.live.following.watches import Watch


class Follower:
    """Stands after a number of a story, and is woken when there may be more.

    `why` says why it must end, as the protocol has it; empty: it may go on.
    """

    def __init__(
        self, watch: "Watch", caller: "Caller", after: int, abort: Callable[[], None] | None
    ) -> None:
        self.watch = watch
        self.caller = caller
        self.after = after
        self.is_gone = False
        self._abort = abort
        self._why = ""
        self._wake = asyncio.Event()

    @property
    def why(self) -> str:
        if not self._why and time.monotonic() >= self.caller.good_until:
            self._why = "unverified"
        return self._why

    @property
    def news(self) -> Sequence[Event]:
        """Give what it was not told yet."""
        return self.watch.story.events[self.after :]

    @property
    def is_finished(self) -> bool:
        """Tell whether it was told all that there will be."""
        return self.watch.is_over and not self.news

    def wake(self) -> None:
        self._wake.set()

    def end(self, why: str) -> None:
        """Have it say why, and end."""
        self._why = self._why or why
        self._wake.set()

    def leave(self) -> None:
        """Have it stop: its client has gone."""
        self.is_gone = True
        self._wake.set()

    def drop(self) -> None:
        """Cut the connection at once, whatever waits to be sent."""
        self.leave()
        if self._abort:
            self._abort()

    async def wait(self, seconds: float) -> bool:
        """Wait to be woken, or until it is no longer known to be good; tells whether it was."""
        left = min(seconds, self.caller.good_until - time.monotonic())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), max(0.0, left))
        was_woken = self._wake.is_set()
        self._wake.clear()
        return was_woken
