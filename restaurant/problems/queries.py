"""What is wrong with the parameters of a query: the same on every path, in every process."""

import re
from collections.abc import Collection, Iterable, Sequence

from django.utils.translation import gettext as _

from restaurant.bodies import words
from restaurant.problems.problem import ParameterError

MOST_NAMED = 10
_WHOLE = re.compile("-?[0-9]+")


def wrong_names(
    sent: Iterable[tuple[str, Sequence[str]]],
    known: Collection[str],
    *,
    several: Collection[str] = (),
    untold: Collection[str] = (),
    may_be_empty: bool = False,
) -> list[ParameterError]:
    """Name the parameters that are unknown, then those that are repeated, then the empty ones.

    `sent` has all values of each; `several` are those that may have more than one, `untold` those
    that are known and not spoken of.
    """
    sent = list(sent)
    found = [(name, values) for name, values in sent if name in known or name in untold]
    unknown = [name[:64] for name, values in sent if (name, values) not in found][:MOST_NAMED]
    repeated = [name for name, values in found if len(values) > 1 and name not in several]
    empty = [name for name, values in found if not all(values) and name not in repeated]
    return [
        *(ParameterError(name, "unknown_parameter", _unknown(known)) for name in unknown),
        *(ParameterError(name, "repeated_parameter", _repeated()) for name in repeated),
        *(ParameterError(name, "blank", _empty()) for name in empty if not may_be_empty),
    ]


def wrong_number(name: str, text: str, *, most: int, least: int = 0) -> ParameterError | None:
    """Say what is wrong with a value that has to be a whole number; None when it is one."""
    told = words.number_between(least, most)
    if not text:
        return ParameterError(name, "blank", _empty())
    if not _WHOLE.fullmatch(text):
        return ParameterError(name, "invalid", told)
    # To read digits without end takes as long.
    if len(text) > len(str(most)) or not least <= int(text) <= most:
        return ParameterError(name, "out_of_range", told)
    return None


def code_of(errors: Sequence[ParameterError]) -> str:
    """Give the code of the answer that names these: the first one's, where answers have it."""
    first = errors[0].code
    return first if first in ("unknown_parameter", "repeated_parameter") else "invalid"


def _unknown(names: Collection[str]) -> str:
    if not names:
        return _("There is no such query parameter. This operation takes none.")
    told = _("There is no such query parameter. Known here: %(names)s.")
    return told % {"names": ", ".join(sorted(names))}


def _repeated() -> str:
    return _("This query parameter takes one value.")


def _empty() -> str:
    return _("Give this query parameter a value, or leave it out.")
