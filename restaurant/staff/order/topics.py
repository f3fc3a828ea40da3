"""Who says what to whom about an order, and how a person would put it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from restaurant.messaging.contracts import DEAD_LETTER_SUFFIX


class Topic(NamedTuple):
    """Who publishes it, who reads it, and what it means."""

    source: str
    readers: tuple[str, ...]
    title: Promise
    # Material symbol.
    icon: str


# The workers declare the readers; importing them would bring Kafka's client into a web process.
# A test holds both alike.
TOPICS: Mapping[str, Topic] = {
    "order_created": Topic("orders", ("kitchen",), gettext_lazy("Order placed"), "shopping_bag"),
    "order_cancel_requested": Topic(
        "orders", ("kitchen",), gettext_lazy("Cancel asked for"), "contact_support"
    ),
    "order_accepted": Topic("kitchen", ("orders",), gettext_lazy("Accepted"), "check"),
    "order_rejected": Topic("kitchen", ("orders",), gettext_lazy("Rejected"), "block"),
    "order_cooking": Topic("kitchen", ("orders",), gettext_lazy("Cooking"), "skillet"),
    "order_cooked": Topic(
        "kitchen", ("orders", "delivery"), gettext_lazy("Cooked"), "room_service"
    ),
    "order_cancelled": Topic("kitchen", ("orders",), gettext_lazy("Cancelled"), "cancel"),
    "order_cancel_rejected": Topic(
        "kitchen", ("orders",), gettext_lazy("Cancel refused"), "do_not_disturb_on"
    ),
    "order_dispatched": Topic(
        "delivery", ("orders",), gettext_lazy("On the road"), "directions_bike"
    ),
    "order_delivered": Topic("delivery", ("orders",), gettext_lazy("Delivered"), "home"),
    "order_delivery_failed": Topic(
        "delivery", ("orders",), gettext_lazy("Delivery failed"), "wrong_location"
    ),
}
SERVICES = {
    "orders": gettext_lazy("Orders"),
    "kitchen": gettext_lazy("Kitchen"),
    "delivery": gettext_lazy("Delivery"),
}

ICONS = {"orders": "receipt_long", "kitchen": "skillet", "delivery": "local_shipping"}


def is_told(topic: str) -> bool:
    """Tell whether it is an event of the journey, not a copy for those who watch dead letters."""
    return not topic.endswith(DEAD_LETTER_SUFFIX)


def topic(name: str) -> Topic:
    """Give what is known of a topic; one that is new here has no readers."""
    return TOPICS.get(name) or Topic("", (), gettext_lazy("Event"), "mail")


def told(detail: Mapping[str, Any]) -> str:
    """Say what the timeline tells of an event beside its name."""
    parts = [
        detail.get("courier") and _("with %(courier)s") % detail,
        detail.get("station") and _("at %(station)s") % detail,
        # Of a refusal the reason names them.
        not detail.get("reason") and ", ".join(detail.get("stations", ())),
        detail.get("attempt", 1) != 1 and _("try %(attempt)s") % detail,
        detail.get("reason") and _("“%(reason)s”") % detail,
    ]
    return " · ".join(part for part in parts if part)
