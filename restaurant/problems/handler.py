"""What DRF's views raise, as answers."""

import math
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from restaurant.connections import close_after
from restaurant.messaging.retry import passes
from restaurant.methods import SAFE
from restaurant.problems.catalogue import CATALOGUE, Kind, general, listed
from restaurant.problems.parts import OF_LIBRARIES
from restaurant.problems.problem import MEDIA_TYPE, Error, FieldError, ParameterError, Problem, body
from restaurant.request_ids import request_id

log = structlog.get_logger()
CHALLENGE = 'Bearer realm="api"'
RETRY_SECONDS = 2


class ProblemResponse(Response):
    """A problem as JSON with its media type; the browsable API shows a page of it.

    Whatever else the view may answer with, as a schema or a page of its own.
    """

    @property
    def rendered_content(self) -> bytes:  # type: ignore[override]
        is_page = isinstance(self.accepted_renderer, BrowsableAPIRenderer)
        if not is_page and self.accepted_renderer.media_type != JSONRenderer.media_type:
            self.accepted_renderer = JSONRenderer()
            self.accepted_media_type = JSONRenderer.media_type
        content: bytes = super().rendered_content
        if not is_page:
            self["Content-Type"] = MEDIA_TYPE
        return content


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer an exception of a DRF view; those that are no answer (bugs) become Django's 500."""
    known = _api_exception(error)
    if known is None:
        return None
    set_rollback()
    kind = _kind(known)
    members = body(
        kind,
        request_id=request_id(context["request"]),
        happened=_happened(known),
        errors=_errors(known, context["request"]),
    )
    return ProblemResponse(members, kind.status, headers=_headers(known, kind))


def _api_exception(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return Problem(code="not_found")
    if isinstance(error, PermissionDenied):
        return Problem(code="permission_denied")
    if isinstance(error, RequestDataTooBig):
        return Problem(code="body_too_large")
    if isinstance(error, SuspiciousOperation):
        return Problem(code="bad_request", detail=unreadable(error))
    if passes(error):
        return _away(error)
    return None


def _away(error: Exception) -> Problem:
    """Tell of a database that does not answer, or takes no writes now."""
    log.warning("database_away", reason=str(error).partition("\n")[0])
    close_after(error)
    return Problem(code="unavailable", retry_after=RETRY_SECONDS)


def unreadable(error: SuspiciousOperation) -> str:
    """Say what of a request cannot be read, where more is known than that."""
    if isinstance(error, DisallowedHost):
        return _("This server does not go by the name that Host gives.")
    if isinstance(error, TooManyFieldsSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        return _("There are more than %(count)d query parameters.") % {"count": most}
    return ""


def _kind(error: exceptions.APIException) -> Kind:
    if isinstance(error, Problem):
        return error.kind
    if isinstance(error, exceptions.ValidationError):
        return listed("invalid")
    if isinstance(error, exceptions.ParseError):
        return listed("malformed")
    # A library's: told by our own words for its status.
    return CATALOGUE.get(getattr(error.detail, "code", "")) or general(error.status_code)


def _headers(error: exceptions.APIException, kind: Kind) -> dict[str, str]:
    headers = dict(getattr(error, "headers", {}))
    if kind.status == HTTPStatus.UNAUTHORIZED:
        # Always named (RFC 9110, 15.5.2), by views too that ask for no token themselves.
        headers["WWW-Authenticate"] = getattr(error, "auth_header", None) or CHALLENGE
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, math.ceil(wait)))
    return headers


def _happened(error: exceptions.APIException) -> str:
    return "" if isinstance(error, exceptions.ValidationError) else str(error.detail)


def _errors(error: exceptions.APIException, request: Request) -> list[Error]:
    if not isinstance(error, exceptions.ValidationError):
        return list(getattr(error, "errors", ()))
    # A library may tell the same in two ways.
    found = {(part.pointer, part.code): part for part in _flatten(error.detail, "")}.values()
    if request.method not in SAFE:
        return list(found)
    # Nothing is sent along with what is read, but in the address.
    return [ParameterError(part.pointer.lstrip("/"), part.code, part.detail) for part in found]


def _flatten(detail: Any, pointer: str) -> Iterator[FieldError]:
    """Walk DRF's nested details: dicts and lists of them by place, lists of texts as messages."""
    if isinstance(detail, Mapping):
        for name, part in detail.items():
            yield from _flatten(part, pointer if _is_whole(name) else _join(pointer, name))
    elif isinstance(detail, str):
        code = str(getattr(detail, "code", "invalid"))
        yield FieldError(pointer, OF_LIBRARIES.get(code, code), str(detail))
    else:
        for position, part in enumerate(detail):
            yield from _flatten(
                part, pointer if isinstance(part, str) else _join(pointer, position)
            )


def _is_whole(name: Any) -> bool:
    return bool(name == api_settings.NON_FIELD_ERRORS_KEY)


def _join(pointer: str, name: object) -> str:
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"
