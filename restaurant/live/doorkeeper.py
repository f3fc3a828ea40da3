"""The one thread that asks the database who may listen, at the door and again and again."""

import asyncio
import queue
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import structlog
from django.db import DatabaseError, close_old_connections, connections

from restaurant.live import listeners
from restaurant.live.listeners import Listener
from restaurant.live.stream import Stream

log = structlog.get_logger()

CHECK_SECONDS = 2.0
Found = dict[str, Listener]


class Doorkeeper(threading.Thread):
    """Answers whoever waits, all at once: a thousand that come back take a few queries.

    A daemon: a database that does not answer must not keep the process from ending.
    """

    def __init__(self, permissions: Sequence[str]) -> None:
        super().__init__(name="live-doorkeeper", daemon=True)
        self._permissions = permissions
        self._questions: queue.SimpleQueue[tuple[Collection[str], asyncio.Future[Found]]] = (
            queue.SimpleQueue()
        )

    async def find(self, session_keys: Collection[str]) -> Found:
        """Give the listeners behind these sessions, as `listeners.find`; raises `DatabaseError`."""
        answer: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._questions.put((session_keys, answer))
        return await answer

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

    def run(self) -> None:
        while True:
            questions = [self._questions.get()]
            while not self._questions.empty():
                questions.append(self._questions.get())
            result = self._ask({key for keys, _ in questions for key in keys})
            for _, answer in questions:
                answer.get_loop().call_soon_threadsafe(_give, answer, result)

    def _ask(self, session_keys: Collection[str]) -> Found | BaseException:
        close_old_connections()
        try:
            return listeners.find(session_keys, self._permissions)
        except DatabaseError as error:
            connections.close_all()
            return error
        except Exception as error:
            log.exception("live_sessions_unchecked")
            return error


def _give(answer: "asyncio.Future[Found]", result: Any) -> None:
    if answer.done():
        return
    if isinstance(result, BaseException):
        answer.set_exception(result)
    else:
        answer.set_result(result)
