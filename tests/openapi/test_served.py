"""The schema as it is served: to programs by its media types, to a browser as a text."""

import json
from typing import Any

import pytest
import yaml
from rest_framework.test import APIClient

pytestmark = pytest.mark.once
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


def get(accept: str) -> Any:
    answer = APIClient().get("/api/schema/", headers={"Accept": accept})
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize("accept", [BROWSER, "text/html"])
def test_a_browser_shows_it(accept: str) -> None:
    answer = get(accept)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "Accept" in answer["Vary"]
    assert yaml.safe_load(answer.content) == yaml.safe_load(get("*/*").content)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/vnd.oai.openapi"),
        ("application/vnd.oai.openapi", "application/vnd.oai.openapi"),
        ("application/yaml", "application/yaml"),
        ("application/json", "application/json"),
        ("application/vnd.oai.openapi+json", "application/vnd.oai.openapi+json"),
    ],
)
def test_a_program_gets_it_by_its_media_type(accept: str, kind: str) -> None:
    answer = get(accept)
    assert answer["Content-Type"].partition(";")[0] == kind
    read = json.loads if kind.endswith("json") else yaml.safe_load
    assert read(answer.content)["info"]["title"] == "Restaurant"


def test_it_is_generated_once_for_each_language() -> None:
    def told(language: str, **headers: str) -> Any:
        return APIClient().get("/api/schema/", {"lang": language}, headers=headers).data

    english, russian = told("en"), told("ru")
    assert english != russian
    # The very same, in whichever form and from whichever host it is asked for.
    assert told("en", Accept="application/json") is english
    assert told("ru", Host="127.0.0.1:8000") is russian


def test_a_token_that_has_run_out_is_no_reason_to_keep_it_back() -> None:
    answer = APIClient().get("/api/schema/", headers={"Authorization": "Bearer not-a-token"})
    assert answer.status_code == 200
