"""In which language a client of the live process is answered: as the web process does it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any, cast

from django.http.cookie import parse_cookie
from django.utils import translation


def spoken(headers: Mapping[str, bytes]) -> AbstractContextManager[None]:
    """Have texts be in the client's language: by the site's cookie, or else `Accept-Language`.

    The language is the task's, of which each request has its own.
    """
    request = SimpleNamespace(
        COOKIES=parse_cookie(headers.get("cookie", b"").decode("latin-1")),
        META={"HTTP_ACCEPT_LANGUAGE": headers.get("accept-language", b"").decode("latin-1")},
    )
    return translation.override(translation.get_language_from_request(cast("Any", request)))
