"""Why a body is no JSON, to the client who sent it: where, as far as that is known."""

import re

from django.utils.translation import gettext as _

# An escape, be it of one character or of a UTF-16 code unit.
_ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_AT = re.compile(r"\(byte (\d+)\)")


def why(body: bytes, error: Exception) -> str:
    """Say what is wrong with the body over which a decoder raised this; bytes count from 0."""
    if not body.strip():
        return _("The body is missing.")
    if isinstance(error, RecursionError):
        return _("The body is nested too deeply.")
    try:
        body.decode()
    except UnicodeDecodeError as found:
        return _("The body is not UTF-8: see byte %(at)d.") % {"at": found.start}
    if (at := _half_a_pair(body)) is not None:
        return _("Half of a surrogate pair is no character: see byte %(at)d.") % {"at": at}
    if place := _AT.search(str(error)):
        return _("The body is not JSON near byte %(at)d.") % {"at": int(place[1])}
    if "truncated" in str(error):
        return _("The body is not JSON: it ends too early.")
    return _("The body is not JSON.")


def _half_a_pair(body: bytes) -> int | None:
    """Find an escape such as `\\ud800` that stands alone; decoders look no further behind it."""
    high = None
    for escape in _ESCAPE.finditer(body):
        unit = int(escape[1] or b"0", 16)
        follows = high is not None and high.end() == escape.start()
        if 0xDC00 <= unit <= 0xDFFF and follows:
            high = None
        elif high is not None:
            return high.start()
        elif 0xDC00 <= unit <= 0xDFFF:
            return escape.start()
        elif 0xD800 <= unit <= 0xDBFF:
            high = escape
    return high.start() if high else None
