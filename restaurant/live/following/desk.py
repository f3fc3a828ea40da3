"""Answers those who follow: from a request to its answer, and its stream's end."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _
from rest_framework.settings import api_settings

from restaurant import databases, methods
from restaurant.limits import policies
from restaurant.live.answers import Refusal, Send, send_bytes
from restaurant.live.clerk import Clerk
from restaurant.live.following import accepting, asked, limited, telling
from restaurant.live.following.asked import Asked, NotReadable
from restaurant.live.following.callers import (
    Caller,
    Callers,
    Credential,
    credential_in,
    unauthenticated,
)
from restaurant.live.following.followed import Event, Followed, Story
from restaurant.live.following.follower import Follower
from restaurant.live.following.watches import Watches
from restaurant.live.hub import STOP_SECONDS
from restaurant.live.protocol import ABORT

# How often is looked who of those that listen is to be asked about again.
PACE = 0.5
METHODS = b"GET, HEAD, OPTIONS"
VARY = (b"vary", b"Accept")
PREFLIGHT = [
    (b"allow", METHODS),
    (b"access-control-allow-methods", METHODS),
    (b"access-control-allow-headers", b"Authorization, Last-Event-ID"),
    (b"access-control-max-age", b"600"),
]


@dataclass(frozen=True)
class Request:
    """A request for a story, and how to answer it."""

    key: UUID
    scope: Mapping[str, Any]
    receive: Callable[[], Any]
    send: Send
    headers: Mapping[str, bytes]
    # Headers of the answer, whichever that will be.
    more: list[tuple[bytes, bytes]]


class Desk:
    """Where one kind of thing is followed."""

    def __init__(self, followed: Followed, callers: Callers) -> None:
        self.followed = followed
        self.is_open = followed.database in databases.configured(settings.DATABASES)
        self._callers = callers
        self._clerk = Clerk[UUID, Story]("live-stories", followed.read)
        self.watches = Watches(self._clerk.find)
        # Those who are being asked about.
        self._asking: set[Credential] = set()
        self._is_stopping = False

    def start(self) -> list[Coroutine[Any, Any, None]]:
        """Start its thread; gives what is to be done beside the answers, until cancelled."""
        self._clerk.start()
        return [self.watches.keep_looking(), self.keep_watch()]

    def stop(self) -> None:
        """End every stream and wait, and cut off those that cannot be told so."""
        self._is_stopping = True
        loop = asyncio.get_running_loop()
        for follower in self.watches.followers:
            follower.end("stopping")
            loop.call_later(STOP_SECONDS, follower.drop)

    async def answer(self, request: Request) -> None:
        """Answer a request. Raises `Refusal` before anything of the answer is sent."""
        if request.scope["method"] == "OPTIONS":
            headers = [*PREFLIGHT, *request.more]
            await send_bytes(request.send, HTTPStatus.NO_CONTENT, headers=headers)
            return
        request.more.append(VARY)
        if request.scope["method"] not in methods.READING:
            raise Refusal("method_not_allowed", allow=METHODS)
        if not self.is_open:
            raise _away()
        if self._is_stopping:
            raise Refusal("stopping", retry_after=1)
        caller = await self._caller(request)
        request.more.extend(await limited.take(policies.READING, str(caller.user_id)))
        wanted = _read(request)
        story = await self._story(request.key, caller)
        await self._tell(request, caller, wanted, story)

    async def _caller(self, request: Request) -> Caller:
        try:
            return await self._callers.find(credential_in(request.headers))
        except Refusal as refusal:
            if refusal.kind.status == HTTPStatus.UNAUTHORIZED:
                network = limited.network(request.scope)
                request.more.extend(await limited.take(policies.REFUSED, network))
            raise

    async def _story(self, key: UUID, caller: Caller) -> Story:
        try:
            story = (await self._clerk.find([key])).get(key)
        except DatabaseError:
            raise _away() from None
        if story is None or not self._may_see(caller, story):
            raise _unknown()
        return story

    def _may_see(self, caller: Caller, story: Story) -> bool:
        return caller.user_id == story.owner or self.followed.permission in caller.permissions

    async def _tell(self, request: Request, caller: Caller, wanted: Asked, story: Story) -> None:
        news = story.events[wanted.after :]
        if story.is_ended and not news and (wanted.is_stream or wanted.wait):
            await _say_that_it_is_over(request)
        elif wanted.is_stream and request.scope["method"] == "HEAD":
            await telling.begin(request.send, request.more, is_whole=True)
        elif wanted.is_stream:
            with self._following(request, caller, wanted, story) as follower:
                await telling.begin(request.send, request.more)
                await telling.tell(follower, request.send)
        elif news or not wanted.wait:
            await _send_list(request, news)
        else:
            with self._following(request, caller, wanted, story) as follower:
                await telling.wait_for_news(follower, wanted.wait)
            await self._say_what_came(request, follower)

    async def _say_what_came(self, request: Request, follower: Follower) -> None:
        if follower.is_gone:
            return
        match follower.why:
            case "token":
                raise unauthenticated("invalid_token")
            case "session":
                raise unauthenticated("not_authenticated")
            case "rights":
                raise _unknown()
            case "unverified":
                raise _away()
        await _send_list(request, follower.news)

    @contextmanager
    def _following(
        self, request: Request, caller: Caller, wanted: Asked, story: Story
    ) -> Iterator[Follower]:
        self._require_room(caller)
        watch = self.watches.open(request.key, story)
        abort = request.scope.get("state", {}).get(ABORT)
        follower = Follower(watch, caller, wanted.after, abort)
        with self.watches.following(follower):
            if self._is_stopping:
                follower.end("stopping")
            gone = asyncio.create_task(_wait_until_gone(request, follower))
            try:
                yield follower
            finally:
                gone.cancel()

    def _require_room(self, caller: Caller) -> None:
        followers = self.watches.followers
        if len(followers) >= settings.LIVE_FOLLOWERS:
            detail = _("Too many follow orders at this moment.")
            raise Refusal("unavailable", detail, retry_after=5)
        own = sum(follower.caller.user_id == caller.user_id for follower in followers)
        if own >= settings.LIVE_FOLLOWERS_PER_USER:
            raise Refusal("too_many_streams", retry_after=5)

    async def keep_watch(self) -> None:
        """End those who may follow no longer, until cancelled.

        Each is asked about in their own time: none waits for the answer about another.
        """
        async with asyncio.TaskGroup() as questions:
            while True:
                await asyncio.sleep(PACE)
                for credential, followers in self._due().items():
                    self._asking.add(credential)
                    questions.create_task(self._verify(credential, followers))

    def _due(self) -> dict[Credential, list[Follower]]:
        """Give who is to be asked about now, by what they have shown."""
        now, found = time.monotonic(), dict[Credential, list[Follower]]()
        for follower in self.watches.followers:
            caller = follower.caller
            if caller.check_at <= now and caller.credential not in self._asking:
                found.setdefault(caller.credential, []).append(follower)
        return found

    async def _verify(self, credential: Credential, followers: Iterable[Follower]) -> None:
        """Ask again about those with one credential; without an answer their time runs out."""
        try:
            caller = await self._callers.find(credential)
        except Refusal as refusal:
            if refusal.kind.status == HTTPStatus.UNAUTHORIZED:
                for follower in followers:
                    follower.end(credential.kind)
            return
        finally:
            self._asking.discard(credential)
        for follower in followers:
            follower.caller = caller
            if not self._may_see(caller, follower.watch.story):
                follower.end("rights")


async def _wait_until_gone(request: Request, follower: Follower) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    follower.leave()


def _read(request: Request) -> Asked:
    text = request.scope["query_string"].decode("latin-1")
    query = parse_qs(text, keep_blank_values=True)
    if query.get(api_settings.URL_FORMAT_OVERRIDE) == ["json"]:
        # The web process takes it of every operation.
        del query[api_settings.URL_FORMAT_OVERRIDE]
    accept = request.headers.get("accept", b"").decode("latin-1")
    if not accepting.is_answered(accept):
        raise Refusal("not_acceptable", accepting.forms())
    last = request.headers.get("last-event-id")
    try:
        return asked.read(
            query,
            accept=accept,
            last_event_id=None if last is None else last.decode("latin-1"),
        )
    except NotReadable as error:
        raise Refusal(error.code, str(error), errors=error.errors) from None
    except ValueError:
        raise Refusal("bad_request") from None


async def _say_that_it_is_over(request: Request) -> None:
    """Answer who waits for more than there will be: a stream is not opened again by that.

    WHATWG HTML, 9.2.3.
    """
    await send_bytes(request.send, HTTPStatus.NO_CONTENT, headers=request.more)


async def _send_list(request: Request, news: Iterable[Event]) -> None:
    body = telling.listed(news)
    await send_bytes(request.send, HTTPStatus.OK, body, headers=request.more)


def _unknown() -> Refusal:
    return Refusal("not_found", _("There is no such order."))


def _away() -> Refusal:
    detail = _("Orders cannot be followed here for a moment.")
    return Refusal("unavailable", detail, retry_after=2)
