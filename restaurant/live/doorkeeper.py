"""The one thread that asks the database who may listen, at the door and again and again."""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http.cookie import parse_cookie

from restaurant.live import listeners
from restaurant.live.clerk import Clerk
from restaurant.live.listeners import Listener
from restaurant.live.stream import Stream

log = structlog.get_logger()

CHECK_SECONDS = 2.0
SESSION_KEY = re.compile("[a-z0-9]{8,40}")


class Doorkeeper(Clerk[str, Listener]):
    """Gives the listeners behind sessions, as `listeners.find`."""

    def __init__(self, permissions: Sequence[str]) -> None:
        super().__init__("live-doorkeeper", lambda keys: listeners.find(keys, permissions))

    async def keep_watch(self, streams: Callable[[], Iterable[Stream]]) -> None:
        """End the streams of those who may listen no longer, until cancelled.

        While the database is away, streams stay.
        """
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            watched = list(streams())
            try:
                found = await self.find({stream.session for stream in watched})
            except DatabaseError as error:
                log.warning("live_sessions_unchecked", reason=str(error).partition("\n")[0])
                continue
            for stream in watched:
                if (listener := found.get(stream.session)) is None:
                    stream.end("session")
                elif stream.ring.channel.permission not in listener.permissions:
                    stream.end("rights")


def session_key(headers: Mapping[str, bytes]) -> str:
    """Give the key of the session that a request names; empty when it names none that could be."""
    cookies = parse_cookie(headers.get("cookie", b"").decode("latin-1"))
    key = cookies.get(settings.SESSION_COOKIE_NAME, "")
    # Others wait for the same answer: what no database would take must not spoil it.
    return key if SESSION_KEY.fullmatch(key) else ""
