"""A dish's prices over time, as a line and as a list."""

import json
from dataclasses import dataclass
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from orders.models import MenuItem, PriceChange

# So many of the newest are listed and drawn.
MOST = 50


@dataclass(frozen=True)
class History:
    rows: list[PriceChange]
    # For Unfold's chart, of the dish's own price; empty when there is no line to draw.
    chart: str


def history_of(item_id: str) -> History | None:
    """Give an item's price history, newest first; None when there is no such item."""
    if not item_id.isascii() or not item_id.isdigit() or len(item_id) > 18:
        return None
    item = MenuItem.objects.filter(pk=item_id).only("sku", "price").first()
    if item is None:
        return None
    rows = list(PriceChange.objects.filter(item_sku=item.sku)[:MOST])
    return History(rows, _chart([row for row in reversed(rows) if not row.option_sku]))


def _chart(rows: list[PriceChange]) -> str:
    steps = [row for row in rows if row.new is not None]
    if len(steps) < 2:
        return ""
    labels = [formats.date_format(timezone.localtime(row.at), "SHORT_DATE_FORMAT") for row in steps]
    line: dict[str, Any] = {
        "label": _("Price"),
        "data": [float(row.new) for row in steps if row.new is not None],
        "borderColor": "var(--color-primary-600)",
        "stepped": True,
    }
    return json.dumps({"labels": labels, "datasets": [line]})
