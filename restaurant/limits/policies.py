"""Which limit a request falls under, and whom it is counted for."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings

from restaurant.addresses import client_address, network_of
from restaurant.environment.formats import Rate
from restaurant.methods import SAFE

API = "api/v1/"


@dataclass(frozen=True, slots=True)
class Policy:
    """A limit by its name in headers, and by the setting that says how much."""

    name: str
    setting: str

    @property
    def rate(self) -> Rate:
        rate: Rate = getattr(settings, self.setting)
        return rate


READING = Policy("reading", "LIMIT_READING")
ORDERING = Policy("ordering", "LIMIT_ORDERING")
# Whatever else changes something: tickets, stations, deliveries, dishes.
DEVICES = Policy("devices", "LIMIT_DEVICES")
# What auth decides, logins, tokens renewed and ended, without a user yet.
LOGIN = Policy("login", "LIMIT_LOGIN")
REGISTERING = Policy("registering", "LIMIT_REGISTERING")
# Requests that got no further than to be told that they may not.
REFUSED = Policy("refused", "LIMIT_REFUSED")
POLICIES = (READING, ORDERING, DEVICES, LOGIN, REGISTERING, REFUSED)


@lru_cache(maxsize=1000)
def policy_of(method: str, route: str) -> Policy:
    """Give the limit of a route's template, such as `api/v1/orders/`."""
    if method in SAFE:
        return READING
    for start, policy in (
        (f"{API}orders/", ORDERING),
        (f"{API}auth/register/", REGISTERING),
        (f"{API}auth/", LOGIN),
    ):
        if route.startswith(start):
            return policy
    return DEVICES


def user_or_address(request: Any) -> str:
    """Give whom a request is counted for: its user where it has one, else its network.

    Takes DRF's request, authenticated.
    """
    return str(request.user.pk or "") or address(request)


def address(request: Any) -> str:
    """Give the request's network; those without an address share one."""
    return _network(client_address(request)) or "unknown"


_network = lru_cache(maxsize=1000)(network_of)
