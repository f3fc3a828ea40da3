"""In which language somebody is answered, whichever process does it."""

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

from django.utils import translation

_REFUSED = re.compile(r";\s*q=0(\.0{0,3})?\s*$", re.IGNORECASE)


def preferred(cookies: Mapping[str, str], accept_language: str) -> str:
    """Give the code of a language of the site's: by the site's cookie, or else `Accept-Language`.

    What has a `q` of 0 is not acceptable (RFC 9110, 12.4.2); Django takes it for the least liked.
    """
    liked = [part for part in accept_language.split(",") if not _REFUSED.search(part)]
    request = SimpleNamespace(COOKIES=cookies, META={"HTTP_ACCEPT_LANGUAGE": ",".join(liked)})
    return translation.get_language_from_request(cast("Any", request))
