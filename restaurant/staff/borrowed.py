"""Texts of libraries that lack a translation, or whose translation is wrong.

Nothing reads this list: `makemessages` does, so that the catalogue has them, and a test holds that
the libraries still say so. Django's Russian takes every name for a masculine one in the accusative.
"""

from django.utils.translation import gettext_noop as _

UNFOLD = (
    _("After you've created a user, you’ll be able to edit more user options."),  # noqa: RUF001 - theirs
    _("All applications"),
    _("Apply Filters"),
    _("Choose file to upload"),
    _("Clear all filters"),
    _("Clear selection"),
    _("Click here to select the objects across all pages"),
    _("Click to cancel"),
    _("Click to download"),
    _("Dark"),
    _("Date"),
    _("Date from"),
    _("Date to"),
    _("Expand row"),
    _("False"),
    _("Filter navigation items"),
    _("Forgotten your password or username?"),
    _("From"),
    _("Go back"),
    _("Image preview"),
    _("Light"),
    _("Loading more results..."),
    _("More actions"),
    _("Next"),
    _("No data"),
    _("No recent searches"),
    _("No results found"),
    _("No results matching your query"),
    _("Objects"),
    _("Previous"),
    _(
        "Raw passwords are not stored, so there is no way to see this "
        "user’s password, but you can change the password using "  # noqa: RUF001 - theirs
        '<a href="{}" class="text-primary-600 dark:text-primary-500">this form</a>.'
    ),
    _("Recent searches"),
    _("Record picture"),
    _("Reset filters"),
    _("Return to site"),
    _("Run"),
    _("Save and view"),
    _("Search apps and models..."),
    _("Select action"),
    _("Select action to run"),
    _("Select all rows"),
    _("Select record"),
    _("Select value"),
    _("Submit"),
    _("System"),
    _("This item will be deleted."),
    _("This page yielded into no results. Create a new item or reset your filters."),
    _("To"),
    _("Toggle password visibility"),
    _("True"),
    _("Type to search"),
    _("Value"),
    _("Welcome back to"),
    _("You have been successfully logged out from the administration"),
)
CELERY_BEAT = (
    _("Arguments"),
    _("Astronomical dawn"),
    _("Astronomical dusk"),
    _("Civil dawn"),
    _("Civil dusk"),
    _(
        'Cron Days Of The Week to Run. Use "*" for "all", Sunday is 0 or 7, Monday is 1. '
        '(Example: "0,5")'
    ),
    _('Cron Months (1-12) Of The Year to Run. Use "*" for "all". (Example: "1,12")'),
    _("Exchange"),
    _("Execution Options"),
    _("Expires timedelta with seconds"),
    _("Nautical dawn"),
    _("Nautical dusk"),
    _("Only one can be set, in expires and expire_seconds"),
    _("Override Exchange for low-level AMQP routing"),
    _("Override Routing Key for low-level AMQP routing"),
    _("Periodic Tasks Using This Schedule"),
    _("Schedule"),
    _("Solar noon"),
    _("Sunrise"),
    _("Sunset"),
    _("Timedelta with seconds which the schedule will no longer trigger the task to run"),
)
DJANGO = (
    _("%(name)s with ID “%(key)s” doesn’t exist. Perhaps it was deleted?"),  # noqa: RUF001 - theirs
    _("Add %s"),
    _("Added {name} “{object}”."),
    _(
        'Are you sure you want to delete the %(object_name)s "%(escaped_object)s"? All of the '
        "following related items will be deleted:"
    ),
    _(
        "Are you sure you want to delete the selected %(objects_name)s? All of the following "
        "objects and their related items will be deleted:"
    ),
    _("Cannot delete %(name)s"),
    _("Change %s"),
    _("Changed {fields} for {name} “{object}”."),
    _("Delete selected %(verbose_name_plural)s"),
    _("Deleted {name} “{object}”."),
    _("Select %s"),
    _("Select %s to change"),
    _("Select %s to view"),
    _("The %(name)s “%(obj)s” was deleted successfully."),
    _("The {name} “{obj}” was added successfully."),
    _("The {name} “{obj}” was added successfully. You may add another {name} below."),
    _("The {name} “{obj}” was changed successfully."),
    _("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    _("The {name} “{obj}” was changed successfully. You may edit it again below."),
    _("View %s"),
)
# Names of rights, which stand in rows, beside those that Django makes.
RIGHTS = (
    _("Can 86 a dish and put it back"),
    _("Can bring deliveries, and see those that are theirs"),
    _("Can end sessions, send password links and deactivate"),
    _("Can look customers up: e-mail, name, since when"),
    _("Can search and export the audit trail"),
    _("Can see the dashboard and export its figures"),
    _("Can see the pipeline's health"),
    _("Can take away a second factor"),
)
