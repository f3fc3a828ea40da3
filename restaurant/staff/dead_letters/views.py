"""The page, the letters of a group, and what its buttons press."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from restaurant.admin_parts.messages import readable
from restaurant.boards import access
from restaurant.messaging.errors import NoReason
from restaurant.staff import books
from restaurant.staff.dead_letters import deciding, groups
from restaurant.staff.dead_letters.words import texts
from restaurant.staff.pages import show
from restaurant.trail import person_of

PERMISSION = "staff.view_pipeline"


@access.page(PERMISSION)
def page(request: HttpRequest) -> HttpResponse:
    """Show what waits by group, or, with `?state=decided`, what became of letters."""
    services = _services(request, "view")
    is_decided = request.GET.get("state") == "decided"
    found = groups.decided(services) if is_decided else groups.groups(services)
    return show(
        request,
        "staff/dead_letters/page.html",
        title=_("Dead letters"),
        found=found,
        is_decided=is_decided,
        hidden=[service for service in books.PIPELINE if service not in services],
        may_decide=_services(request, "change"),
        most=deciding.MOST,
        texts=texts(),
    )


@access.part(PERMISSION)
def letters(request: HttpRequest, service: str) -> HttpResponse:
    """Give a group's letters, the newest first, with the newest one decoded."""
    if service not in _services(request, "view"):
        return access.say(_("You may not see these."), status=403)
    topic, kind = request.GET.get("topic", ""), request.GET.get("kind", "")
    before = _number(request.GET.get("before", ""))
    found = groups.letters(service, topic, kind, before=before)
    context: dict[str, Any] = {
        "service": service,
        "topic": topic,
        "kind": kind,
        "letters": found,
        "more": len(found) == groups.MOST_LETTERS,
        "may_decide": service in _services(request, "change"),
    }
    if found and before is None:
        example = found[0]
        context["example"] = example
        context["decoded"] = readable(example.type, bytes(example.payload))
    return render(request, "staff/dead_letters/letters.html", context)


@access.press(PERMISSION)
def press(request: HttpRequest) -> HttpResponse:
    """Redrive or discard what was chosen; what was not done is said."""
    mine = _services(request, "change")
    try:
        pressed = deciding.read(request) if mine else None
    except deciding.BadPress:
        return access.say(_("The page is out of date: load it again."), status=400)
    if pressed is None or pressed.service not in mine:
        return access.say(_("You may not do this."), status=403)
    try:
        done, others = deciding.decide(pressed, person_of(request), now=timezone.now())
    except NoReason:
        return access.say(_("Say why."), status=400)
    if not done:
        text = _("Somebody has decided on these in the meantime. Nothing was changed.")
        return access.say(text, status=409)
    messages.success(request, _said(pressed.deed, done))
    if others:
        messages.warning(request, _others(others))
    return access.say()


def _said(deed: str, count: int) -> str:
    if deed == "redrive":
        text = ngettext("%(count)d letter redriven.", "%(count)d letters redriven.", count)
    else:
        text = ngettext("%(count)d letter discarded.", "%(count)d letters discarded.", count)
    return text % {"count": count}


def _others(count: int) -> str:
    text = ngettext(
        "%(count)d letter had been decided on in the meantime, and was left as it is.",
        "%(count)d letters had been decided on in the meantime, and were left as they are.",
        count,
    )
    return text % {"count": count}


def _services(request: HttpRequest, right: str) -> list[str]:
    """Name those whose letters the user may see (`view`), or decide on (`change`)."""
    return [
        service
        for service in books.PIPELINE
        if request.user.has_perm(f"{service}.view_deadletter")
        and request.user.has_perm(f"{service}.{right}_deadletter")
    ]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
