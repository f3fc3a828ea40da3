"""What the pages of the API are called, in the reader's language."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

# Route → title. A test finds the route that has none.
TITLES: Final = {
    "root": _("The restaurant's API"),
    "menu": _("Menu"),
    "availability": _("Take a dish off the menu, or put it back"),
    "orders": _("Orders"),
    "order": _("Order"),
    "order-timeline": _("What happened to an order"),
    "order-events": _("Follow an order"),
    "order-cancel": _("Ask to cancel an order"),
    "ticket-list": _("Tickets"),
    "ticket-detail": _("Ticket"),
    "ticket-start": _("Start a ticket"),
    "ticket-bump": _("Bump a ticket"),
    "ticket-recall": _("Recall a ticket"),
    "ticket-acknowledge": _("Acknowledge a cancelled ticket"),
    "station-list": _("Stations"),
    "station-detail": _("Station"),
    "station-open": _("Open a station"),
    "station-close": _("Close a station"),
    "delivery-list": _("Deliveries"),
    "delivery-detail": _("Delivery"),
    "delivery-picked-up": _("Pick a delivery up"),
    "delivery-delivered": _("Deliver an order"),
    "delivery-failed": _("Tell that an attempt failed"),
    "courier-list": _("Couriers"),
    "courier-detail": _("Courier"),
    "courier-me": _("The courier who asks"),
    "courier-start-shift": _("Start a shift"),
    "courier-end-shift": _("End a shift"),
    "auth-register": _("Make an account"),
    "auth-login": _("Log in"),
    "auth-refresh": _("Renew the tokens"),
    "auth-logout": _("Log out"),
}


def title_of(view: Any) -> str:
    """Give a view's title, for its page and for OPTIONS; DRF's `VIEW_NAME_FUNCTION`."""
    match = view.request.resolver_match
    return str(TITLES.get(match.url_name if match else "", TITLES["root"]))
