"""Remembering earlier looks at Kafka, in Redis, so that every web process knows the rates."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.core.cache import cache

from restaurant.messaging.offsets import Place, Sounding

KEY = "pipeline:looks"
# Rates over less than this jump about; looks that are older tell nothing of now.
APART_SECONDS, KEPT_SECONDS = 4.0, 60


@dataclass(frozen=True)
class Look:
    """Where topics ended and groups were, at a time (seconds since 1970)."""

    at: float
    ends: Mapping[str, int]
    positions: Mapping[str, int]

    @classmethod
    def of(cls, sounding: Sounding) -> "Look":
        ends = {cls.key(place): end for place, end in sounding.ends.items()}
        positions = {
            cls.key(place, group): sounding.position(group, place)
            for group in sounding.committed
            for place in sounding.ends
        }
        return cls(time.time(), ends, positions)

    @staticmethod
    def key(place: Place, group: str = "") -> str:
        return "/".join([group, place[0], str(place[1])])


def before(now: Look) -> Look | None:
    """Give the last look that is long enough ago to compare with, and remember this one.

    None for the first one, and after a broker that began anew.
    """
    # Two are kept: the newer one is the next to be compared with.
    kept = [look for look in _kept() if 0 < now.at - look.at < KEPT_SECONDS]
    old_enough = [look for look in kept if now.at - look.at >= APART_SECONDS]
    if not kept or now.at - kept[-1].at >= APART_SECONDS:
        cache.set(KEY, json.dumps([asdict(look) for look in [*kept[-1:], now]]), KEPT_SECONDS)
    found = old_enough[-1] if old_enough else None
    return found if found and _goes_on(found, now) else None


def _goes_on(old: Look, now: Look) -> bool:
    return all(now.ends.get(place, 0) >= end for place, end in old.ends.items())


def _kept() -> list[Look]:
    try:
        found: list[dict[str, Any]] = json.loads(cache.get(KEY) or "[]")
        return [Look(**look) for look in found]
    except (ValueError, TypeError):
        return []
