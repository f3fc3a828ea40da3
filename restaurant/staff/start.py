"""Where each person starts: on the page they work on."""

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from restaurant.staff import navigation

# Address of a page, and the right that says it is somebody's work. Who has several starts on the
# first, so that a manager who cooks too starts on the dashboard.
STARTS = (
    ("staff:dashboard", "staff.view_dashboard"),
    ("kitchen_board:board", "kitchen.change_ticket"),
    ("delivery_board:board", "delivery.change_delivery"),
    ("admin:orders_order_changelist", "orders.view_order"),
)


def address(request: HttpRequest) -> str | None:
    """Give the address of the page that the user starts on; `None` where they may see none."""
    for name, permission in STARTS:
        if request.user.has_perm(permission) and (url := _served(name)):
            return url
    return next(
        (item["link"] for group in navigation.groups(request) for item in group["items"]), None
    )


def _served(name: str) -> str:
    """Give a page's address; nothing where another process serves it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
