"""Filters of the API's lists by time.

Where a table has no index on the time, the ids do instead: see `restaurant.ids`.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import IsoDateTimeFilter  # type: ignore[import-untyped]
from django_filters.fields import IsoDateTimeField  # type: ignore[import-untyped]

from restaurant.ids import APART, first_id

# Years that an id can tell, and every database.
YEARS = range(1971, 9000)
# As RFC 3339, 5.6, has it, to the minute's end; a leap second is the next minute's first.
_FORM = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:)(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)


def _check(moment: datetime) -> None:
    if moment.year not in YEARS:
        told = _("Give a year from %(first)d to %(last)d.")
        told %= {"first": YEARS[0], "last": YEARS[-1]}
        raise ValidationError(told, "out_of_range")


class _Field(IsoDateTimeField):  # type: ignore[misc]
    """Takes no time without its offset: whose it is could not be told."""

    default_error_messages = {
        "invalid": gettext_lazy(
            "Give a time of RFC 3339 with its offset, as 2026-11-29T18:00:00Z; in an address, + has"
            " to be encoded."
        )
    }

    def to_python(self, value: str | None) -> datetime | None:
        if not value:
            return None
        found = _FORM.fullmatch(value)
        if found is None:
            raise ValidationError(self.error_messages["invalid"], "invalid")
        start, second, fraction, offset = found.groups(default="")
        is_leap = second == "60"
        text = f"{start}{'59' if is_leap else second}{fraction}{offset}".upper()
        moment: datetime = super().to_python(text)
        return moment + timedelta(seconds=is_leap)


class _Moment(IsoDateTimeFilter):  # type: ignore[misc]
    """A time with its offset, RFC 3339.

    `ids` names a field of UUIDv7s that narrows the search, and `late` says how much later than its
    id the time may be.
    """

    field_class = _Field

    def __init__(
        self, field_name: str, *, ids: str = "", late: timedelta = timedelta(0), **more: Any
    ) -> None:
        self.ids, self.late = ids, late
        super().__init__(field_name, validators=[_check], **more)

    def filter(self, queryset: Any, moment: datetime | None) -> Any:
        if moment is None:
            return queryset
        bounds = {f"{self.field_name}__{self.lookup_expr}": moment}
        return queryset.filter(**bounds, **(self.narrowing(moment) if self.ids else {}))

    def narrowing(self, moment: datetime) -> dict[str, Any]:
        raise NotImplementedError


class After(_Moment):
    """From a time on, itself included."""

    def __init__(self, field_name: str, **more: Any) -> None:
        super().__init__(field_name, lookup_expr="gte", help_text="At or after.", **more)

    def narrowing(self, moment: datetime) -> dict[str, Any]:
        return {f"{self.ids}__gte": first_id(moment - self.late - APART)}


class Before(_Moment):
    """Up to a time, itself left out."""

    def __init__(self, field_name: str, **more: Any) -> None:
        super().__init__(field_name, lookup_expr="lt", help_text="Before, not at.", **more)

    def narrowing(self, moment: datetime) -> dict[str, Any]:
        return {f"{self.ids}__lt": first_id(moment + APART)}
