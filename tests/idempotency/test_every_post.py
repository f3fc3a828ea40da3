"""Every request that changes something takes an Idempotency-Key."""

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from restaurant.idempotency.schema import REPLAYED

pytestmark = pytest.mark.once
CHANGES = ("post", "put", "patch", "delete")


def operations() -> Iterator[dict[str, Any]]:
    schema = APIClient().get("/api/schema/", headers={"Accept": "application/json"}).json()
    for methods in schema["paths"].values():
        yield from (methods[method] for method in CHANGES if method in methods)


def test_each_takes_a_key_and_says_what_becomes_of_it():
    found = {operation["operationId"]: operation for operation in operations()}
    assert "auth_logout" in found
    for name, operation in found.items():
        keys = [p for p in operation["parameters"] if p["name"] == "Idempotency-Key"]
        assert [key["in"] for key in keys] == ["header"], name
        assert not keys[0].get("required"), name
        answers = operation["responses"]
        assert {"400", "409", "422"} <= answers.keys(), name
        good = [status for status in answers if status.startswith("2")]
        assert all(REPLAYED in answers[status]["headers"] for status in good), name
