"""Where a request came from."""

import ipaddress
from typing import Any

from rest_framework.throttling import BaseThrottle


def client_address(request: Any) -> str:
    """Give the address of a request's client, by `NUM_PROXIES` of DRF's settings; may be empty."""
    return str(BaseThrottle().get_ident(request) or "")


def normal_address(address: str) -> str | None:
    """Give an address in its one form, or nothing when it is none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    return str(getattr(found, "ipv4_mapped", None) or found)


def network_of(address: str) -> str:
    """Give what stands for one client: an IPv4 address, or an IPv6 /64; else nothing."""
    known = normal_address(address)
    if known is None or ":" not in known:
        return known or ""
    return str(ipaddress.ip_network((known, 64), strict=False))
