"""Counting who follows under the API's limits: the same buckets as in the web process."""

import asyncio
import math
from types import SimpleNamespace
from typing import Any

from django.conf import settings

from restaurant.limits import policies
from restaurant.limits.counting import count
from restaurant.limits.policies import Policy
from restaurant.live.answers import Refusal


async def take(policy: Policy, client: str) -> list[tuple[bytes, bytes]]:
    """Count a request; gives the headers that tell of it.

    Raises `Refusal`, 429, where the limit is used up.
    """
    # It may ask Redis.
    counted = await asyncio.to_thread(count, policy, client) if settings.LIMITS else None
    if counted is None:
        return []
    headers = [(name.lower().encode(), text.encode()) for name, text in counted.headers.items()]
    if counted.standing.wait is not None:
        wait = max(1, math.ceil(counted.standing.wait))
        raise Refusal("throttled", retry_after=wait, more=headers)
    return headers


def network(scope: Any) -> str:
    """Name whence a request came, as the web process does."""
    sent = {name: value.decode("latin-1") for name, value in scope["headers"]}
    meta = {"REMOTE_ADDR": (scope.get("client") or ("",))[0]}
    if forwarded := sent.get(b"x-forwarded-for"):
        meta["HTTP_X_FORWARDED_FOR"] = forwarded
    return policies.address(SimpleNamespace(META=meta))
