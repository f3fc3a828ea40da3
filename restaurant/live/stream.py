"""One open stream: where it stands, and what it waits for."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from restaurant.live.ring import Behind, NotYet, Ring
from restaurant.live.sse import RETRY, event

Send = Callable[[dict[str, Any]], Awaitable[None]]
# Seconds in which a position may still be reached by what is being read.
PATIENCE = 2.0


class House(Protocol):
    """What streams share."""

    caught_up: bool
    # Counts the heartbeats; `beat` is the event of the last one.
    beats: int
    beat: bytes


class Stream:
    """Tells one listener what a ring has, and ends when it is told to.

    It has no queue: it stands at a number of the ring, and is woken when there may be more.
    """

    def __init__(
        self,
        ring: Ring,
        *,
        house: House,
        session: str,
        position: str,
        send: Send,
        abort: Callable[[], None] | None,
    ) -> None:
        self.ring = ring
        self.session = session
        # When the send under way began, by the monotonic clock; None between sends.
        self.sending_since: float | None = None
        self._house = house
        self._position = position
        self._send = send
        self._abort = abort
        self._task = asyncio.current_task()
        self._wake = asyncio.Event()
        self._opened_at = time.monotonic()
        self._number: int | None = None
        self._resets = 0
        self._beats = house.beats
        self._ending = ""
        self._is_gone = False

    @property
    def is_placed(self) -> bool:
        """Tell whether it was told where it begins."""
        return self._number is not None

    def wake(self) -> None:
        """Have it look whether there is something to send."""
        self._wake.set()

    def end(self, why: str) -> None:
        """Have it say why, and close."""
        self._ending = self._ending or why
        self._wake.set()

    def leave(self) -> None:
        """Have it stop: its listener has gone."""
        self._is_gone = True
        self._wake.set()

    def drop(self) -> None:
        """Cut the connection without a word, at once, whatever waits to be sent."""
        self.leave()
        if self._abort:
            self._abort()
        elif self._task:
            self._task.cancel()

    async def run(self) -> None:
        """Send events until it ends or its listener has gone."""
        await self._write(RETRY + self._house.beat)
        while not self._is_gone:
            if self._ending:
                data = b'{"why":"%s"}' % self._ending.encode()
                await self._write(event("end", data), last=True)
                return
            if found := self._news() + self._heartbeat():
                await self._write(found)
                continue
            await self._wake.wait()
            self._wake.clear()

    def _news(self) -> bytes:
        if self._number is None:
            return self._beginning() if self._house.caught_up else b""
        if self._resets != self.ring.resets:
            found = self.ring.reset()
        elif self._number == self.ring.published:
            return b""
        else:
            try:
                found = self.ring.after(self._number)
            except Behind:
                # Too slow for what is kept; it finds out more when it comes back.
                self.drop()
                return b""
        self._stand()
        return found

    def _beginning(self) -> bytes:
        """Give the first event; nothing while what is read has not come to the position."""
        try:
            found = self.ring.since(self._position) if self._position else self.ring.opened()
        except NotYet:
            if time.monotonic() < self._opened_at + PATIENCE:
                return b""
            found = self.ring.reset()
        self._stand()
        return found

    def _stand(self) -> None:
        self._number, self._resets = self.ring.published, self.ring.resets

    def _heartbeat(self) -> bytes:
        if self._beats == self._house.beats:
            return b""
        self._beats = self._house.beats
        return self._house.beat

    async def _write(self, data: bytes, *, last: bool = False) -> None:
        self.sending_since = time.monotonic()
        await self._send({"type": "http.response.body", "body": data, "more_body": not last})
        self.sending_since = None
