"""The ids that tie together all that one request brings about.

A client or a proxy may send `X-Request-ID`, or the `traceparent` of W3C Trace Context, or both. The
request id is the first of: what it sent as that, its trace's id, one made here. The correlation id,
which goes on with the events, is the trace's id where there is a trace, so that events continue it,
and else the request id. So they differ only for who sends both.
"""

import re
import secrets
from typing import Any

_SAFE_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")


def request_id(request: Any) -> str:
    """Give the id of a request (Django's or DRF's); one that has to be made is made once."""
    sent = str(request.META.get("HTTP_X_REQUEST_ID", ""))
    if not is_safe(sent):
        sent = request.META["HTTP_X_REQUEST_ID"] = trace_id(request) or secrets.token_hex(16)
    return sent


def correlation_id(request: Any) -> str:
    """Give the id under which the request's events travel."""
    return trace_id(request) or request_id(request)


def trace_id(request: Any) -> str:
    """Give the id of the trace that a request belongs to; empty when it names none."""
    sent = request.META.get("HTTP_TRACEPARENT")
    return trace_of(sent) if sent else ""


def trace_of(traceparent: str) -> str:
    """Give the trace's id of a `traceparent`; empty when that is not valid."""
    match = _TRACEPARENT.fullmatch(traceparent)
    if match is None:
        return ""
    version, trace, span, more = match.groups()
    # What later versions have behind these parts is theirs.
    is_known = version != "ff" and not (version == "00" and more)
    return trace if is_known and int(trace, 16) and int(span, 16) else ""


def is_safe(id_: str) -> bool:
    """Tell whether an id from outside may stand in logs, headers and columns."""
    return _SAFE_ID.fullmatch(id_) is not None
