"""Lists by pages, over HTTP.

    {"next": "https://…/orders/?cursor=…", "previous": null, "results": […]}

The same links are in the header `Link` (RFC 8288), with the first page's.
"""

from hashlib import blake2b
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param

from restaurant.problems import ParameterError, Problem, queries
from restaurant.problems.catalogue import listed
from restaurant.problems.problem import told

# What a cursor without a place decodes to: none of ours is that.
NOWHERE = Cursor(offset=0, reverse=False, position=None)


class NewestFirst(CursorPagination):
    """Pages by cursor: rows that come in meanwhile neither repeat nor hide others."""

    ordering: str | tuple[str, ...] = "-id"
    page_size = 50
    page_size_query_param: str = "page_size"
    max_page_size: int = 200
    # The column that the cursor's place is a value of.
    field: "Field[Any, Any]"
    mark: str

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        ordering: tuple[str, ...] = super().get_ordering(request, queryset, view)
        self.field = queryset.model._meta.get_field(ordering[0].removeprefix("-"))
        # In its cursors, so that none is taken for another list's, or another order's, place.
        named = f"{self.field.model._meta.label}{ordering}".encode()
        self.mark = blake2b(named, digest_size=4).hexdigest()
        return ordering

    def encode_cursor(self, cursor: Cursor) -> str:
        marked: Any = f"{self.mark}:{'' if cursor.position is None else cursor.position}"
        return str(super().encode_cursor(Cursor(cursor.offset, cursor.reverse, marked)))

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Give the cursor that a client sent. Raises `Problem`, 400, for one of no such list."""
        try:
            marked: Cursor | None = super().decode_cursor(request)
        except NotFound:
            raise _bad_cursor() from None
        if marked is None:
            return None
        mark, _colon, position = str(marked.position or "").partition(":")
        place: Any = position or None
        cursor = Cursor(marked.offset, marked.reverse, place)
        if mark != self.mark or not self._leads_somewhere(cursor):
            raise _bad_cursor()
        return cursor

    def _leads_somewhere(self, cursor: Cursor) -> bool:
        """Tell whether a database can look for the cursor's place: anybody can make one up."""
        if cursor.position is None:
            return cursor != NOWHERE
        try:
            self.field.clean(cursor.position, None)
        except ValidationError:
            return False
        return "\0" not in str(cursor.position)

    def get_page_size(self, request: Request) -> int:
        """Give how long pages are. Raises `Problem`, 400, for what is no such number."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        name, most = self.page_size_query_param, self.max_page_size
        if wrong := queries.wrong_number(name, asked, least=1, most=most):
            raise Problem(code="invalid", errors=[wrong])
        return int(asked)

    def link_header(self) -> str:
        """Give the value of `Link`: the pages around this one, and the first."""
        links = {
            "first": remove_query_param(self.base_url or "", self.cursor_query_param),
            "prev": self.get_previous_link(),
            "next": self.get_next_link(),
        }
        return ", ".join(f'<{url}>; rel="{name}"' for name, url in links.items() if url)

    def get_paginated_response(self, data: Any) -> Response:
        response: Response = super().get_paginated_response(data)
        response["Link"] = self.link_header()
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page. DRF's own has words of OpenAPI 3.0, and lets links be missing."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**link, "description": "Where the next page is, if there is one."},
                "previous": {**link, "description": "Where the page before is, if there is one."},
                "results": schema,
            },
        }


def _bad_cursor() -> Problem:
    kind = listed("bad_cursor")
    return Problem(code=kind.code, errors=[ParameterError("cursor", "invalid", told(kind))])
