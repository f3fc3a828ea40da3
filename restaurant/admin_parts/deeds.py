"""What staff may do to a row: one declaration, an action on the list and a button on its page.

A deed calls a service, which holds the rule; the page only offers it. Both ways are POSTs: the
list's by Django's action form, the button's by a dialog (an Unfold action without one is a GET).
What changes is in the audit trail, with the dialog's `reason` if it asks for one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from restaurant.told import Told
from restaurant.trail import Person, person_of, watch

Text = str | Promise
# Rows named in a message about what was not done; of the others only the count is told.
NAMED = 5


@dataclass(frozen=True)
class Asked:
    """Who asked for a deed, when (UTC), and what they filled in."""

    by: Any
    now: datetime
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Who it was, as colleagues name them."""
        return str(self.by.get_short_name())


@dataclass(frozen=True, kw_only=True)
class Deed:
    """A change to a row by way of a service.

    `do(row, asked)` calls the service, which refuses by raising a `refusal`. `offered` tells
    whether the row's page shows the button. A deed with a `form` (a subclass of Unfold's
    `BaseDialogForm`) is done from the row's page alone.
    """

    name: str
    title: Text
    # What will happen, said in the dialog.
    question: Text
    # As "kitchen.change_ticket".
    permission: str
    do: Callable[[Any, Asked], object]
    refusal: type[Told] | tuple[type[Told], ...] = ()
    offered: Callable[[Any], bool] = lambda row: True
    form: type[BaseDialogForm] | None = None
    icon: str = "play_arrow"
    variant: ActionVariant = ActionVariant.DEFAULT


class Deeds:
    """Turns a page's `deeds` into Unfold's and Django's actions."""

    deeds: Sequence[Deed] = ()
    actions_detail: Sequence[str] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for deed in cls.deeds:
            setattr(cls, deed.name, _button(deed))
            setattr(cls, f"has_{deed.name}_permission", _right(deed))
        cls.actions_detail = [deed.name for deed in cls.deeds]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Add those the user may do; Django runs no action that is not named here."""
        actions: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        for deed in self.deeds:
            if deed.form is None and request.user.has_perm(deed.permission):
                actions[deed.name] = (_list_action(deed), deed.name, deed.title)
        return actions

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Leave out what the row's state does not offer."""
        allowed = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        row = self.get_object(request, object_id) if allowed else None  # type: ignore[attr-defined]
        if row is None:
            return []
        offered = {deed.name for deed in self.deeds if deed.offered(row)}
        return [one for one in allowed if one.method.original_function_name in offered]


def _right(deed: Deed) -> Callable[..., bool]:
    """Give Unfold a test to call: given a permission, its checks would ask the database."""

    def test(page: Any, request: HttpRequest, object_id: str | None = None) -> bool:
        # A deed's dialog shows the row, which the deed's permission alone does not open.
        return bool(page.has_view_permission(request) and request.user.has_perm(deed.permission))

    return test


def _list_action(deed: Deed) -> Callable[..., None]:
    def run(page: Any, request: HttpRequest, rows: Iterable[Any]) -> None:
        asked = Asked(by=request.user, now=timezone.now())
        _report(request, deed, *_each(deed, rows, asked, person_of(request)))

    return run


def _each(
    deed: Deed, rows: Iterable[Any], asked: Asked, person: Person
) -> tuple[int, dict[str, list[str]]]:
    """Do it to each row; gives how many changed, and why others did not with their names."""
    done, refused = 0, defaultdict(list)
    reason = str(asked.data.get("reason", ""))
    for row in rows:
        try:
            with watch(person, row, action=deed.name, now=asked.now, reason=reason):
                deed.do(row, asked)
            done += 1
        except deed.refusal as error:
            refused[error.told()].append(str(row))
    return done, refused


def _report(request: HttpRequest, deed: Deed, done: int, refused: dict[str, list[str]]) -> None:
    if done:
        text = ngettext("%(deed)s: %(count)d changed.", "%(deed)s: %(count)d changed.", done)
        messages.success(request, text % {"deed": deed.title, "count": done})
    for reason, names in refused.items():
        named = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
        text = ngettext(
            "%(deed)s: %(count)d not changed: %(reason)s (%(names)s)",
            "%(deed)s: %(count)d not changed: %(reason)s (%(names)s)",
            len(names),
        )
        messages.warning(
            request,
            text % {"deed": deed.title, "count": len(names), "reason": reason, "names": named},
        )
    if not done and not refused:
        messages.info(request, _("%(deed)s: nothing was selected.") % {"deed": deed.title})


def _button(deed: Deed) -> Any:
    def run(page: Any, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        row = page.get_object(request, object_id)
        if row is None:
            raise Http404
        asked = Asked(by=request.user, now=timezone.now(), data=form.cleaned_data)
        _report(request, deed, *_each(deed, [row], asked, person_of(request)))
        return _back_to(page, request, row)

    run.__name__ = deed.name
    return action(
        description=deed.title,
        url_path=deed.name,
        permissions=[deed.name],
        icon=deed.icon,
        variant=deed.variant,
        dialog={
            "title": deed.title,
            "description": deed.question,
            "form_class": deed.form or BaseDialogForm,
            "form_submit_text": deed.title,
        },
    )(run)


def _back_to(page: Any, request: HttpRequest, row: Any) -> HttpResponse:
    meta = row._meta
    name = f"{page.admin_site.name}:{meta.app_label}_{meta.model_name}_change"
    url = reverse(name, args=[row.pk])
    if "HX-Request" in request.headers:
        # The dialog sends its form in the background; the whole page is to be shown anew.
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
