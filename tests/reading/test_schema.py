"""The schema tells of the headers that are sent, and of no others."""

import pytest

from tests.openapi.schema import operations
from tests.reading.routes import everybody

LISTS = ["orders", "kitchen/tickets", "kitchen/stations", "delivery/deliveries", "menu"]


@pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
@pytest.mark.parametrize("name", LISTS)
def test_it_tells_of_tags_and_links(name: str) -> None:
    (told,) = (
        found.told
        for found in operations()
        if (found.path, found.method) == (f"/api/v1/{name}/", "get")
    )
    answer = everybody().get(f"/api/v1/{name}/")
    assert answer.status_code == 200
    named = set(told["responses"]["200"]["headers"])
    assert named & {"ETag", "Link"} == {"ETag", "Link"} & set(answer.headers)
    assert ("304" in told["responses"]) == ("ETag" in answer)
    assert "If-None-Match" in {parameter["name"] for parameter in told["parameters"]}


def test_it_tells_of_none_that_a_stream_does_not_have() -> None:
    (told,) = (found.told for found in operations() if found.path.endswith("/events/"))
    assert "304" not in told["responses"]
    assert "ETag" not in told["responses"]["200"].get("headers", {})
