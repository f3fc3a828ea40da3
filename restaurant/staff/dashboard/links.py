"""Ways from a number to the list behind it, for who may see the list."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from restaurant.staff.dashboard.hours import local

Filters = Mapping[str, str | int | Sequence[str]]
# Lists take times up to and with the last one.
LAST = timedelta(microseconds=1)


class Links:
    """Addresses of admin lists with their filters set; empty where a person may not look."""

    def __init__(self, user: AbstractBaseUser | AnonymousUser) -> None:
        self._user = user
        self._lists: dict[str, str] = {}

    def to(
        self,
        model: str,
        filters: Filters | None = None,
        *,
        between: tuple[str, datetime, datetime] | None = None,
    ) -> str:
        """Give the address of a model's list, as "orders.order", with filters by parameter.

        `between` is a date field and the moments from which and before which it shall lie.
        """
        base = self._list(model)
        if not base:
            return ""
        query = {**(_range(*between) if between else {}), **(filters or {})}
        return f"{base}?{urlencode(query, doseq=True)}" if query else base

    def row(self, model: str, pk: object) -> str:
        """Give the address of a row's own page."""
        return f"{base}{pk}/change/" if (base := self._list(model)) else ""

    def _list(self, model: str) -> str:
        if model not in self._lists:
            self._lists[model] = self._find(model)
        return self._lists[model]

    def _find(self, model: str) -> str:
        app, name = model.split(".")
        if not self._user.has_perm(f"{app}.view_{name}"):  # type: ignore[union-attr]
            return ""
        try:
            return reverse(f"admin:{app}_{name}_changelist")
        except NoReverseMatch:
            # Another process serves it.
            return ""


def _range(field: str, start: datetime, end: datetime) -> Filters:
    first, last = local(start), local(end - LAST)
    return {
        f"{field}_from_0": f"{first:%Y-%m-%d}",
        f"{field}_from_1": f"{first:%H:%M:%S}",
        f"{field}_to_0": f"{last:%Y-%m-%d}",
        f"{field}_to_1": f"{last:%H:%M:%S.%f}",
    }
