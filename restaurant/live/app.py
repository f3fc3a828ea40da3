"""The live process as an ASGI application: streams, and whether it is alive and ready.

Raw: a thousand streams through Django's middleware would take a thread each.
"""

import asyncio
import os
import re
import resource
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from types import FrameType
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError

from restaurant.heartbeat import Heart
from restaurant.live import access, channels, languages, origins, sse
from restaurant.live.answers import Refusal, Send, send_bytes, send_json, send_problem
from restaurant.live.doorkeeper import Doorkeeper, session_key
from restaurant.live.following import followed
from restaurant.live.following.callers import Callers
from restaurant.live.following.desk import Desk, Request
from restaurant.live.hub import Hub
from restaurant.live.protocol import ABORT
from restaurant.live.reader import Reader
from restaurant.live.ring import Ring
from restaurant.live.stream import Stream
from restaurant.messaging.errors import BrokerUnavailable
from restaurant.monitor import draining, metrics, process
from restaurant.monitor.needs import Need, Needs, database
from restaurant.monitor.progress import Progress, stuck
from restaurant.monitor.server import readiness

log = structlog.get_logger()

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
PROBLEM = re.compile("/problems/([a-z_]+/)?")


class Live:
    """The application. Threads and Kafka's client are made when the server starts it."""

    def __init__(self) -> None:
        self._channels = channels.installed()
        kinds = followed.installed()
        permissions = {channel.permission for channel in self._channels}
        permissions |= {kind.permission for kind in kinds}
        self.hub = Hub(self._channels)
        self._paths = {f"/live/{name}/" for name in self.hub.rings}
        self._doorkeeper = Doorkeeper(sorted(permissions))
        callers = Callers(self._doorkeeper, frozenset(kind.permission for kind in kinds))
        self._desks = [Desk(kind, callers) for kind in kinds]
        self._heart = Heart("live")
        self._progress = Progress()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Start and stop with the server (ASGI lifespan)."""
        await receive()
        self._start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.to_thread(self._heart.stop)
        await send({"type": "lifespan.shutdown.complete"})

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        _open_many_files()
        self._stop_on_signals(loop)
        self._doorkeeper.start()
        self._heart.start()
        self._monitor()
        open_desks = [desk for desk in self._desks if desk.is_open]
        followed = {desk.followed: desk.watches.wake for desk in open_desks}
        Reader(self.hub, self._channels, loop, followed=followed).start()
        self._keep(self.hub.keep_time())
        self._keep(self._tell_progress())
        self._keep(self._doorkeeper.keep_watch(lambda: self.hub.streams))
        for desk in open_desks:
            for work in desk.start():
                self._keep(work)

    def stop(self) -> None:
        """End all that is open, and let nobody in any more."""
        self.hub.stop()
        for desk in self._desks:
            desk.stop()

    async def _tell_progress(self) -> None:
        """Tell that the loop comes around, until cancelled."""
        while True:
            self._heart.progress()
            self._progress.made()
            await asyncio.sleep(1.0)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it beside the streams, which must not go on without it."""
        task = asyncio.create_task(work)
        task.add_done_callback(_stop_if_failed)
        self._tasks.add(task)

    def _stop_on_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hear signals before the server does, which would wait for the streams to end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, partial(self._hear, loop, signal.getsignal(number)))

    def _hear(
        self, loop: asyncio.AbstractEventLoop, servers: Any, number: int, frame: FrameType | None
    ) -> None:
        """Drain and then end; a second signal ends it at once."""
        is_first = not draining.is_draining()
        draining.begin()
        if is_first and settings.DRAIN_SECONDS:
            again = partial(self._hear, loop, servers, number, None)
            loop.call_soon_threadsafe(loop.call_later, settings.DRAIN_SECONDS, again)
            return
        loop.call_soon_threadsafe(self.stop)
        if callable(servers):
            servers(number, frame)

    def _monitor(self) -> None:
        needs = Needs([Need("kafka", self._require_caught_up), database("default")])
        since = self._progress.since
        metrics.register(self._figures)
        process.start(needs, stuck(needs, since, seconds=settings.STUCK_SECONDS))

    def _figures(self) -> list[metrics.Sample]:
        streams = len(self.hub.streams) + sum(len(d.watches.followers) for d in self._desks)
        return [(metrics.STREAMS, (), streams), (metrics.STREAMS_DROPPED, (), self.hub.dropped)]

    def _require_caught_up(self) -> None:
        if not self.hub.caught_up:
            raise BrokerUnavailable("not all has been read yet")

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._route(scope["path"])
        headers = {name.decode("latin-1"): value for name, value in scope["headers"]}
        with access.told(scope, send, route) as send, languages.spoken(headers):
            try:
                await self._answer_by_path(scope, receive, send, headers)
            except Exception:
                log.exception("request_failed", method=scope["method"], route=route or "none")
                # The server refuses it where an answer has begun, and cuts the connection.
                await send_problem(send, Refusal("internal_server_error"))

    def _route(self, path: str) -> str:
        """Name what a path leads to, as the web process does; empty when to nothing."""
        if found := self._desk(path):
            return found[0].followed.route
        return path.lstrip("/") if path in self._paths else ""

    def _desk(self, path: str) -> tuple[Desk, UUID] | None:
        """Give where that is followed which a path names, and its key."""
        keys = ((desk, desk.followed.key_in(path)) for desk in self._desks)
        return next(((desk, key) for desk, key in keys if key), None)

    async def _answer_by_path(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[str, bytes]
    ) -> None:
        cors: list[tuple[bytes, bytes]] = []
        try:
            if scope["path"] == "/livez":
                await send_json(send, HTTPStatus.OK, {"status": "ok"})
                return
            if scope["path"] == "/readyz":
                await self._say_ready(send)
                return
            cors = origins.cors(headers)
            if found := self._desk(scope["path"]):
                desk, key = found
                await desk.answer(Request(key, scope, receive, send, headers, cors))
                return
            if scope["path"].startswith("/problems/"):
                await _lead_to_problem(scope, send, headers, cors)
                return
            ring = self._ring(scope)
            session = await self._admit(headers, ring)
            await self._stream(scope, receive, send, ring=ring, session=session, cors=cors)
        except Refusal as refusal:
            await send_problem(send, refusal, cors)

    async def _say_ready(self, send: Send) -> None:
        found = {
            "kafka": "ok" if self.hub.caught_up else "unavailable",
            "database:default": "ok",
        }
        try:
            await self._doorkeeper.find(["-"])
        except DatabaseError:
            found["database:default"] = "unavailable"
        is_ready, body = readiness(found)
        status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
        await send_json(send, status, body)

    def _ring(self, scope: Scope) -> Ring:
        head, _, name = scope["path"].rpartition("/live/")
        ring = self.hub.rings.get(name.removesuffix("/")) if not head else None
        if ring is None or not name.endswith("/"):
            raise Refusal("not_found")
        if scope["method"] != "GET":
            raise Refusal("method_not_allowed")
        return ring

    async def _admit(self, headers: dict[str, bytes], ring: Ring) -> str:
        """Give the key of the session that may listen."""
        if self.hub.is_stopping:
            raise Refusal("stopping", retry_after=1)
        key = session_key(headers)
        try:
            found = await self._doorkeeper.find([key]) if key else {}
        except DatabaseError:
            raise Refusal("unavailable", retry_after=1) from None
        if key not in found:
            raise Refusal("session_needed")
        if ring.channel.permission not in found[key].permissions:
            raise Refusal("permission_denied")
        return key

    async def _stream(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        ring: Ring,
        session: str,
        cors: list[tuple[bytes, bytes]],
    ) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [*sse.HEADERS, *cors]})
        stream = Stream(
            ring,
            house=self.hub,
            session=session,
            position=_position(scope),
            send=send,
            abort=scope.get("state", {}).get(ABORT),
        )
        gone = asyncio.create_task(_wait_until_gone(receive, stream))
        self.hub.streams.add(stream)
        if self.hub.is_stopping:
            stream.end("stopping")
        try:
            await stream.run()
        finally:
            self.hub.streams.discard(stream)
            gone.cancel()


async def _lead_to_problem(
    scope: Scope, send: Send, headers: dict[str, bytes], cors: list[tuple[bytes, bytes]]
) -> None:
    """Lead to the web process, where a problem's `type` is explained."""
    if not PROBLEM.fullmatch(scope["path"]):
        raise Refusal("not_found")
    location = f"{origins.web(scope['scheme'], headers)}{scope['path']}".encode()
    await send_bytes(send, HTTPStatus.TEMPORARY_REDIRECT, headers=[(b"location", location), *cors])


async def _wait_until_gone(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.leave()


def _position(scope: Scope) -> str:
    """Give the position to resume from: the browser's own, or the page's where it opens anew."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    for name, value in headers:
        if name == b"last-event-id":
            return value.decode("latin-1")
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get("after", [""])[0]


def _stop_if_failed(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("live_watch_died", exc_info=error)
        os.kill(os.getpid(), signal.SIGTERM)


def _open_many_files() -> None:
    """Allow as many sockets as the system does: the usual first limit is about a thousand."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        # macOS names no limit, and refuses it.
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))
