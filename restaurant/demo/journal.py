"""What is known of this day's orders. Written by the crowd's threads, read by the screen."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

UNFINISHED = ("placed", "accepted", "cooking", "cooked", "out_for_delivery")
ENDED = ("delivered", "cancelled", "rejected", "delivery_failed")
STATUSES = UNFINISHED + ENDED
# Rates are told over this many seconds.
WINDOW = 15
KEPT_EVENTS = 60
# Trouble that nobody reports again is over.
TROUBLE_SHOWN = 15.0


@dataclass(slots=True)
class Followed:
    """An order that this demo placed; `placed_at` is of the journal's clock."""

    id: str
    number: int
    customer: str
    status: str
    placed_at: float
    created_at: str
    seconds_to_end: float = 0.0


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the screen's last events; `at` is in seconds since the day began."""

    at: float
    who: str
    what: str
    status: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The journal at one moment; durations in seconds."""

    elapsed: float
    placed: int
    by_status: dict[str, int]
    orders_a_second: float
    delivered_a_second: float
    oldest_wait: float
    refused: dict[str, int]
    happenings: list[Happening]
    trouble: str

    @property
    def ended(self) -> int:
        return sum(self.by_status[status] for status in ENDED)


class Journal:
    """Every order of the day, counted as it moves. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._lock = threading.Lock()
        self._orders: dict[str, Followed] = {}
        # In the order in which they were placed, so that the first has waited longest.
        self._unfinished: dict[str, Followed] = {}
        self._by_status: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._placed_rate, self._delivered_rate = Rate(), Rate()
        self._happenings: deque[Happening] = deque(maxlen=KEPT_EVENTS)
        self._trouble, self._troubled_at = "", self._started
        self.changed_at = self._started
        self.first_delivered_after: float | None = None

    def place(self, order: dict[str, Any], customer: str) -> None:
        """Note an order as `POST orders/` answered it."""
        with self._lock:
            now = self._moved()
            found = Followed(
                id=order["id"],
                number=order["number"],
                customer=customer,
                status=order["status"],
                placed_at=now,
                created_at=order["created_at"],
            )
            self._orders[found.id] = self._unfinished[found.id] = found
            self._by_status[found.status] += 1
            self._placed_rate.add(now)
            self._tell(found)

    def see(self, order: dict[str, Any]) -> None:
        """Note how an order stands, as the API tells it; others' orders are not counted."""
        with self._lock:
            found = self._unfinished.get(order["id"])
            if found is None or found.status == order["status"]:
                return
            now = self._moved()
            self._by_status[found.status] -= 1
            self._by_status[order["status"]] += 1
            found.status = order["status"]
            self._tell(found)
            if found.status in ENDED:
                self._end(found, order["updated_at"], now)

    def _end(self, found: Followed, ended_at: str, now: float) -> None:
        del self._unfinished[found.id]
        created = datetime.fromisoformat(found.created_at)
        found.seconds_to_end = (datetime.fromisoformat(ended_at) - created).total_seconds()
        if found.status == "delivered":
            self._delivered_rate.add(now)
            if self.first_delivered_after is None:
                self.first_delivered_after = now - self._started

    def refuse(self, customer: str, reason: str) -> None:
        """Note a request that was refused, and why."""
        with self._lock:
            self._refused[reason] += 1
            self._happenings.append(self._happening(customer, f"refused: {reason}", "refused"))

    def trouble(self, text: str) -> None:
        """Note what the staff should see: a child that died, a server that does not answer."""
        with self._lock:
            self._trouble, self._troubled_at = text, self._clock()

    def _moved(self) -> float:
        self.changed_at = self._clock()
        return self.changed_at

    def _tell(self, found: Followed) -> None:
        what = f"#{found.number} {found.status.replace('_', ' ')}"
        self._happenings.append(self._happening(found.customer, what, found.status))

    def _happening(self, who: str, what: str, status: str) -> Happening:
        return Happening(self._moved() - self._started, who, what, status)

    def unfinished(self) -> list[Followed]:
        """Give the orders that have not ended, the oldest first."""
        with self._lock:
            return list(self._unfinished.values())

    def some_ids(self) -> list[str]:
        """Give the ids of the orders that were placed first."""
        with self._lock:
            return list(islice(self._orders, 100))

    def is_unfinished(self, order_id: str) -> bool:
        with self._lock:
            return order_id in self._unfinished

    def seconds_to_deliver(self) -> list[float]:
        """Give the delivered orders' times from created to delivered by the server, sorted."""
        with self._lock:
            orders: Iterable[Followed] = self._orders.values()
            return sorted(o.seconds_to_end for o in orders if o.status == "delivered")

    def snapshot(self) -> Snapshot:
        with self._lock:
            now = self._clock()
            oldest = next(iter(self._unfinished.values()), None)
            return Snapshot(
                elapsed=now - self._started,
                placed=len(self._orders),
                by_status={status: self._by_status[status] for status in STATUSES},
                orders_a_second=self._placed_rate.at(now),
                delivered_a_second=self._delivered_rate.at(now),
                oldest_wait=now - oldest.placed_at if oldest else 0.0,
                refused=dict(self._refused.most_common()),
                happenings=list(self._happenings),
                trouble=self._trouble if now - self._troubled_at < TROUBLE_SHOWN else "",
            )


class Rate:
    """How often something happened a second, over the last `WINDOW` seconds."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._since: float | None = None

    def add(self, now: float) -> None:
        self._since = now if self._since is None else self._since
        self._counts[int(now)] = self._counts.get(int(now), 0) + 1

    def at(self, now: float) -> float:
        if self._since is None:
            return 0.0
        self._counts = {s: n for s, n in self._counts.items() if s > now - WINDOW}
        return sum(self._counts.values()) / min(WINDOW, max(1.0, now - self._since))
