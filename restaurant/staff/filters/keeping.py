"""Keeping filters, and forgetting them."""

from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from restaurant.staff.errors import StaffError
from restaurant.staff.filters.models import SavedFilter

# So many fit above a list.
MOST = 20
LONGEST_NAME, LONGEST_QUERY = 60, 1000
# Where one is in a list, or how it was opened: nothing of what it shows.
PASSING = ("p", "e", "all", "_popup", "_to_field", "_changelist_filters", "_facets")


class NotKept(StaffError):
    """A filter is not kept."""


class NothingFiltered(NotKept):
    text = _("The list shows everything: there is nothing to keep.")


class BadName(NotKept):
    text = _("Give the filter a name of at most 60 characters.")


class TooLong(NotKept):
    text = _("The filter is too long to be kept.")


class TooMany(NotKept):
    text = _("You have kept 20 filters of this list. Remove one first.")


def normal(query: str) -> str:
    """Give the part of a list's query that says what it shows, in one order."""
    parts = QueryDict(query.replace("\0", ""), mutable=True)
    for name in PASSING:
        parts.pop(name, None)
    kept = QueryDict(mutable=True)
    for name in sorted(parts):
        kept.setlist(name, [value for value in parts.getlist(name) if value])
    return kept.urlencode()


def keep(*, user: Any, page: str, name: str, query: str) -> SavedFilter:
    """Keep a filter, in place of one's own of that name. Raises a `NotKept`."""
    name, query = " ".join(name.replace("\0", "").split()), normal(query)
    if not query:
        raise NothingFiltered
    if not name or len(name) > LONGEST_NAME:
        raise BadName
    if len(query) > LONGEST_QUERY:
        raise TooLong
    with transaction.atomic(using="default"):
        others = SavedFilter.objects.filter(user=user, page=page).exclude(name=name)
        if others.count() >= MOST:
            raise TooMany
        kept, _is_new = SavedFilter.objects.update_or_create(
            user=user, page=page, name=name, defaults={"query": query}
        )
    return kept


def of(user: Any, page: str) -> list[SavedFilter]:
    """Give somebody's filters of a list (as "orders.Order"), by name."""
    return list(SavedFilter.objects.filter(user=user, page=page))
