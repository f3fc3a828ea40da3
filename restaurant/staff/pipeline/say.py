"""What is said of a pile that is not fine, and what to do next."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from restaurant.staff.pipeline.piles import Pile
from restaurant.staff.pipeline.troubles import Trouble


def outbox(service: str, pile: Pile) -> Trouble:
    told = {"service": service, "count": pile.shown, "oldest": pile.oldest}
    return Trouble(
        pile.level,
        ngettext(
            "%(count)s message waits in the outbox of %(service)s for %(oldest)s.",
            "%(count)s messages wait in the outbox of %(service)s, the first for %(oldest)s.",
            pile.count,
        )
        % told,
        _("See whether Kafka answers and the process of %(service)s runs: it sends them.") % told,
        pile.url,
    )


def timers(service: str, pile: Pile) -> Trouble:
    told = {"service": service, "count": pile.late, "oldest": pile.oldest}
    return Trouble(
        pile.level,
        ngettext(
            "%(count)d timer of %(service)s is late by %(oldest)s.",
            "%(count)d timers of %(service)s are late, the first by %(oldest)s.",
            pile.late,
        )
        % told,
        _("See whether the process of %(service)s runs, and what its log says.") % told,
        pile.url,
        command=f"manage.py run_{service}",
    )


def letters(service: str, pile: Pile) -> Trouble:
    told = {"service": service, "count": pile.shown}
    return Trouble(
        pile.level,
        ngettext(
            "%(count)s message could not be handled by %(service)s.",
            "%(count)s messages could not be handled by %(service)s.",
            pile.count,
        )
        % told,
        _("Read why, mend the cause, and redrive them; or discard them."),
        pile.url,
    )


def overdue(service: str, pile: Pile) -> Trouble:
    told = {"count": pile.shown, "oldest": pile.oldest}
    return Trouble(
        pile.level,
        ngettext(
            "%(count)s order does not get on, since %(oldest)s.",
            "%(count)s orders do not get on, the first since %(oldest)s.",
            pile.count,
        )
        % told,
        _("Each says in the list what it waits for."),
        pile.url,
    )
