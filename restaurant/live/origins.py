"""Whose pages may listen: the page's origin against this process's own name.

The live process is another origin than the pages' (another port) but the same site, so the
session's cookie comes along; whether the page may read the answer is said here (Fetch, CORS
protocol).
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils.http import is_same_domain
from django.utils.translation import gettext as _

from restaurant.live.answers import Refusal

DEFAULT_PORTS = {"http": 80, "https": 443}


def cors(headers: Mapping[str, bytes]) -> list[tuple[bytes, bytes]]:
    """Give the headers that let the page read the answer. Raises `Refusal` for strangers."""
    host = headers.get("host", b"").decode("latin-1")
    if not is_known_host(host):
        raise Refusal("bad_request", _("This host is not known here."))
    origin = headers.get("origin")
    if origin is None:
        return []
    if not may_listen(origin.decode("latin-1"), host):
        raise Refusal("origin_denied")
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


def web(scheme: str, headers: Mapping[str, bytes]) -> str:
    """Give the web process's origin: where people are led, or else on the host asked for here."""
    if settings.PUBLIC_URL != settings.OWN_URL:
        return str(settings.PUBLIC_URL)
    name, _port = split_domain_port(headers.get("host", b"").decode("latin-1"))
    return f"{scheme}://{name}:{settings.PORT}"


def is_known_host(host: str) -> bool:
    """Tell whether a request's `Host` names this site."""
    name, _port = split_domain_port(host)
    return bool(name) and validate_host(name, settings.ALLOWED_HOSTS)


def may_listen(origin: str, host: str) -> bool:
    """Tell whether a page of this origin may read streams of the host: the site's own pages may.

    Those are on the same host name at the web process's port or at the stream's own, and the
    `CSRF_TRUSTED_ORIGINS`.
    """
    return _is_trusted(origin) or _is_own(origin, host)


def _is_own(origin: str, host: str) -> bool:
    scheme, name, port = _split(origin)
    if scheme not in (("https",) if settings.SESSION_COOKIE_SECURE else DEFAULT_PORTS):
        return False
    host_name, host_port = split_domain_port(host)
    own = int(host_port) if host_port else DEFAULT_PORTS[scheme]
    return name == host_name and port in (settings.PORT, own)


def _is_trusted(origin: str) -> bool:
    scheme, name, port = _split(origin)
    for trusted in settings.CSRF_TRUSTED_ORIGINS:
        if trusted == origin:
            return True
        other, _mark, pattern = trusted.partition("://*")
        if pattern and scheme == other:
            pattern_name, _colon, pattern_port = pattern.partition(":")
            same_port = port == int(pattern_port or DEFAULT_PORTS.get(scheme, 0))
            if same_port and is_same_domain(name, pattern_name):
                return True
    return False


def _split(origin: str) -> tuple[str, str, int]:
    """Give scheme, host name and port of an origin; empty ones for what is none, such as `null`."""
    try:
        parts = urlsplit(origin)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", "", 0
    if origin != f"{parts.scheme}://{parts.netloc}" or parts.username is not None:
        return "", "", 0
    return parts.scheme, split_domain_port(parts.netloc)[0], port
