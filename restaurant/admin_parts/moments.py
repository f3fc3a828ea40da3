"""Filters by time on tables without an index on it, which every new row would pay for.

Ids are UUIDv7 (RFC 9562), which begin with the time, and have an index already. What happened in a
stretch of time has ids of about that time: so few rows are left, in the order of the list, and the
time itself is compared in those alone.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.utils import parse_datetime_str

# An id is made just before or after what it names is written, by clocks this near each other.
APART = timedelta(minutes=5)
# Years that an id can tell.
YEARS = range(1971, 9000)


def first_id(at: datetime) -> UUID:
    """Give the lowest UUIDv7 of a moment's millisecond."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


class MomentFilter(RangeDateTimeFilter):
    """A range of time in which `ids`, another field of the model, narrows the search.

    What an id names may happen `late`, so much after the id was made; None: however much.
    """

    ids: str
    late: timedelta | None = timedelta(0)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        found: QuerySet[Any] | None = super().queryset(request, queryset)
        return found if found is None else found.filter(**self._bounds())

    def _bounds(self) -> Mapping[str, UUID]:
        bounds = {}
        start, end = self._moment("from"), self._moment("to")
        if start and self.late is not None:
            bounds[f"{self.ids}__gte"] = first_id(start - self.late - APART)
        if end:
            bounds[f"{self.ids}__lt"] = first_id(end + APART)
        return bounds

    def _moment(self, end: str) -> datetime | None:
        """Give an end of the range; None where there is none, or it cannot be told by an id."""
        name = f"{self.parameter_name}_{end}"
        date, time = (self.used_parameters.get(f"{name}_{part}") for part in (0, 1))
        moment = parse_datetime_str(f"{date} {time}") if date and time else None
        if moment is None or moment.year not in YEARS:
            return None
        # In the zone that the model's field reads it in.
        return timezone.make_aware(moment, timezone.get_default_timezone())


def by_ids(ids: str, *, late: timedelta | None = timedelta(0)) -> type[MomentFilter]:
    """Give the filter of a field that is narrowed by a field of UUIDv7s."""
    return type("MomentFilterByIds", (MomentFilter,), {"ids": ids, "late": late})
