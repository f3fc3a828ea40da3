"""Why a list has no rows yet, and what to do: said by the list (its label) where more is known."""

from django.utils.translation import gettext_lazy as _

USUAL = _("Rows appear here by themselves as the restaurant works.")
WHY = {
    "orders.Order": _("An order appears here as soon as a customer places it."),
    "orders.MenuItem": _(
        "Import the menu, or add its first dish. Until then nothing can be ordered."
    ),
    "orders.Category": _("Categories come with the menu's import, or are added here."),
    "orders.DeadLetter": _("All is well: every message could be handled."),
    "kitchen.Ticket": _("A ticket appears here as soon as an order reaches the kitchen."),
    "kitchen.KitchenOrder": _("An order appears here as soon as it reaches the kitchen."),
    "kitchen.Station": _(
        "Add the places where dishes are cooked, by the codes that the menu names."
    ),
    "kitchen.DeadLetter": _("All is well: every message could be handled."),
    "delivery.Delivery": _("A delivery appears here as soon as an order is cooked."),
    "delivery.Courier": _("Add the people who drive, and start their shift on the dispatch board."),
    "delivery.DeadLetter": _("All is well: every message could be handled."),
    "auth_grpc.Session": _("A session appears here when somebody logs in by the API."),
    "auth_grpc.LoginCount": _("All is well: nobody has failed to log in lately."),
}
