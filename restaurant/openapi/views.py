"""The schema, and the pages that show it: they take no query parameters but their own.

drf-spectacular reads a `version` besides, which here would only be repeated in the answer.
"""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)
from rest_framework.request import Request
from rest_framework.response import Response

from restaurant.api import one_of
from restaurant.live import address
from restaurant.openapi import generated
from restaurant.openapi.generated import Json
from restaurant.parameters import KnownParameters
from restaurant.problems import ParameterError, Problem


class InALanguage(KnownParameters):
    """A view whose labels are in the reader's language, or in that of `?lang=`."""

    query_parameters: tuple[str, ...] = ("lang",)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        known = dict(settings.LANGUAGES)
        if request.query_params.get("lang", next(iter(known))) not in known:
            error = ParameterError("lang", "invalid_choice", one_of(known))
            raise Problem(code="invalid", errors=[error])


class ForBrowsers(OpenApiYamlRenderer):
    """The YAML as a plain text, which a browser shows: what it is asked for is a page."""

    media_type = "text/html"
    charset = "utf-8"
    format = "txt"


class Kept(SchemaGenerator):
    """Gives the schema as it was generated for the first who read it in that language."""

    def get_schema(self, request: Request | None = None, public: bool = False) -> Json:
        return generated.schema(get_language() or settings.LANGUAGE_CODE)


class SchemaView(InALanguage, SpectacularAPIView):
    """As YAML, or as JSON for who asks for it (`Accept`, or `?format=json`)."""

    generator_class = Kept
    # It is the same to all: a token that has run out is no reason to keep it back.
    authentication_classes = []
    renderer_classes = [*SpectacularAPIView.renderer_classes, ForBrowsers]

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(response.accepted_renderer, ForBrowsers):
            response.content_type = "text/plain; charset=utf-8"
        if response.status_code == HTTPStatus.OK:
            response["Content-Language"] = request.query_params.get("lang") or get_language()
        return response


class Page(InALanguage):
    """Has no inline parts, which the content policy refuses."""

    # OPTIONS has nothing to tell of a page, and would be rendered as one.
    metadata_class = None
    url_name = "schema"


class SwaggerPage(Page, SpectacularSwaggerSplitView):
    # The page itself asks for its script so.
    query_parameters = ("lang", "script")
    template_name = "docs/swagger.html"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Show the page, which tries out to follow orders where that is answered."""
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        response.data["live"] = address.origin(request._request)
        return response


class RedocPage(Page, SpectacularRedocView):
    template_name = "docs/redoc.html"
