"""A thread that asks a database for all who wait on the event loop."""

import asyncio
import queue
import threading
from collections.abc import Callable, Collection, Mapping
from typing import Any, Generic, TypeVar

import structlog
from django.db import DatabaseError, close_old_connections, connections

log = structlog.get_logger()
K = TypeVar("K")
V = TypeVar("V")


class Clerk(threading.Thread, Generic[K, V]):
    """Answers whoever waits, all at once: a thousand that come back take a few queries.

    `look` is given keys, and gives what there is by key; it may block. A daemon: a database that
    does not answer must not keep the process from ending.
    """

    def __init__(self, name: str, look: Callable[[Collection[K]], Mapping[K, V]]) -> None:
        super().__init__(name=name, daemon=True)
        self._look = look
        # None is the word to end.
        self._questions: queue.SimpleQueue[
            tuple[Collection[K], asyncio.Future[Mapping[K, V]]] | None
        ] = queue.SimpleQueue()

    async def find(self, keys: Collection[K]) -> Mapping[K, V]:
        """Give what there is of these keys, and perhaps of others; raises `DatabaseError`."""
        answer: asyncio.Future[Mapping[K, V]] = asyncio.get_running_loop().create_future()
        self._questions.put((keys, answer))
        return await answer

    def stop(self) -> None:
        """Have it end once it has answered; what is asked later is not answered."""
        self._questions.put(None)

    def run(self) -> None:
        is_stopping = False
        while not is_stopping:
            waiting = [self._questions.get()]
            while not self._questions.empty():
                waiting.append(self._questions.get())
            is_stopping = None in waiting
            if questions := [question for question in waiting if question]:
                self._answer(questions)
        connections.close_all()

    def _answer(
        self, questions: Collection[tuple[Collection[K], asyncio.Future[Mapping[K, V]]]]
    ) -> None:
        result = self._ask({key for keys, _ in questions for key in keys})
        for _, answer in questions:
            answer.get_loop().call_soon_threadsafe(_give, answer, result)

    def _ask(self, keys: Collection[K]) -> Mapping[K, V] | BaseException:
        close_old_connections()
        try:
            return self._look(keys)
        except DatabaseError as error:
            connections.close_all()
            return error
        except Exception as error:
            log.exception("live_question_failed", thread=self.name)
            return error


def _give(answer: "asyncio.Future[Any]", result: Any) -> None:
    if answer.done():
        return
    if isinstance(result, BaseException):
        answer.set_exception(result)
    else:
        answer.set_result(result)
