"""What the page's script says. It writes the number, and where they go, for {count} and so on."""

from django.utils.translation import gettext as _


def texts() -> dict[str, str]:
    return {
        "redrive_title": _("Redrive: {count}"),
        "redrive_question": _(
            "What was chosen is sent to {topic} again, as it was, and {service} handles it anew. "
            "If the cause is not mended, it comes back here."
        ),
        "redrive": _("Redrive"),
        "discard_title": _("Discard: {count}"),
        "discard_question": _(
            "What was chosen is given up: {service} will not do what it tells of. "
            "It is kept with your reason, and can be let wait again from its page."
        ),
        "discard": _("Discard"),
        "most": _("No more than {most} at once: the oldest go first."),
        "offline": _("The server does not answer. Nothing may have changed: load the page again."),
        "unanswered": _("The server does not answer in time. Load the page again to see."),
        "failed": _("That did not work. Load the page again."),
    }
