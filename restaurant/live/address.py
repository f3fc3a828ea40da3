"""Where pages find their live stream.

The live process listens on a port of its own: a stream through the web process would hold one of
its threads for as long as it is open. In production a proxy makes both one origin (`LIVE_URL=/`).
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port


def stream_url(request: HttpRequest, channel_name: str) -> str:
    """Give the URL that the page's EventSource opens, of the page's own host where possible.

    Raises `DisallowedHost` as `request.get_host()` does.
    """
    return f"{_base(request)}/live/{channel_name}/"


def elsewhere(request: HttpRequest) -> str:
    """Give where the live process answers what was asked for here; empty when at the same address.

    Raises `DisallowedHost`.
    """
    base = _base(request)
    return f"{base}{request.get_full_path()}" if base else ""


def origin(request: HttpRequest) -> str:
    """Give the origin that a page's `connect-src` must name beside 'self'; empty when it is that.

    Raises `DisallowedHost`.
    """
    base = urlsplit(_base(request))
    found = f"{base.scheme}://{base.netloc}" if base.netloc else ""
    return "" if found == f"{request.scheme}://{request.get_host()}" else found


def _base(request: HttpRequest) -> str:
    if settings.LIVE_URL:
        return str(settings.LIVE_URL).rstrip("/")
    # The page's host name, as the session's cookie belongs to that, whatever the port.
    host, _port = split_domain_port(request.get_host())
    return f"{request.scheme}://{host}:{settings.LIVE_PORT}"
