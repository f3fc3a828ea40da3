"""Buckets of tokens in Redis: one for each client under each limit.

A bucket holds a limit's whole amount and fills up evenly over its window; a request takes a token.
One key tells when the bucket will be full again (as GCRA does), so that an unused one costs
nothing. A script takes from it atomically, by Redis' own clock.

A process takes tokens in portions, for a second at a time: one for a client who asks now and then,
twice as many whenever a portion is used up early, and at most a twentieth of what is left. So most
of a busy client's requests ask Redis nothing, and the count is off by little: nothing is let
through that was not taken from the bucket, but for a second each process may hold a portion back,
so that with n processes a client may be refused up to n/20 of the limit early.

Without Redis requests pass: serving guests goes before counting them.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from cachetools import LRUCache
from redis.exceptions import NoScriptError, RedisError

from restaurant import own_redis
from restaurant.environment.formats import Rate
from restaurant.monitor import metrics

log = structlog.get_logger()

# How long a process may use a portion.
PORTION_SECONDS = 1.0
# After a failure nobody waits for Redis again for so long.
PAUSE_SECONDS = 1.0
# Clients whose portions a process keeps in mind.
MOST_CLIENTS = 20_000

# Takes up to ARGV[3] tokens of ARGV[1] that come within ARGV[2] seconds. Gives how many were taken
# and are left, and the milliseconds until the bucket is full and until it has one token.
_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local amount, seconds, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local each = seconds / amount
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local left = math.max(0, math.floor((seconds - (full_at - now)) / each + 0.000001))
local taken = math.min(wanted, left, math.max(1, math.floor(left / 20)))
if taken > 0 then
  full_at = full_at + taken * each
  local lives = math.ceil((full_at - now) * 1000)
  redis.call('SET', KEYS[1], string.format('%.6f', full_at), 'PX', lives)
end
local one_in = math.max(0, full_at - now + each - seconds)
return {taken, left - taken, math.ceil((full_at - now) * 1000), math.ceil(one_in * 1000)}
"""
_TAKE_SHA = hashlib.sha1(_TAKE.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a client stands: requests left, and seconds until all are there again.

    `wait` is in seconds until the next is let through; None: this one was.
    """

    left: int
    full_in: float
    wait: float | None = None


@dataclass(slots=True)
class _Portion:
    """Tokens that this process may use until a time of its clock; of size 0 when it got none."""

    size: int
    held: int
    until: float
    left: int
    full_at: float
    free_at: float
    is_being_renewed: bool = False

    def is_usable(self, now: float) -> bool:
        return now < self.until and (self.held > 0 or self.is_refused)

    @property
    def is_refused(self) -> bool:
        return not self.size

    def wanted(self, now: float) -> int:
        """Say how many to ask for next: who comes while another asks takes but its own."""
        if self.is_being_renewed:
            return 1
        self.is_being_renewed = True
        if now < self.until:
            return 2 * self.size
        used = self.size - self.held
        return max(1, used) if now < self.until + PORTION_SECONDS else 1

    def standing(self, now: float) -> Standing:
        full_in = max(0.0, self.full_at - now)
        if self.is_refused:
            return Standing(0, full_in, max(0.0, self.free_at - now))
        return Standing(self.left + self.held, full_in)


class Limiter:
    """This process's portions, and whether Redis can be asked now. Safe to share."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._portions: LRUCache[str, _Portion] = LRUCache(MOST_CLIENTS)
        self._away_until = 0.0
        self._is_away = False

    def take(self, name: str, rate: Rate, client: str) -> Standing | None:
        """Count a request of a client under a limit; None where Redis cannot say."""
        key, now = f"limit:{name}:{client}", self._clock()
        with self._lock:
            portion = self._portions.get(key)
            if portion is not None and portion.is_usable(now):
                portion.held = max(0, portion.held - 1)
                return portion.standing(now)
            wanted = portion.wanted(now) if portion else 1
        return self._renewed(key, rate, wanted)

    def forget(self) -> None:
        """Give up all portions, and believe that Redis is there."""
        with self._lock:
            self._portions.clear()
        self._away_until, self._is_away = 0.0, False

    def _renewed(self, key: str, rate: Rate, wanted: int) -> Standing | None:
        answer = self._ask(key, rate, wanted)
        if answer is None:
            metrics.limits_unchecked.inc()
            return None
        now = self._clock()
        portion = _portion(*answer, now=now)
        with self._lock:
            kept = self._portions.get(key)
            # A single token that was asked for meanwhile must not make away with a portion.
            if kept is None or not (kept.held and kept.is_usable(now)):
                self._portions[key] = portion
        return portion.standing(now)

    def _ask(self, key: str, rate: Rate, wanted: int) -> tuple[int, int, int, int] | None:
        if self._clock() < self._away_until:
            return None
        try:
            answer = _run(key, rate.amount, rate.seconds, wanted)
        except RedisError as error:
            self._failed(error)
            return None
        if self._is_away:
            log.info("limits_back")
        self._is_away = False
        return tuple(answer)

    def _failed(self, error: RedisError) -> None:
        self._away_until = self._clock() + PAUSE_SECONDS
        with self._lock:
            is_news, self._is_away = not self._is_away, True
        if is_news:
            log.warning("limits_away", reason=str(error))


def _portion(taken: int, left: int, full_in: int, one_in: int, *, now: float) -> _Portion:
    """Make a portion of the script's answer; one of nothing lasts until there is a token again."""
    lasts = PORTION_SECONDS if taken else min(PORTION_SECONDS, one_in / 1000)
    return _Portion(
        size=taken,
        held=max(0, taken - 1),
        until=now + lasts,
        left=left,
        full_at=now + full_in / 1000,
        free_at=now + one_in / 1000,
    )


def _run(*arguments: Any) -> Any:
    try:
        return own_redis.ask("EVALSHA", _TAKE_SHA, 1, *arguments)
    except NoScriptError:
        # It is kept from now on, until Redis is started anew.
        return own_redis.ask("EVAL", _TAKE, 1, *arguments)


limiter = Limiter()
