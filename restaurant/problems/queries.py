"""What is wrong with the parameters of a query, in sentences."""

from collections.abc import Iterable

from django.utils.translation import gettext as _


def unknown(names: Iterable[str]) -> str:
    """Say which parameters an operation takes."""
    if not names:
        return _("There is no such query parameter. This operation takes none.")
    told = _("There is no such query parameter. Known here: %(names)s.")
    return told % {"names": ", ".join(sorted(names))}


def repeated() -> str:
    return _("This query parameter takes one value.")


def empty() -> str:
    return _("Give this query parameter a value, or leave it out.")
