"""Answers for logins on the staff site that are not looked at."""

import math
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

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
    page = render(
        request, "auth_grpc/refused.html", {"minutes": math.ceil(seconds / 60)}, status=status
    )
    page["Retry-After"] = str(seconds)
    return page
