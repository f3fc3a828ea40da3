"""What deleting a row does, said before it is done: by the model's label."""

from django.utils.translation import gettext_lazy as _

USUAL = _("It is gone for good: this cannot be undone.")
WHAT = {
    "auth.Group": _("Its members lose its rights at once, on every page. They stay users."),
    "auth_grpc.User": _(
        "The account, its sessions and its saved filters are gone for good. The orders stay,"
        " without a name. To keep who did what, deactivate it instead."
    ),
    "auth_grpc.LoginCount": _("The account or address may try to log in again at once."),
    "orders.Category": _("It leaves the menu at once, with all its dishes. Past orders keep them."),
    "orders.MenuItem": _("It leaves the menu at once, with its options. Past orders keep it."),
    "orders.OptionGroup": _("It leaves the menu at once, with its options. Past orders keep them."),
    "orders.Option": _("It leaves the menu at once. Past orders keep it."),
    "kitchen.Station": _(
        "Orders with a dish of this station are rejected from now on. To have a break, close it"
        " instead."
    ),
    "django_celery_beat.PeriodicTask": _("It runs no more, from the next turn on."),
}
