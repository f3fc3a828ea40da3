"""Query parameters: an operation takes those that it knows, and of most of them one value.

What is misspelt or meant for another operation would otherwise do nothing, and an answer of all
orders would be taken for one of a few.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django_filters import MultipleChoiceFilter  # type: ignore[import-untyped]
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from restaurant.problems import ParameterError, Problem

READING = frozenset(("GET", "HEAD", "OPTIONS"))
# Of a browsable page; not one of any operation.
FORMAT = api_settings.URL_FORMAT_OVERRIDE
# Of a page: an empty one is told of as any other bad one.
SAYS_ITSELF = frozenset((FORMAT, "cursor", "page_size"))
MOST_NAMED = 10
Known = tuple[frozenset[str], frozenset[str]]


class KnownParameters(APIView):
    """A view that refuses the query parameters that its operations do not know, and empty ones."""

    # Those of its reading operations, beside its list's filters and pages.
    query_parameters: tuple[str, ...] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.META["QUERY_STRING"]:
            _refuse_others(self, request)


def known_parameters(view: APIView, method: str) -> frozenset[str]:
    """Name the query parameters that an operation takes."""
    names, _ = _known_to(view, method)
    return names


def _refuse_others(view: APIView, request: Request) -> None:
    """Refuse unknown parameters and repeated ones. Raises `Problem`, 400, that names them."""
    method = request.method or ""
    if not hasattr(view, method.lower()):
        return
    names, several = _known_to(view, method)
    if unknown := [n for n in request.query_params if n not in names and n != FORMAT]:
        raise _unknown(unknown[:MOST_NAMED], names)
    found = request.query_params.lists()
    if repeated := [n for n, values in found if len(values) > 1 and n not in several]:
        raise _repeated(repeated)
    # The browsable API's form sends what was left empty.
    if request.accepted_renderer.format == "json":
        _refuse_empty(request)


def _refuse_empty(request: Request) -> None:
    found = request.query_params.lists()
    empty = [n for n, values in found if n not in SAYS_ITSELF and not all(values)]
    if empty:
        told = "Give this query parameter a value, or leave it out."
        raise Problem(code="invalid", errors=[ParameterError(n, "blank", told) for n in empty])


def _unknown(unknown: list[str], names: frozenset[str]) -> Problem:
    has = f"Known here: {', '.join(sorted(names))}." if names else "This operation takes none."
    told = f"There is no such query parameter. {has}"
    errors = [ParameterError(name[:64], "unknown_parameter", told) for name in unknown]
    return Problem(code="unknown_parameter", detail=told, errors=errors)


def _repeated(repeated: list[str]) -> Problem:
    told = "This query parameter takes one value."
    errors = [ParameterError(name, "repeated_parameter", told) for name in repeated]
    return Problem(code="repeated_parameter", errors=errors)


def _known_to(view: Any, method: str) -> Known:
    return _known(view.__class__, method, getattr(view, "action", None))


@cache
def _known(view_class: Any, method: str, action: str | None) -> Known:
    """Name the parameters of an operation, and those of them that may have several values."""
    if method not in READING:
        return frozenset(), frozenset()
    names = set(getattr(view_class, "query_parameters", ()))
    several = set()
    if _is_list(view_class, action):
        names |= set(_of_page(view_class))
        filters = getattr(getattr(view_class, "filterset_class", None), "base_filters", {})
        names |= filters.keys()
        several = {n for n, found in filters.items() if isinstance(found, MultipleChoiceFilter)}
    return frozenset(names), frozenset(several)


def _is_list(view_class: Any, action: str | None) -> bool:
    # A view set's other operations share its class; what OPTIONS tells is of the whole address.
    is_listing = action in (None, "list", "metadata")
    return is_listing and getattr(view_class, "pagination_class", None) is not None


def _of_page(view_class: Any) -> Iterator[str]:
    """Name what the paginator takes, and the backends that are no filters by field."""
    for part in (view_class.pagination_class, *view_class.filter_backends):
        describe = getattr(part(), "get_schema_operation_parameters", None)
        for parameter in describe(view_class) if describe else ():
            yield parameter["name"]
