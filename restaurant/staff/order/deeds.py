"""What somebody may do to an order, and whether they may do it now."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from restaurant.staff.books import PIPELINE
from restaurant.staff.order import acts, limits
from restaurant.staff.order.case import Asked, Case
from restaurant.staff.order.forms import AssignForm, CancelForm, WhyForm
from restaurant.staff.order.rights import needed_for


@dataclass(frozen=True, kw_only=True)
class Deed:
    """A change to an order. `do` gives what was done, in words, or raises `Refused`."""

    name: str
    title: Promise
    # What will happen, said in the dialog.
    question: Promise
    permission: str
    # The part of the page that it belongs to: who may not see that is not shown the deed.
    part: str = ""
    why_not: Callable[[Case], str]
    do: Callable[[Case, Asked], str]
    form: type[WhyForm] = WhyForm
    icon: str

    def refusal(self, case: Case) -> str:
        """Say why this reader cannot do it now; nothing when they can."""
        if not case.dossier.rights.may(self.permission):
            return needed_for(self.permission)
        return self.why_not(case)


@dataclass(frozen=True)
class Button:
    """A deed as the page offers it; `why_not` is empty when it can be pressed."""

    deed: Deed
    title: str
    url: str
    why_not: str


def button(name: str, case: Case, title: str = "") -> Button:
    """Give the button of a deed to a part of an order."""
    deed = DEEDS[name]
    number = case.dossier.order.pk
    url = reverse("staff:order_press", args=[number, name, case.target or "-"])
    return Button(deed, title or str(deed.title), url, deed.refusal(case))


DEEDS = {
    deed.name: deed
    for deed in (
        Deed(
            name="request_cancel",
            title=gettext_lazy("Ask to cancel"),
            question=gettext_lazy("The kitchen decides: what is cooked already is delivered."),
            permission="orders.change_order",
            why_not=lambda case: limits.on_cancel(case.dossier),
            do=acts.cancel,
            form=CancelForm,
            icon="cancel",
        ),
        Deed(
            name="resend",
            title=gettext_lazy("Resend"),
            question=gettext_lazy(
                "The events of this order are published again. Readers drop what they have had, so "
                "nothing is done twice."
            ),
            permission="orders.change_order",
            why_not=lambda case: limits.on_resend(case.dossier, case.hops),
            do=acts.resend,
            icon="send",
        ),
        Deed(
            name="recall",
            title=gettext_lazy("Recall"),
            question=gettext_lazy("The bump is undone: the ticket cooks again."),
            permission="kitchen.change_ticket",
            part="kitchen",
            why_not=acts.why_no_recall,
            do=acts.recall,
            icon="undo",
        ),
        Deed(
            name="assign",
            title=gettext_lazy("Assign"),
            question=gettext_lazy("The courier gets it, in place of whoever has it now."),
            permission="delivery.change_delivery",
            part="delivery",
            why_not=lambda case: limits.on_assign(case.dossier),
            do=acts.assign,
            form=AssignForm,
            icon="person_add",
        ),
        *(
            Deed(
                name=f"redrive-{service}",
                title=gettext_lazy("Redrive"),
                question=gettext_lazy("The message is sent to its topic again, as it was."),
                permission=f"{service}.change_deadletter",
                part=f"{service}.letters",
                # Of the service whose permission was asked, whatever the address names.
                why_not=partial(acts.why_no_redrive, service),
                do=partial(acts.redrive, service),
                icon="redo",
            )
            for service in PIPELINE
        ),
    )
}
