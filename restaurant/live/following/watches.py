"""What is followed here, and when to look at each again. All of it runs on the event loop."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

import structlog
from django.db import DatabaseError

from restaurant.live.following.followed import Story
from restaurant.live.following.follower import Follower

log = structlog.get_logger()

# How often is looked at what may have moved, at most.
PACE = 0.1
# How often at what gave no sign: a record may be lost, and the broker may be away.
RELOOK = 3.0
# How long one that has ended is looked at for what comes late: topics do not wait for each other.
SETTLE = 1.0
Find = Callable[[Collection[UUID]], Awaitable[Mapping[UUID, Story]]]


class Watch:
    """A story as it was last read, and those who follow it."""

    def __init__(self, key: UUID, story: Story) -> None:
        self.key = key
        self.story = story
        self.followers: set[Follower] = set()
        self._grew_at = float("-inf")
        self.wake()

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more is waited for."""
        return self.story.is_ended and time.monotonic() >= self._grew_at + SETTLE

    def wake(self) -> None:
        """Look soon: a record said that it goes on."""
        self.look_at = self._woken_at = time.monotonic()

    def take(self, story: Story | None) -> None:
        """Take what was read, and plan the next look.

        The service writes down what a record says only after it has read it too, so it is looked
        for often at first, then ever more seldom.
        """
        now = time.monotonic()
        self.look_at = now + min(RELOOK, max(PACE, (now - self._woken_at) / 2))
        has_grown = story is not None and len(story.events) > len(self.story.events)
        if story and has_grown:
            self.story, self._grew_at = story, now
        if has_grown or self.is_over:
            for follower in self.followers:
                follower.wake()


class Watches:
    """The stories that somebody follows, by key; each is read once, however many follow it."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._watches: dict[UUID, Watch] = {}

    @property
    def followers(self) -> list[Follower]:
        return [follower for watch in self._watches.values() for follower in watch.followers]

    def open(self, key: UUID, story: Story) -> Watch:
        """Give the watch of a story that was just read."""
        watch = self._watches.get(key) or Watch(key, story)
        watch.take(story)
        return watch

    @contextmanager
    def following(self, follower: Follower) -> Iterator[Follower]:
        """Keep its story up to date for it."""
        watch = self._watches.setdefault(follower.watch.key, follower.watch)
        watch.followers.add(follower)
        try:
            yield follower
        finally:
            watch.followers.discard(follower)
            if not watch.followers:
                del self._watches[watch.key]

    def wake(self, keys: Iterable[str]) -> None:
        """Look soon at those of these keys, which may be anything, that somebody follows."""
        for text in keys:
            try:
                watch = self._watches.get(UUID(text))
            except ValueError:
                continue
            if watch:
                watch.wake()

    async def keep_looking(self) -> None:
        """Read again what is due, all in one query, until cancelled."""
        while True:
            await asyncio.sleep(PACE)
            now = time.monotonic()
            due = [watch for watch in self._watches.values() if watch.look_at <= now]
            if due:
                await self._look(due)

    async def _look(self, due: Collection[Watch]) -> None:
        found: Mapping[UUID, Story] = {}
        try:
            found = await self._find([watch.key for watch in due])
        except DatabaseError as error:
            log.warning("live_stories_unread", reason=str(error).partition("\n")[0])
        for watch in due:
            watch.take(found.get(watch.key))
