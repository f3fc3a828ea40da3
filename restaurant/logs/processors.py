"""What becomes of a line before it is written.

The first defence against secrets in logs is not to log them. `redact` is the second: it knows
fields by their names, and e-mails, tokens and passwords in URLs by their form. It cannot know a
street, so nothing that holds one may be logged.
"""

import json
import re
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any

import msgspec

Line = MutableMapping[str, Any]
REDACTED = "[redacted]"
# Parts of field names whose values are never written.
SECRET = re.compile(
    "passw|secret|token|authorization|cookie|e_?mail|address|credential|session_key|recovery"
)
_PLAIN = frozenset({str, int, float, bool, type(None)})
_FORMS = [
    # user:password@ of a URL, and the e-mail that may stand there.
    (re.compile(r"(?<=://)[^\s/@\"']*@"), f"{REDACTED}@"),
    (re.compile(r"[^\s\"'<>()\[\]{},;:=]+(?:@|%40)[^\s\"'<>()\[\]{},;:=/]+"), REDACTED),
    (re.compile(r"eyJ[\w-]{5,}(?:\.[\w-]*){0,2}"), REDACTED),
    (re.compile(r"(?i)(?<=bearer )[\w.~+/=-]+"), REDACTED),
    # A link to a new password is one.
    (re.compile(r"(?<=/password/)[\w/+=-]+"), REDACTED),
    # PostgreSQL tells whole rows here.
    (re.compile(r"(?m)^(\s*(?:DETAIL|CONTEXT|LINE \d+)): .*$"), rf"\1: {REDACTED}"),
]
_encode = msgspec.json.Encoder(enc_hook=str, order=None).encode


def redact(_logger: Any, _method: str, line: Line) -> Line:
    """Take out what must not be told, by the names of fields and by its form."""
    values = line.values()
    if not _has_secrets(tuple(line)) and _PLAIN.issuperset(map(type, values)):
        # The usual line, looked at as one text.
        text = "\n".join([value for value in values if type(value) is str])
        if not _is_suspect(text):
            return line
    return {name: REDACTED if _is_secret(name) else _clean(value) for name, value in line.items()}


@lru_cache(maxsize=1000)
def _has_secrets(names: tuple[str, ...]) -> bool:
    return any(map(_is_secret, names))


@lru_cache(maxsize=1000)
def _is_secret(name: str) -> bool:
    return SECRET.search(name) is not None


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value) if _is_suspect(value) else value
    if isinstance(value, Mapping):
        return {
            name: REDACTED if _is_secret(str(name)) else _clean(part)
            for name, part in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(part) for part in value]
    if value is None or isinstance(value, (int, float)):
        return value
    return _clean(str(value))


def _is_suspect(text: str) -> bool:
    """Tell whether there may be something of a form below; nearly no text has any."""
    # Spelt out, a quarter of what one regular expression takes.
    return (
        "@" in text
        or "eyJ" in text
        or "%40" in text
        or "earer " in text
        or "DETAIL:" in text
        or "CONTEXT:" in text
        or "LINE " in text
        or "/password/" in text
    )


def clean(text: str) -> str:
    """Take e-mails, tokens and what databases tell of rows out of a text."""
    for form, instead in _FORMS:
        text = form.sub(instead, text)
    return text


def foreign(_logger: Any, _method: str, line: Line) -> Line:
    """Give a library's line a name like ours, and its text as the message."""
    line["message"] = line["event"]
    line["event"] = "library_said"
    return line


def without_path(_logger: Any, _method: str, line: Line) -> Line:
    """Name a request that Django speaks of by its route: a path may hold a token."""
    request = getattr(line.get("_record"), "request", None)
    if (path := getattr(request, "path", "")) and path != "/":
        match = getattr(request, "resolver_match", None)
        line["event"] = line["event"].replace(path, f"/{match.route}" if match else "…")
    return line


def json_line(_logger: Any, _method: str, line: Line) -> str:
    """Render a line; whatever is in it, it becomes one."""
    try:
        return _encode(line).decode()
    except (TypeError, ValueError, UnicodeError, RecursionError):
        # Half surrogates, keys that are no text.
        return json.dumps(line, default=repr, skipkeys=True)
