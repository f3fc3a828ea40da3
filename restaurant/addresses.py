"""Where a request came from."""

import ipaddress
from functools import lru_cache
from typing import Any

from rest_framework.settings import api_settings


def client_address(request: Any) -> str:
    """Give the address of a request's client, by `NUM_PROXIES` of DRF's settings; may be empty.

    As DRF's throttles do, but without parsing all of the request's headers.
    """
    meta = request.META
    forwarded = meta.get("HTTP_X_FORWARDED_FOR")
    if not api_settings.NUM_PROXIES or forwarded is None:
        return str(meta.get("REMOTE_ADDR") or "")
    addresses = forwarded.split(",")
    return str(addresses[-min(api_settings.NUM_PROXIES, len(addresses))].strip())


# The same ones ask again and again.
@lru_cache(maxsize=1000)
def normal_address(address: str) -> str | None:
    """Give an address in its one form, or nothing when it is none.

    The zone of a link-local address is left out: no database's type for addresses knows it.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(found, "ipv4_mapped", None) or found)


def network_of(address: str) -> str:
    """Give what stands for one client: an IPv4 address, or an IPv6 /64; else nothing."""
    known = normal_address(address)
    if known is None or ":" not in known:
        return known or ""
    return str(ipaddress.ip_network((known, 64), strict=False))
