"""What came of the day, for people and for programs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from restaurant.demo.journal import Followed, Journal, Snapshot
from restaurant.demo.screen import clock, label, refusals

CLEAN = "clean"
NOT_RUN = "not run: these databases do not hold the orders"
# So many unfinished orders or findings are named; the rest is counted.
NAMED = 10


@dataclass(frozen=True)
class Summary:
    """The orders of one run; `orders` is how many were wanted, None without an end.

    Times are in seconds; a percentile is None when nothing was delivered. `audit` is "clean", a
    list of findings, or "not run: …" and why.
    """

    placed: int
    delivered: int
    cancelled: int
    rejected: int
    failed: int
    seconds: float
    p50_seconds: float | None
    p99_seconds: float | None
    audit: str | list[str]
    refused: dict[str, int]
    events: int | None
    first_delivered_seconds: float | None
    unfinished: list[str] = field(default_factory=list)
    orders: int | None = None

    @property
    def has_ended(self) -> bool:
        """Tell whether each order that was to be placed was, and has ended."""
        return not self.unfinished and self.placed >= (self.orders or 0)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> list[str]:
        """Tell it in lines for a person."""
        ended = {"delivered": self.delivered, "cancelled": self.cancelled}
        ended |= {"rejected": self.rejected, "delivery failed": self.failed}
        how = ", ".join(f"{count:,} {status}" for status, count in ended.items())
        return [
            f"{self.placed:,} orders placed: {how}",
            *self._unfinished_lines(),
            refusals(self.refused),
            *self._time_lines(),
            *self._audit_lines(),
        ]

    def _unfinished_lines(self) -> list[str]:
        if not self.unfinished:
            return []
        return [f"{len(self.unfinished):,} have not ended", *_first(self.unfinished)]

    def _time_lines(self) -> list[str]:
        lines = []
        if self.p50_seconds is not None and self.p99_seconds is not None:
            times = f"p50 {self.p50_seconds:.1f} s, p99 {self.p99_seconds:.1f} s"
            lines.append(f"placed to delivered: {times}")
        events = "" if self.events is None else f"{self.events:,} events handled in "
        return [*lines, f"{events}{clock(self.seconds)}"]

    def _audit_lines(self) -> list[str]:
        if isinstance(self.audit, str):
            return [f"audit: {self.audit}"]
        return [f"audit: {len(self.audit):,} findings", *_first(self.audit)]


def summarize(
    journal: Journal,
    *,
    audit: str | Sequence[str],
    events: int | None,
    seconds: float,
    orders: int | None,
) -> Summary:
    """Sum up the journal; `seconds` is the run's wall time, `orders` how many were wanted."""
    seen: Snapshot = journal.snapshot()
    times = journal.seconds_to_deliver()
    return Summary(
        placed=seen.placed,
        delivered=seen.by_status["delivered"],
        cancelled=seen.by_status["cancelled"],
        rejected=seen.by_status["rejected"],
        failed=seen.by_status["delivery_failed"],
        seconds=round(seconds, 2),
        p50_seconds=percentile(times, 0.50),
        p99_seconds=percentile(times, 0.99),
        audit=audit if isinstance(audit, str) else list(audit) or CLEAN,
        refused=seen.refused,
        events=events,
        first_delivered_seconds=journal.first_delivered_after,
        unfinished=[_named(order) for order in journal.unfinished()],
        orders=orders,
    )


def percentile(ordered: Sequence[float], part: float) -> float | None:
    """Give the value that `part` of them do not exceed (nearest rank); None of nothing."""
    if not ordered:
        return None
    rank = max(0, -(-int(part * 1000) * len(ordered) // 1000) - 1)
    return round(ordered[rank], 3)


def _named(order: Followed) -> str:
    return f"#{order.number} {order.id} {label(order.status)}"


def _first(named: list[str]) -> list[str]:
    more = [f"  and {len(named) - NAMED:,} more"] if len(named) > NAMED else []
    return [f"  {name}" for name in named[:NAMED]] + more
