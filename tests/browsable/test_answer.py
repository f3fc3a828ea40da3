"""JSON as HTML: the same JSON, and nothing that a text could break out of."""

import html
import json
import re
from decimal import Decimal
from typing import Any

import pytest

from restaurant.browsable.answer import draw, leads_of

pytestmark = pytest.mark.once
ODD = "</pre><script>alert(1)</script>&\"'\n\u2028\u202e"


def read(drawn: str) -> Any:
    return json.loads(html.unescape(re.sub(r"</?(span|a)[^>]*>", "", drawn)))


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, None, True], "b": {}, "c": [], "d": {"e": [[]]}},
        [{"id": 1}],
        "text",
        None,
        {ODD: ODD, "next": f"https://example.org/{ODD}"},
    ],
)
def test_it_is_the_same_json(value: Any) -> None:
    assert read(draw(value, leads_of("/x/"))) == value


def test_no_text_becomes_a_tag() -> None:
    drawn = draw({ODD: ODD, "id": ODD, "next": f"https://{ODD}"}, leads_of("/x/"))
    assert set(re.findall(r"<(\w+)", drawn)) == {"span", "a"}
    assert "href" not in draw({"next": "javascript:alert(1)"}, leads_of(""))


def test_decimals_stand_there_as_text() -> None:
    assert read(draw({"price": Decimal("1.20")}, leads_of(""))) == {"price": "1.20"}


def test_ids_lead_to_what_they_name() -> None:
    order = "01977777-7777-7777-8777-777777777777"
    drawn = draw({"results": [{"id": 7, "order_id": order}]}, leads_of("/api/v1/kitchen/tickets/"))
    assert 'href="/api/v1/kitchen/tickets/7/"' in drawn
    assert f'href="/api/v1/orders/{order}/"' in drawn
    # An order's lines have no pages.
    assert "href" not in draw({"id": 7, "name": "next"}, leads_of(""))
