"""In which language a client of the live process is answered: as the web process does it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager

from django.http.cookie import parse_cookie
from django.utils import translation

from restaurant.languages import preferred


def spoken(headers: Mapping[str, bytes]) -> AbstractContextManager[None]:
    """Have texts be in the client's language: by the site's cookie, or else `Accept-Language`.

    The language is the task's, of which each request has its own.
    """
    cookies = parse_cookie(headers.get("cookie", b"").decode("latin-1"))
    accepted = headers.get("accept-language", b"").decode("latin-1")
    return translation.override(preferred(cookies, accepted))
