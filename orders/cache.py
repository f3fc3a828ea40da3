"""Orders in Redis, for reading them fast: never older than what was there before, and optional.

Each order is a hash at `order:<uuid>`: `customer`, `fixed` (what never changes of its JSON), `live`
(what does) and `v`, the order's version. A script writes `live` only over an older version, so
refreshes may come late or in another order. Who is to fill an entry from the database first leaves
a `lease` there, and fills only where it still lies: a Redis that was emptied meanwhile has lost the
newer version that would have stopped an old one. Without Redis the database answers.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

import structlog
from django.db import DatabaseError
from django.utils import timezone
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from orders import represent
from orders.models import ENDED, Order
from restaurant import own_redis
from restaurant.monitor import metrics

log = structlog.get_logger()

TTL = timedelta(minutes=10)
# After a failure nobody waits for Redis again for so long.
PAUSE_SECONDS = 1.0
CHUNK = 1000
_HIT, _MISS, _AWAY = (metrics.order_reads.labels(result) for result in ("hit", "miss", "away"))

_WRITE = """
if ARGV[4] then
  if redis.call('HGET', KEYS[1], 'lease') ~= ARGV[6] then return end
  redis.call('HSET', KEYS[1], 'customer', ARGV[4], 'fixed', ARGV[5])
end
if tonumber(ARGV[1]) >= tonumber(redis.call('HGET', KEYS[1], 'v') or '0') then
  redis.call('HSET', KEYS[1], 'v', ARGV[1], 'live', ARGV[2])
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
"""


class CachedOrder(NamedTuple):
    customer_id: str
    json: bytes


class OrderCache:
    """This process's view of the cache, and of whether it can be used now."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._away_until = 0.0
        # Changes since then may not have reached Redis, so what it says is not to be believed.
        self._missed_since: datetime | None = None
        self._misses = 0
        self._repairing = threading.Lock()

    def read(self, public_id: str) -> CachedOrder | None:
        """Give an order, None when it is not there or Redis is away."""
        if not self._usable():
            _AWAY.inc()
            return None
        try:
            found = own_redis.ask("HMGET", _key(public_id), "customer", "fixed", "live")
        except RedisError as error:
            self._failed(error)
            _AWAY.inc()
            return None
        if None in found:
            _MISS.inc()
            return None
        _HIT.inc()
        customer, fixed, live = found
        return CachedOrder(customer.decode(), represent.whole(fixed, live))

    def lease(self, public_id: str) -> str:
        """Ask for leave to fill an entry, before the order is read; empty when there is none."""
        if not self._usable():
            return ""
        lease = secrets.token_hex(8)
        try:
            pipeline = _redis().pipeline(transaction=False)
            pipeline.hset(_key(public_id), "lease", lease)
            pipeline.expire(_key(public_id), TTL)
            pipeline.execute()
        except RedisError as error:
            self._failed(error)
            return ""
        return lease

    def fill(self, order: Order, lease: str) -> None:
        """Keep an order read from the database, lines included, since the lease was given."""
        if lease and self._usable():
            fixed = (str(order.customer_id), represent.fixed_part_of(order), lease)
            self._write([(order, fixed)])

    def refresh(self, orders: Iterable[Order]) -> None:
        """Replace what changed of orders, read after the change was committed."""
        orders = list(orders)
        if not orders:
            return
        if not self._usable() or not self._write([(order, ()) for order in orders]):
            self.missed_since(min(order.updated_at for order in orders))

    def missed_since(self, time: datetime) -> None:
        """Note that changes since a time (UTC) may not have reached Redis."""
        self._missed_since = min(time, self._missed_since or time)
        self._misses += 1

    def repair(self) -> bool:
        """Bring to Redis what it missed, as soon as it is back; tells whether that was done.

        Nobody waits for another thread that is at it. Raises what the database raises.
        """
        if self._missed_since is None or self._clock() < self._away_until:
            return False
        if not self._repairing.acquire(blocking=False):
            return False
        try:
            since, misses = self._missed_since, self._misses
            if since is None or not self._bring_changes(since):
                return False
            # Something missed meanwhile is for the next time.
            if misses == self._misses:
                self._missed_since = None
        finally:
            self._repairing.release()
        log.info("cache_repaired", since=since.isoformat())
        return True

    def _bring_changes(self, since: datetime) -> bool:
        # What was not written for as long as entries live is gone from Redis.
        changed = _changed_since(max(since, timezone.now() - TTL))
        return all(self._write([(order, ()) for order in chunk]) for chunk in _chunks(changed))

    def _usable(self) -> bool:
        if self._clock() < self._away_until:
            return False
        if self._missed_since is not None:
            # Where it fails, the next who asks tries again.
            with suppress(DatabaseError):
                self.repair()
        return self._missed_since is None

    def _write(self, rows: list[tuple[Order, tuple[Any, ...]]]) -> bool:
        try:
            client = _redis()
            pipeline = client.pipeline(transaction=False)
            script = client.register_script(_WRITE)
            for order, fixed in rows:
                args = (order.version, represent.live_part_of(order), int(TTL.total_seconds()))
                script(keys=[_key(str(order.public_id))], args=[*args, *fixed], client=pipeline)
            pipeline.execute()
        except RedisError as error:
            self._failed(error)
            return False
        return True

    def _failed(self, error: RedisError) -> None:
        self._away_until = self._clock() + PAUSE_SECONDS
        log.warning("cache_away", reason=str(error))


def _redis() -> Any:
    return get_redis_connection("default")


def _key(public_id: str) -> str:
    return f"order:{public_id}"


def _changed_since(time: datetime) -> Iterator[Order]:
    for ended in ({"status_rank__lt": ENDED}, {"status_rank__gte": ENDED}):
        yield from live_rows(updated_at__gte=time, **ended)


def live_rows(**conditions: Any) -> Iterator[Order]:
    """Read of orders just what `refresh` needs."""
    fields = ("public_id", "status", "cancel_requested", "updated_at", "version")
    return Order.objects.filter(**conditions).only(*fields).order_by().iterator()


def _chunks(orders: Iterator[Order]) -> Iterator[list[Order]]:
    while chunk := list(islice(orders, CHUNK)):
        yield chunk


order_cache = OrderCache()
