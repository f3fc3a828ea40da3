"""What counts as a request that failed."""

import pytest

from restaurant.demo.http import Answer
from tests.compose.load import REFUSED, UNANSWERED, kind_of


@pytest.mark.parametrize(
    ("path", "answer", "kind"),
    [
        ("orders/", Answer(201, {}, None), ""),
        ("orders/", Answer(400, {"code": "unknown_sku"}, None), ""),
        ("orders/", Answer(503, {}, 1.0), REFUSED),
        ("orders/", Answer(503, {"code": "unavailable"}, None), "503 unavailable, orders/"),
        ("orders/?page=2", Answer(500, None, None), "500 500, orders/"),
        ("orders/", Answer(401, {"code": "invalid_token"}, None), "401 invalid token, orders/"),
        ("auth/refresh/", Answer(401, {}, None), "refresh token spent"),
        ("orders/", None, UNANSWERED),
    ],
)
def test_it_tells_refusals_from_failures(path: str, answer: Answer | None, kind: str):
    assert kind_of(path, answer) == kind
