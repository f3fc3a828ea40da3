"""What variables' texts can be: each format says what it expects, and reads it strictly."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from babel.core import get_global

T = TypeVar("T")
# Of whole numbers without a bound of their own: what 32 bits hold.
MOST = 2_147_483_647
BOOLEANS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}

UNITS = {"second": 1, "minute": 60, "hour": 3600}


class Wrong(ValueError):
    """A value that is wrong for a reason worth telling; the text must hold nothing secret."""


class Rate(NamedTuple):
    """So many in so many seconds."""

    amount: int
    seconds: int

    def __str__(self) -> str:
        unit = next(unit for unit, seconds in UNITS.items() if seconds == self.seconds)
        return f"{self.amount}/{unit}"


@dataclass(frozen=True)
class Format(Generic[T]):
    """`expected` continues the words "expected …"; `parse` raises ValueError."""

    expected: str
    parse: Callable[[str], T]


def written(value: Any) -> str:
    """Write a value as a variable's text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        return ",".join(f"{name}={text}" for name, text in value.items())
    return ",".join(value) if isinstance(value, list) else str(value)


def _boolean(text: str) -> bool:
    if (found := BOOLEANS.get(text.strip().lower())) is None:
        raise ValueError
    return found


def _pairs(text: str) -> dict[str, str]:
    pairs = [pair.strip().partition("=") for pair in text.split(",") if pair.strip()]
    if not all(name and equals for name, equals, _ in pairs):
        raise ValueError
    return {name.strip(): value for name, _, value in pairs}


def _file(text: str) -> str:
    try:
        Path(text).open("rb").close()
    except OSError as error:
        raise Wrong(error.strerror) from error
    return text


def _directory(text: str) -> Path:
    try:
        Path(text).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Wrong(error.strerror) from error
    return Path(text)


def _host(text: str) -> str:
    name = text.removeprefix("[").removesuffix("]")
    if re.search(r"[\s/@]", text) or (":" in text and text != f"[{name}]"):
        raise ValueError
    return text


def _header(text: str) -> str:
    if not re.fullmatch("[A-Za-z0-9-]+", text):
        raise ValueError
    return text


def _address(text: str) -> str:
    split_address(text)
    return text


def _servers(text: str) -> str:
    for server in text.split(","):
        split_address(server.strip())
    return text


def _place(text: str) -> str:
    if "://" in text:
        split_url(text, ("https", "http"))
    elif not text.startswith("/"):
        raise ValueError
    return text


def _rate(text: str) -> Rate:
    amount, _, unit = text.partition("/")
    if unit.strip() not in UNITS:
        raise ValueError
    return Rate(integer(1, 1_000_000).parse(amount), UNITS[unit.strip()])


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (LookupError, OSError) as error:
        raise ValueError from error
    return text


def _currency(text: str) -> str:
    if text not in get_global("all_currencies"):
        raise ValueError
    return text


TEXT: Format[str] = Format("text", str)
BOOLEAN = Format("true or false", _boolean)
PAIRS = Format("name=value, by commas", _pairs)
PATH: Format[Path] = Format("a path", Path)
DIRECTORY = Format("a directory", _directory)
HOST = Format("a host's name", _host)
HEADER = Format("a header's name, such as X-Forwarded-Proto", _header)
FILE = Format("the path of a file that can be read", _file)
ADDRESS = Format("host:port", _address)
SERVERS = Format("host:port, by commas", _servers)
# Of what pages load: below this site's own address, or elsewhere.
PLACE = Format("/… or https://…", _place)
TIME_ZONE = Format("a time zone, such as Europe/Berlin", _time_zone)
RATE = Format("so many a second, minute or hour, such as 600/minute", _rate)
CURRENCY = Format("a currency of ISO 4217, such as EUR", _currency)


def integer(least: int, most: int) -> Format[int]:
    bounds = f"{least} or more" if most == MOST else f"from {least} to {most}"

    def parse(text: str) -> int:
        # int() takes 1_000 and digits of other scripts, too.
        if not re.fullmatch("[+-]?[0-9]{1,18}", text.strip()):
            raise ValueError
        if not least <= (value := int(text)) <= most:
            raise ValueError
        return value

    return Format(f"a whole number, {bounds}", parse)


def number(least: float | None, most: float | None, above: float | None) -> Format[float]:
    bounds = [
        f" {words} {bound:g}"
        for words, bound in (("above", above), ("from", least), ("to", most))
        if bound is not None
    ]

    def parse(text: str) -> float:
        if "_" in text or not math.isfinite(value := float(text)):
            raise ValueError
        if (
            (least is not None and value < least)
            or (most is not None and value > most)
            or (above is not None and value <= above)
        ):
            raise ValueError
        return value

    return Format("a number" + "".join(bounds), parse)


def choice(of: Iterable[str]) -> Format[str]:
    known = tuple(of)

    def parse(text: str) -> str:
        if text not in known:
            raise ValueError
        return text

    return Format(f"one of {', '.join(known)}", parse)


def listed(each: Format[str]) -> Format[list[str]]:
    def parse(text: str) -> list[str]:
        return [each.parse(part.strip()) for part in text.split(",") if part.strip()]

    return Format(f"{each.expected}, by commas", parse)


def url(schemes: Sequence[str]) -> Format[str]:
    def parse(text: str) -> str:
        split_url(text, schemes)
        return text

    return Format(" or ".join(f"{scheme}://…" for scheme in schemes), parse)


def split_url(text: str, schemes: Iterable[str]) -> SplitResult:
    """Take a URL with a host apart. Raises ValueError, also for a port that is none."""
    parts = urlsplit(text)
    if parts.scheme not in schemes:
        raise ValueError
    if not parts.hostname or parts.port == 0:
        raise Wrong("it names no host")
    return parts


def split_address(text: str) -> tuple[str, int]:
    """Take host:port apart, of which an IPv6 host is in brackets. Raises ValueError."""
    host, _, port = text.rpartition(":")
    if not host:
        raise ValueError
    return _host(host).strip("[]"), integer(0, 65535).parse(port)


def is_loopback(host: str) -> bool:
    """Tell whether a host name or IP address (without brackets) is this machine's own alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
