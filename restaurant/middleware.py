"""Django's middleware for people, which lets API clients pass.

A request to the API with a bearer token brings no cookie, form or page. What sessions, forms and
messages would cost it is about as much as reading an order from the cache does, so it skips them.
"""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin

from restaurant.languages import preferred
from restaurant.methods import SAFE


def has_token(request: HttpRequest) -> bool:
    """Tell whether an API client's token says who it is, so that no cookie is asked."""
    return request.path_info.startswith("/api/") and request.META.get(
        "HTTP_AUTHORIZATION", ""
    ).startswith("Bearer ")


class _ForPeople(MiddlewareMixin):
    def __call__(self, request: HttpRequest) -> Any:
        if has_token(request):
            return self.get_response(request)
        return super().__call__(request)


class Sessions(_ForPeople, SessionMiddleware):
    pass


class Addresses(CommonMiddleware):
    """Leads to the address with a slash at its end; but no body is lost on the way.

    What has no content says nothing of it (RFC 9110, 8.6).
    """

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        response = super().process_response(request, response)
        if response.status_code == HTTPStatus.NO_CONTENT:
            for header in ("Content-Length", "Content-Type"):
                response.headers.pop(header, None)
        return response

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        if request.method not in SAFE and request.path_info.startswith("/api/"):
            return False
        return bool(super().should_redirect_with_slash(request))


class Forgery(_ForPeople, CsrfViewMiddleware):
    pass


class Authentication(_ForPeople, AuthenticationMiddleware):
    pass


class Messages(_ForPeople, MessageMiddleware):
    pass


class Frames(_ForPeople, XFrameOptionsMiddleware):
    pass


class Languages(LocaleMiddleware):
    """The language of who asks is that of their `Accept-Language`, or of the site's cookie.

    An API client without the header is not looked at further. An answer names its language where
    it has one (RFC 9110, 8.5): the menu is the same to all.
    """

    def process_request(self, request: HttpRequest) -> None:
        # Activated each time: the thread may have served somebody of another language before.
        translation.activate(_language(request))
        request.LANGUAGE_CODE = translation.get_language()

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        if not _is_told(request, response):
            return response
        return super().process_response(request, response)


def _language(request: HttpRequest) -> str:
    accepted = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    if not accepted and has_token(request):
        return str(settings.LANGUAGE_CODE)
    return preferred(request.COOKIES, accepted)


def _is_told(request: HttpRequest, response: Any) -> bool:
    """Tell whether an answer says something in words: a page, an error, or what OPTIONS has."""
    if not request.path_info.startswith(("/api/", settings.MEDIA_URL)):
        return True
    is_error = response.status_code >= HTTPStatus.BAD_REQUEST
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    has_said = "Content-Language" in response.headers
    return bool(is_error or is_page or has_said or request.method == "OPTIONS")
