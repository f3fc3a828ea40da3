"""Entries as the page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import cached_property

from restaurant.staff import books
from restaurant.staff.trail import words
from restaurant.staff.trail.reading import Found
from restaurant.trail.values import MASK

# Differences of an entry that are shown at once, and how much of each.
FIRST, LONGEST = 4, 200
VIA_ICONS = {
    "admin": "desktop_windows",
    "kitchen_board": "skillet",
    "dispatch_board": "map",
    "api": "api",
    "command": "terminal",
}


@dataclass(frozen=True)
class Difference:
    """A field's change, in words."""

    label: str
    before: str
    after: str
    # Of a row that was added or deleted, or of a fact: there is nothing to compare with.
    is_one_sided: bool

    @property
    def shown(self) -> str:
        return self.before if self.after == words.EMPTY else self.after

    @property
    def is_secret(self) -> bool:
        return MASK in (self.before, self.after)


@dataclass
class Line:
    """An entry, in words."""

    at: datetime
    who: str
    entry: Any
    service: str
    action: str
    colour: str
    kind: str
    via: str
    via_icon: str
    # Of the row's own page, and of what else happened to it; empty where there is none to see.
    url: str
    history: str
    by_them: str
    differences: list[Difference]

    @cached_property
    def _local(self) -> datetime:
        return timezone.localtime(self.at)

    @property
    def day(self) -> date:
        return self._local.date()

    @property
    def time(self) -> str:
        return f"{self._local:%H:%M:%S}"

    @property
    def is_long(self) -> bool:
        return len(self.differences) > FIRST

    @property
    def parts(self) -> list[list[Difference]]:
        """Give what is shown at once, and the rest, if there is any."""
        return [part for part in (self.differences[:FIRST], self.differences[FIRST:]) if part]


def lines(request: HttpRequest, found: Iterable[Found]) -> list[Line]:
    """Put entries in words, with links to what the reader may see; one query for names."""
    found = list(found)
    actions, names = words.actions(), _names(found)
    return [_line(request, one, actions, names) for one in found]


def shortened(changes: list[Difference]) -> list[Difference]:
    """Cut what is too long to be read in a line."""
    return [
        replace(one, before=_cut(one.before), after=_cut(one.after))
        if len(one.before) > LONGEST or len(one.after) > LONGEST
        else one
        for one in changes
    ]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def differences(entry: Any) -> list[Difference]:
    """Give what an entry says changed, field by field."""
    model = words.model_of(entry.object_type)
    is_one_sided = not (entry.before and entry.after)
    given = []
    for name in {**entry.before, **entry.after}:
        field = words.field_of(model, name)
        before, after = (words.value(field, side.get(name)) for side in (entry.before, entry.after))
        given.append(Difference(words.label(field, name), before, after, is_one_sided))
    return given


def who(entry: Any, names: dict[Any, str]) -> str:
    """Say who it was: who came with a token was known by id alone."""
    if entry.actor == str(entry.actor_id):
        return names.get(entry.actor_id, str(entry.actor_id))
    return str(entry.actor)


def _names(found: list[Found]) -> dict[Any, str]:
    unnamed = {f.entry.actor_id for f in found if f.entry.actor == str(f.entry.actor_id)}
    if not unnamed or not books.has("auth_grpc"):
        return {}
    users = get_user_model()._default_manager.filter(pk__in=unnamed)
    return dict(users.values_list("pk", "email"))


def _line(request: HttpRequest, one: Found, actions: dict[str, Any], names: dict[Any, str]) -> Line:
    entry = one.entry
    return Line(
        at=entry.at,
        who=who(entry, names),
        entry=entry,
        service=words.service(one.service),
        action=words.action(entry.action, actions),
        colour=words.COLOURS.get(entry.action, "deed"),
        kind=words.kind(entry.object_type),
        via=words.via(entry.via),
        via_icon=VIA_ICONS.get(entry.via, "help"),
        url=_url(request, entry),
        history=urlencode({"kind": entry.object_type, "object": entry.object_id}),
        by_them=urlencode({"who": who(entry, names)}),
        differences=shortened(differences(entry)),
    )


def _url(request: HttpRequest, entry: Any) -> str:
    model = words.model_of(entry.object_type)
    page = admin.site._registry.get(model) if model else None
    if page is None or entry.action == "delete" or not page.has_view_permission(request):
        return ""
    name = entry.object_type.replace(".", "_")
    try:
        return reverse(f"admin:{name}_change", args=[quote(entry.object_id)])
    except NoReverseMatch:
        return ""
