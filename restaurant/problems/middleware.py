"""Errors under `/api/` that no view of DRF's answers, and addresses beside it that are none."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, override
from rest_framework.response import Response

from restaurant.languages import preferred
from restaurant.problems.catalogue import Kind, general, listed
from restaurant.problems.handler import unreadable
from restaurant.problems.problem import MEDIA_TYPE, body
from restaurant.request_ids import request_id
from restaurant.signals import answered

# Of Django's own answer: they say what its page does not.
KEPT = ("Allow", "Retry-After", "WWW-Authenticate")


class ProblemMiddleware:
    """Keeps to the one shape under `/api/` where no view is reached, and refuses some bodies.

    DRF's parsers read the stream past Django's own limit; and a body that does not say how long it
    is would be read as none. Goes first, around all the others.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/api/"):
            return _elsewhere(request, self.get_response(request))
        if _is_endless(request):
            return _answer(request, listed("length_required"))
        if _content_length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return _answer(request, listed("body_too_large"))
        try:
            response = self.get_response(request)
        except SuspiciousOperation as error:
            # Django's page of it, in development, reads the query that cannot be read.
            return _answer(request, listed("bad_request"), error)
        if response.status_code < HTTPStatus.BAD_REQUEST or isinstance(response, Response):
            return response
        if response.get("Content-Type") == MEDIA_TYPE:
            return response
        # Django's pages; in development its traceback, which who accepts no HTML gets as a text.
        answer = _answer(request, general(response.status_code), _why_unreadable(request, response))
        for header in KEPT:
            if header in response:
                answer[header] = response[header]
        return answer


def _elsewhere(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Tell a program of an address that there is not, as of `//api/v1/orders/`; people get a page.

    Whoever takes HTML, too, is taken for a person.
    """
    is_told = response.get("Content-Type") == MEDIA_TYPE
    if response.status_code != HTTPStatus.NOT_FOUND or is_told:
        return response
    if request.accepts("application/json") and not request.accepts("text/html"):
        response = _answer(request, listed("not_found"))
    patch_vary_headers(response, ["Accept"])
    return response


def _answer(
    request: HttpRequest, kind: Kind, error: SuspiciousOperation | None = None
) -> HttpResponse:
    answered.send_robust(ProblemMiddleware, request=request, code=kind.code)
    # Where the middleware of languages was not reached, the thread speaks the one of before.
    accepted = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    with override(preferred(request.COOKIES, accepted)):
        happened = unreadable(error) if error else ""
        members = body(kind, request_id=request_id(request), happened=happened)
        answer = JsonResponse(members, status=kind.status, content_type=MEDIA_TYPE)
        answer["Content-Language"] = get_language()
    answer["Vary"] = "Accept-Language"
    # Said here, since this answer passes none of the other middleware.
    answer["Content-Length"] = str(len(answer.content))
    return answer


def _why_unreadable(request: HttpRequest, response: HttpResponseBase) -> Any:
    """Find out again what Django has refused with a page that does not say it."""
    if response.status_code != HTTPStatus.BAD_REQUEST:
        return None
    try:
        request.get_host()
    except SuspiciousOperation as error:
        return error
    return None


def _is_endless(request: HttpRequest) -> bool:
    """Tell whether there is a body whose length nobody has said (RFC 9112, 6.3; RFC 9113, 8.1)."""
    said = request.META
    if "HTTP_TRANSFER_ENCODING" in said:
        return True
    # HTTP/2 says by no header that a body will come, and ends an empty one with the headers.
    is_told_otherwise = said.get("SERVER_PROTOCOL", "").startswith("HTTP/2")
    return is_told_otherwise and not said.get("CONTENT_LENGTH") and bool(said["wsgi.input"].read(1))


def _content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
