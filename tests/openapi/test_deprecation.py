"""What is deprecated says so: with each answer, and in the schema."""

from datetime import date
from types import ModuleType
from typing import Any

import pytest
from django.test import Client
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from restaurant.openapi.deprecation import Deprecated, Notice

pytestmark = pytest.mark.once


class OldView(Deprecated, APIView):
    """Gives a page, or refuses."""

    authentication_classes = []
    permission_classes = [AllowAny]
    deprecation = Notice(since=date(2027, 1, 1), sunset=date(2027, 7, 1), link="/docs/v2/")

    @extend_schema(operation_id="old", responses={200: None})
    def get(self, request: Request) -> Response:
        """Read what is old.

        As it was.
        """
        return Response({}, headers={"Link": '</next>; rel="next"'})


class NewView(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(operation_id="new", responses={200: None})
    def get(self, request: Request) -> Response:
        """Read what is new.

        As it is.
        """
        return Response({})


urls = ModuleType("tests.deprecation_urls")
urls.urlpatterns = [  # type: ignore[attr-defined]
    path("api/v1/old/", OldView.as_view()),
    path("api/v1/new/", NewView.as_view()),
]


@pytest.fixture
def client(settings: Any) -> Client:
    settings.ROOT_URLCONF = urls
    return Client()


def test_it_says_since_when_until_when_and_where_to_read_on(client: Client) -> None:
    answer = client.get("/api/v1/old/")
    # RFC 9745: a date of structured fields; RFC 8594: an HTTP date.
    assert answer["Deprecation"] == "@1798761600"
    assert answer["Sunset"] == "Thu, 01 Jul 2027 00:00:00 GMT"
    assert '</docs/v2/>; rel="deprecation"; type="text/html"' in answer["Link"]


def test_a_page_keeps_its_own_links(client: Client) -> None:
    assert client.get("/api/v1/old/")["Link"].startswith('</next>; rel="next", ')


def test_it_says_so_to_whom_it_refuses_too(client: Client) -> None:
    answer = client.post("/api/v1/old/")
    assert answer.status_code == 405
    assert answer["Deprecation"]


def test_what_is_not_deprecated_says_nothing(client: Client) -> None:
    answer = client.get("/api/v1/new/")
    assert not {"Deprecation", "Sunset", "Link"} & set(answer.headers)


def test_the_schema_marks_it() -> None:
    patterns = urls.urlpatterns
    paths = SchemaGenerator(patterns=patterns).get_schema(request=None, public=True)["paths"]
    assert paths["/api/v1/old/"]["get"]["deprecated"] is True
    assert "deprecated" not in paths["/api/v1/new/"]["get"]


def test_an_end_that_is_not_known_is_not_told() -> None:
    assert "Sunset" not in Notice(since=date(2027, 1, 1), link="/docs/v2/").headers()


def test_nothing_goes_before_it_is_deprecated() -> None:
    with pytest.raises(ValueError, match="is before"):
        Notice(since=date(2027, 1, 2), sunset=date(2027, 1, 1), link="/docs/v2/")
