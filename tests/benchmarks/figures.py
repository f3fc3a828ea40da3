"""A figure: what was measured, beside what it is compared to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """A line of the table."""

    what: str
    measured: str
    baseline: str
    ratio: str
    aim: str
    is_reached: bool


@dataclass(frozen=True)
class Pair:
    """Medians of several runs: of what is measured, of its baseline, and of each run's ratio."""

    measured: float
    baseline: float
    ratio: float


def compare(measured: Callable[[], float], baseline: Callable[[], float], *, runs: int) -> Pair:
    """Measure both in turns, so that a machine's slow minute meets both."""
    pairs = []
    for _ in range(runs):
        low = baseline()
        pairs.append((measured(), low))
    return Pair(
        median(high for high, _ in pairs),
        median(low for _, low in pairs),
        median(high / low for high, low in pairs),
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """Give the value that so many percent of the values do not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
