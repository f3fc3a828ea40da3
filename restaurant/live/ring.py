"""What a channel's listeners were told lately, in memory, and from which position to which."""

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from restaurant.live import positions
from restaurant.live.channels import Channel, Told
from restaurant.live.errors import InvalidPosition
from restaurant.live.sse import event

Place = tuple[str, int]
# A resuming stream gets what it missed from here. Both bounds hold.
MOST_ENTRIES, MOST_BYTES = 10_000, 16_000_000
# After a restart most streams resume from the same few positions.
MOST_FRAMES = 1000


class Entry(NamedTuple):
    place: Place
    offset: int
    facts: bytes


class Behind(Exception):
    """What would come next has been forgotten."""


class NotYet(Exception):
    """The position lies ahead of what was read."""


class Ring:
    """The entries of one channel, each under its own number, counted from the process's start.

    What was taken can be given to streams once it is published: then every stream that stands at
    the same number gets the same bytes, made once.
    """

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.topics = channel.topics
        # As published: the number up to which entries are, the position there, and how often
        # streams were cut off from what came before.
        self.published = 0
        self.id = ""
        self.resets = 0
        self._reached: dict[Place, int] = {}
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._taken = 0
        self._cuts = 0
        self._cluster = ""
        # By partition: the next offset to read, and the first from which nothing is missing here.
        self._next: dict[Place, int] = {}
        self._floor: dict[Place, int] = {}
        self._frames: dict[int | str, bytes] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def see(self, cluster: str, spans: Mapping[Place, tuple[int, int]]) -> None:
        """Take note of the partitions that are read, and from where on.

        Streams are reset when something was lost between: another cluster, a partition of which
        the beginning is not read, records that the broker no longer has.
        """
        is_first = not self._cluster
        if cluster != self._cluster:
            self._cluster = cluster
            self._forget({})
        for place, (start, end) in spans.items():
            if place[0] not in self.topics:
                continue
            if place not in self._next:
                self._next[place] = self._floor[place] = start
                self._cuts += start > 0
            elif end < self._next[place]:
                self._forget({**self._next, place: end})
        if is_first:
            self._cuts = 0

    def take(self, told: Told) -> None:
        """Take the next record of a partition; one out of its turn cuts off what came before."""
        place = (told.topic, told.partition)
        if told.offset != self._next.get(place, told.offset):
            self._forget({**self._next, place: told.offset})
        self._next[place] = told.offset + 1
        self._floor.setdefault(place, told.offset)
        if facts := told.facts.get(self.channel.name):
            self._keep(Entry(place, told.offset, facts))

    def publish(self) -> bool:
        """Let streams have what was taken so far; tells whether that is anything new to them."""
        before = (self.published, self.resets)
        self.published, self.resets = self._taken, self._cuts
        self._reached = dict(self._next)
        self.id = positions.encode(self._epoch(), self._offsets())
        self._frames.clear()
        return (self.published, self.resets) != before

    def after(self, number: int) -> bytes:
        """Give the event of all that was published after an entry's number.

        Raises `Behind` when some of it is forgotten.
        """
        if number < self._taken - len(self._entries):
            raise Behind
        if number not in self._frames:
            newest = islice(reversed(self._entries), self._taken - number)
            entries = list(newest)[::-1][: self.published - number]
            self._frames[number] = self._changes(entries)
        return self._frames[number]

    def since(self, position: str) -> bytes:
        """Give what a stream gets that resumes from a position: changes, nothing, or a reset.

        Raises `NotYet` when more may have to be read before that can be told.
        """
        if (known := self._frames.get(position)) is not None:
            return known
        found = self._since(position)
        if len(self._frames) < MOST_FRAMES:
            self._frames[position] = found
        return found

    def opened(self) -> bytes:
        """Give the first event of a stream that begins here."""
        return event("open", b"{}", self.id)

    def reset(self) -> bytes:
        """Give the event that says: look at everything again."""
        return event("reset", b"{}", self.id)

    def _since(self, position: str) -> bytes:
        try:
            epoch, topics = positions.decode(position)
        except InvalidPosition:
            return self.reset()
        if epoch != self._epoch() or len(topics) != len(self.topics):
            return self.reset()
        asked = {
            (topic, partition): offset
            for topic, offsets in zip(self.topics, topics, strict=True)
            for partition, offset in enumerate(offsets)
        }
        # A partition that it does not name was made after it: all of it is news.
        if any(asked.get(place, 0) < floor for place, floor in self._floor.items()):
            return self.reset()
        if any(offset > self._reached.get(place, 0) for place, offset in asked.items()):
            raise NotYet
        published = max(0, len(self._entries) - (self._taken - self.published))
        missed = [
            entry
            for entry in islice(self._entries, published)
            if entry.offset >= asked.get(entry.place, 0)
        ]
        return self._changes(missed) if missed else b""

    def _changes(self, entries: Sequence[Entry]) -> bytes:
        return event("changes", b"[" + b",".join(e.facts for e in entries) + b"]", self.id)

    def _keep(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._taken += 1
        self._bytes += len(entry.facts)
        while len(self._entries) > MOST_ENTRIES or self._bytes > MOST_BYTES:
            oldest = self._entries.popleft()
            self._bytes -= len(oldest.facts)
            self._floor[oldest.place] = oldest.offset + 1

    def _forget(self, offsets: dict[Place, int]) -> None:
        """Start anew at these offsets: what was told before does not lead up to them."""
        self._next, self._floor = dict(offsets), dict(offsets)
        self._entries.clear()
        self._bytes = 0
        self._cuts += 1

    def _epoch(self) -> bytes:
        return positions.epoch_of(self._cluster, self.channel.name, *self.topics)

    def _offsets(self) -> list[list[int]]:
        found: list[list[int]] = []
        for topic in self.topics:
            count = 1 + max((p for t, p in self._next if t == topic), default=-1)
            found.append([self._next.get((topic, p), 0) for p in range(count)])
        return found
