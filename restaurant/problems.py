"""One shape for every error of the API: RFC 9457 problem details.

    {"type": "/problems/unknown_sku", "title": "Bad Request", "status": 400, "code": "unknown_sku",
     "detail": "…", "errors": [{"pointer": "/lines/0/sku", "code": "unknown_sku", "detail": "…"}],
     "request_id": "…"}

`errors` stands there only when parts of the body are to blame; its pointers are RFC 6901's.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from restaurant.request_ids import request_id
from restaurant.signals import answered

MEDIA_TYPE = "application/problem+json"
CHALLENGE = 'Bearer realm="api"'


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one part of the body; `pointer` is a JSON pointer such as `/lines/0`."""

    pointer: str
    code: str
    detail: str


class Problem(exceptions.APIException):
    """An error to answer with; raise it anywhere under a view.

    `code` is for programs and stays the same for ever, `detail` is for people. `retry_after`, in
    seconds, becomes the header of that name.
    """

    def __init__(
        self,
        *,
        status: int,
        code: str,
        detail: str = "",
        errors: Sequence[FieldError] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail or HTTPStatus(status).phrase, code)
        self.status_code = status
        self.code = code
        self.errors = tuple(errors)
        self.wait = retry_after


class ProblemResponse(Response):
    """A problem as DRF renders it, with its media type; the browsable API shows a page of it."""

    @property
    def rendered_content(self) -> bytes:  # type: ignore[override]
        content: bytes = super().rendered_content
        if self.get("Content-Type", "").startswith("application/json"):
            self["Content-Type"] = MEDIA_TYPE
        return content


class ProblemMiddleware:
    """Keeps to the one shape under `/api/` where no view is reached, and refuses big bodies.

    DRF's parsers read the stream past Django's own limit. Goes first, around all the others.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        if _content_length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return _answer(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large")
        response = self.get_response(request)
        if response.status_code < 400 or isinstance(response, (Response, JsonResponse)):
            return response
        if not response.get("Content-Type", "").startswith("text/html"):
            return response
        return _answer(request, HTTPStatus(response.status_code))


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer an exception of a DRF view; those that are no answer (bugs) become Django's 500."""
    known = _api_exception(error)
    if known is None:
        return None
    set_rollback()
    body = _body(
        context["request"],
        status=known.status_code,
        code=_code(known),
        detail=_detail(known),
        errors=_errors(known),
    )
    return ProblemResponse(body, known.status_code, headers=_headers(known))


def documented(*statuses: int) -> dict[Any, OpenApiResponse]:
    """Give the `responses` of drf-spectacular for the problems that a view answers with."""
    return {
        (status, MEDIA_TYPE): OpenApiResponse(SCHEMA, HTTPStatus(status).phrase)
        for status in statuses
    }


_TEXT = {"type": "string"}
_FIELD_ERROR = {"pointer": _TEXT, "code": _TEXT, "detail": _TEXT}
SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        **dict.fromkeys(("type", "title", "code", "detail", "request_id"), _TEXT),
        "status": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": _FIELD_ERROR,
                "required": list(_FIELD_ERROR),
            },
        },
    },
}


def _api_exception(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        return Problem(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, code="body_too_large")
    if isinstance(error, SuspiciousOperation):
        return Problem(status=HTTPStatus.BAD_REQUEST, code="bad_request")
    return None


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        # Always named (RFC 9110, 15.5.2), by views too that ask for no token themselves.
        headers["WWW-Authenticate"] = getattr(error, "auth_header", None) or CHALLENGE
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, math.ceil(wait)))
    return headers


def _code(error: exceptions.APIException) -> str:
    if isinstance(error, exceptions.ValidationError):
        return "invalid"
    return str(getattr(error.detail, "code", error.default_code))


def _detail(error: exceptions.APIException) -> str:
    if isinstance(error, exceptions.ValidationError):
        return _("Some of what was sent is not valid.")
    return str(error.detail)


def _errors(error: exceptions.APIException) -> list[FieldError]:
    if isinstance(error, exceptions.ValidationError):
        return list(_flatten(error.detail, ""))
    return list(getattr(error, "errors", ()))


def _flatten(detail: Any, pointer: str) -> Iterator[FieldError]:
    """Walk DRF's nested details: dicts and lists of them by place, lists of texts as messages."""
    if isinstance(detail, Mapping):
        for name, part in detail.items():
            yield from _flatten(part, pointer if _is_whole(name) else _join(pointer, name))
    elif isinstance(detail, str):
        yield FieldError(pointer, str(getattr(detail, "code", "invalid")), str(detail))
    else:
        for position, part in enumerate(detail):
            yield from _flatten(
                part, pointer if isinstance(part, str) else _join(pointer, position)
            )


def _is_whole(name: Any) -> bool:
    return bool(name == api_settings.NON_FIELD_ERRORS_KEY)


def _join(pointer: str, name: object) -> str:
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


def _body(
    request: Any,
    *,
    status: int,
    code: str,
    detail: str,
    errors: Iterable[FieldError] = (),
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "code": code,
        "detail": detail,
    }
    if found := [asdict(error) for error in errors]:
        body["errors"] = found
    body["request_id"] = request_id(request)
    return body


def _answer(request: HttpRequest, status: HTTPStatus, code: str = "") -> HttpResponse:
    code = code or status.phrase.lower().replace(" ", "_")
    body = _body(request, status=status, code=code, detail=status.description or status.phrase)
    answered.send_robust(ProblemMiddleware, request=request, code=code)
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)


def _content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
