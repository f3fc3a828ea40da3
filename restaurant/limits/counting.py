"""Counting a request under a limit, and what its answer says of that.

Header fields are those of draft-ietf-httpapi-ratelimit-headers (11):

    RateLimit-Policy: "ordering";q=600;w=60      600 requests in 60 seconds
    RateLimit: "ordering";r=599;t=1              599 are left, and all are there again in a second
"""

import math
from dataclasses import dataclass

from restaurant.limits.limiter import Standing, limiter
from restaurant.limits.policies import Policy
from restaurant.monitor import metrics


@dataclass(frozen=True)
class Counted:
    """How a client stands now, and the headers that tell it."""

    standing: Standing
    headers: dict[str, str]


def count(policy: Policy, client: str) -> Counted | None:
    """Count a request of a client under a policy; None where Redis cannot say."""
    rate = policy.rate
    standing = limiter.take(policy.name, rate, client)
    if standing is None:
        return None
    if standing.wait is not None:
        metrics.requests_limited.labels(policy.name).inc()
    left = f'"{policy.name}";r={standing.left};t={math.ceil(standing.full_in)}'
    headers = {
        "RateLimit-Policy": f'"{policy.name}";q={rate.amount};w={rate.seconds}',
        "RateLimit": left,
    }
    return Counted(standing, headers)
