"""Query parameters: an operation takes those that it knows, and of most of them one value.

What is misspelt or meant for another operation would otherwise do nothing, and an answer of all
orders would be taken for one of a few.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from django_filters import MultipleChoiceFilter  # type: ignore[import-untyped]
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from restaurant.methods import SAFE
from restaurant.problems import Problem, queries

# Of a browsable page; not one of any operation.
FORMAT = api_settings.URL_FORMAT_OVERRIDE
Known = tuple[frozenset[str], frozenset[str]]


class KnownParameters(APIView):
    """A view that refuses the query parameters that its operations do not know, and empty ones.

    And of what changes something, a condition that nothing can meet.
    """

    # Those of its reading operations, beside its list's filters and pages.
    query_parameters: tuple[str, ...] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # What is not there is told by DRF, next.
        if not hasattr(self, (request.method or "").lower()):
            return
        if request.META["QUERY_STRING"]:
            _refuse_others(self, request)
        if request.method not in SAFE and "HTTP_IF_MATCH" in request.META:
            # Nothing that is POSTed to has a version, so the condition is false (RFC 9110, 13.1.1).
            # Told after what would be told without it (13.2.1).
            detail = _(
                "What is POSTed to has no version that If-Match could name. Nothing was done."
            )
            raise Problem(code="precondition_failed", detail=detail)


def known_parameters(view: APIView, method: str) -> frozenset[str]:
    """Name the query parameters that an operation takes."""
    names, _ = _known_to(view, method)
    return names


def _refuse_others(view: APIView, request: Request) -> None:
    """Raise `Problem`, 400, that names unknown parameters, repeated and empty ones, all at once."""
    names, several = _known_to(view, request.method or "")
    errors = queries.wrong_names(
        request.query_params.lists(),
        names,
        several=several,
        untold=(FORMAT,),
        # The browsable API's form sends what was left empty.
        may_be_empty=request.accepted_renderer.format != "json",
    )
    if errors:
        code = queries.code_of(errors)
        detail = errors[0].detail if code == "unknown_parameter" else ""
        raise Problem(code=code, detail=detail, errors=errors)


def _known_to(view: Any, method: str) -> Known:
    return _known(view.__class__, method, getattr(view, "action", None))


@cache
def _known(view_class: Any, method: str, action: str | None) -> Known:
    """Name the parameters of an operation, and those of them that may have several values."""
    if method not in SAFE:
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
