"""Reading who lives."""

import json
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from restaurant.heartbeat.store import INDEX, KEPT_SECONDS, connect

# Two beats may be late or lost; who is killed is missed before a quarter of a minute is over.
FRESH_SECONDS = 12.0


@dataclass(frozen=True)
class Pulse:
    """A process as it last told of itself. Durations are in seconds, as of now."""

    name: str
    host: str
    pid: int
    version: str
    # Since its last beat, by Redis' own clock.
    age: float
    uptime: float
    # Since its loop last came around; None for one that has no loop to tell of.
    since_progress: float | None

    @property
    def is_fresh(self) -> bool:
        return self.age <= FRESH_SECONDS


def pulses() -> list[Pulse]:
    """Give every process that beats or did within ten minutes, those gone in peace left out.

    Raises `RedisError` or `OSError` when Redis is away, after half a second at most.
    """
    with closing(connect()) as client:
        keys = sorted(client.smembers(INDEX))
        with client.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.get(key)
                pipe.pttl(key)
            answers = pipe.execute()
        told = list(zip(keys, answers[::2], answers[1::2], strict=True))
        if forgotten := [key for key, value, _ in told if value is None]:
            client.srem(INDEX, *forgotten)
    found = (_read(value, left) for _, value, left in told if value is not None)
    return [pulse for pulse in found if pulse]


def _read(value: bytes, left_ms: int) -> Pulse | None:
    age = max(0.0, KEPT_SECONDS - left_ms / 1000)
    try:
        return _pulse(json.loads(value), age)
    except (ValueError, TypeError, KeyError):
        # Of another version, or not ours.
        return None


def _pulse(told: dict[str, Any], age: float) -> Pulse:
    since = told["since_progress"]
    return Pulse(
        name=str(told["name"]),
        host=str(told["host"]),
        pid=int(told["pid"]),
        version=str(told["version"]),
        age=age,
        uptime=float(told["uptime"]) + age,
        since_progress=None if since is None else float(since) + age,
    )
