"""The form of a list's filters, with what was wrong about them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

SHOWN = (HTTPStatus.OK, HTTPStatus.BAD_REQUEST)


class Filter(NamedTuple):
    """A form's field, and why its value was refused; empty when it was not."""

    field: Any
    wrong: str


def filters_of(data: Any, view: Any, request: Any, response: Any) -> list[Filter]:
    """Give the fields that a list is filtered by: also of one that was refused; else none.

    Those that are of no use to who asks only where they are to blame.
    """
    filters = getattr(view, "filterset_class", None)
    is_list = request.method == "GET" and getattr(view, "action", "list") == "list"
    if filters is None or not is_list or response.status_code not in SHOWN:
        return []
    wrong = _wrong(data)
    # Without the list, which may be refused: the form needs no rows.
    form = filters(request.query_params, request=request).form
    rights = getattr(filters, "rights", {})
    return [
        Filter(field, wrong.get(field.name, ""))
        for field in form
        if field.name in wrong or _is_of_use(field.name, rights, request.user)
    ]


def _is_of_use(name: str, rights: Mapping[str, str], user: Any) -> bool:
    return name not in rights or bool(user.has_perm(rights[name]))


def _wrong(data: Any) -> dict[str, str]:
    """Give what a problem blames query parameters for, by their names."""
    errors = data.get("errors", ()) if isinstance(data, dict) else ()
    return {error["parameter"]: error["detail"] for error in errors if "parameter" in error}
