"""Answers for logins on the staff site that are not looked at."""

import math
from collections.abc import Callable

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from auth_grpc.errors import Throttled, Unavailable


class LoginRefusals:
    """Turns the throttle's refusal into 429, and a full queue of logins into 503."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Throttled):
            return _refusal(request, 429, error.retry_after)
        if isinstance(error, Unavailable):
            return _refusal(request, 503, 1)
        return None


def _refusal(request: HttpRequest, status: int, retry_after: float) -> HttpResponse:
    seconds = max(1, math.ceil(retry_after))
    context = {
        **admin.site.each_context(request),
        "title": _("Not now"),
        "minutes": math.ceil(seconds / 60),
    }
    page = render(request, "auth_grpc/refused.html", context, status=status)
    page["Retry-After"] = str(seconds)
    return page
