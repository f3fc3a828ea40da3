"""Reads variables, and remembers which there are and what is wrong with them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from restaurant.environment import certificates, ending, formats
from restaurant.environment.formats import Format, Rate

T = TypeVar("T")
# Longer values are told shortened: the line names the variable, which is enough to find it.
TOLD = 120
# No duration is longer, so that there is a date that long ago.
CENTURY = timedelta(days=36_500)


@dataclass(frozen=True)
class Variable:
    """A variable that was asked for; `default` as one would write it, `expected` in words."""

    name: str
    expected: str
    default: str
    is_secret: bool


class Environment:
    """Gives variables' values by type; a wrong one gives its default and is remembered.

    The first of the `sources` that names a variable or its file counts, be it an empty one.
    """

    def __init__(self, *sources: Mapping[str, str]) -> None:
        self._sources = sources
        self.declared: dict[str, Variable] = {}
        self.problems: list[str] = []

    def is_set(self, name: str) -> bool:
        """Tell whether the variable, or its file, is given."""
        return any(self._found(name))

    def set_names(self) -> frozenset[str]:
        """Name those that were asked for until now and are given."""
        return frozenset(filter(self.is_set, self.declared))

    def refuse(self, problem: str) -> None:
        """Remember what is wrong beyond a single variable's format."""
        self.problems.append(problem)

    def require_together(self, *names: str) -> None:
        """Refuse some of these without the others."""
        self.require_with(names, names)

    def require_with(self, names: Sequence[str], others: Sequence[str]) -> None:
        """Refuse any of these unless the others are set."""
        if given := [name for name in names if self.is_set(name)]:
            for missing in (name for name in others if not self.is_set(name)):
                self.refuse(f"{missing} is not set; expected where {given[0]} is.")

    def require_valid(self, *, readable: bool) -> None:
        """End the process where something was wrong; see `ending.end`."""
        if self.problems:
            ending.end(self.problems, readable=readable)

    def read(self, name: str, wanted: Format[T], *, default: T, secret: bool = False) -> T:
        """Give the value in this format; its text is never told of a `secret` one."""
        self.declared[name] = Variable(name, wanted.expected, formats.written(default), secret)
        try:
            text = self._text(name)
        except (OSError, ValueError) as error:
            self.refuse(f"{name}_FILE: {error}.")
            return default
        if not text:
            return default
        try:
            return wanted.parse(text)
        except ValueError as error:
            why = f" ({error})" if isinstance(error, formats.Wrong) else ""
            self.refuse(f"{name} {_told(text, secret)}; expected {wanted.expected}{why}.")
            return default

    def _found(self, name: str) -> tuple[str, str]:
        """Give what is said of a variable: its text and its file's path, empty ones if nothing."""
        file = f"{name}_FILE"
        for source in self._sources:
            if name in source or file in source:
                return source.get(name, ""), source.get(file, "")
        return "", ""

    def _text(self, name: str) -> str:
        """Give the variable's text, or its file's without the last line's end."""
        given, file = self._found(name)
        if not file:
            return given
        if given:
            raise ValueError(f"{name} is set as well; expected one of them")
        try:
            text = Path(file).read_text().removesuffix("\n").removesuffix("\r")
        except OSError as error:
            raise ValueError(f"{file!r} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ValueError(f"{file!r} is not text in UTF-8") from error
        if not text:
            raise ValueError(f"{file!r} is empty")
        return text

    # --- By type ------------------------------------------------------------------------------

    def string(self, name: str, *, default: str, secret: bool = False) -> str:
        return self.read(name, formats.TEXT, default=default, secret=secret)

    def strings(
        self,
        name: str,
        *,
        default: Sequence[str],
        each: Format[str] = formats.TEXT,
        secret: bool = False,
    ) -> list[str]:
        """Read a list, by commas."""
        return self.read(name, formats.listed(each), default=list(default), secret=secret)

    def pairs(self, name: str, *, secret: bool = False) -> dict[str, str]:
        """Read name=value, by commas; empty unless set."""
        return self.read(name, formats.PAIRS, default={}, secret=secret)

    def boolean(self, name: str, *, default: bool) -> bool:
        return self.read(name, formats.BOOLEAN, default=default)

    def integer(self, name: str, *, default: int, least: int = 0, most: int = formats.MOST) -> int:
        return self.read(name, formats.integer(least, most), default=default)

    def duration(self, name: str, *, least: int = 0, **default: int) -> timedelta:
        """Read a whole number of a unit; `hours=24` gives both the unit and the default."""
        ((unit, amount),) = default.items()
        most = CENTURY // timedelta(**{unit: 1})
        return timedelta(**{unit: self.integer(name, default=amount, least=least, most=most)})

    def number(
        self,
        name: str,
        *,
        default: float,
        least: float | None = None,
        most: float | None = None,
        above: float | None = None,
    ) -> float:
        """Read a number from `least`, or from more than `above`, to `most`."""
        return self.read(name, formats.number(least, most, above), default=default)

    def rate(self, name: str, *, default: Rate) -> Rate:
        return self.read(name, formats.RATE, default=default)

    def port(self, name: str, *, default: int) -> int:
        return self.integer(name, default=default, most=65535)

    def choice(self, name: str, *, default: str, of: Iterable[str]) -> str:
        return self.read(name, formats.choice(of), default=default)

    def path(self, name: str, *, default: Path) -> Path:
        return self.read(name, formats.PATH, default=default)

    def directory(self, name: str, *, default: Path) -> Path:
        """Read a directory's path; it is made where it is given and not there yet."""
        return self.read(name, formats.DIRECTORY, default=default)

    def file(self, name: str) -> str:
        """Read the path of a file that can be read; empty unless set."""
        return self.read(name, formats.FILE, default="")

    def authorities(self, name: str) -> str:
        """Read the path of certificates (PEM) that others' certificates are checked by."""
        return self.read(name, certificates.AUTHORITIES, default="")

    def key_pair(self, certificate: str, key: str) -> tuple[str, str]:
        """Read the paths of a certificate and of its private key (PEM), given both or neither."""
        files = self.file(certificate), self.file(key)
        self.require_together(certificate, key)
        if all(files):
            try:
                certificates.check_pair(*files)
            except formats.Wrong as error:
                self.refuse(f"{certificate} and {key} are not a certificate and its key ({error}).")
        return files

    def url(self, name: str, *, default: str, schemes: Sequence[str], secret: bool = False) -> str:
        return self.read(name, formats.url(schemes), default=default, secret=secret)

    def parsed(
        self,
        name: str,
        parse: Callable[[str], T],
        *,
        default: T,
        expected: str,
        secret: bool = False,
    ) -> T:
        """Read by a function that raises ValueError; `formats.Wrong` says why to the operator."""
        return self.read(name, Format(expected, parse), default=default, secret=secret)


def _told(text: str, secret: bool) -> str:
    if secret:
        return "is wrong (not shown here)"
    return f"is {text if len(text) <= TOLD else text[:TOLD] + '…'!r}"
