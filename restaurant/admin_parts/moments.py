"""Filters by time, and those of tables without an index on it, which every new row would pay for.

Ids are UUIDv7 (RFC 9562), which begin with the time, and have an index already. What happened in a
stretch of time has ids of about that time: so few rows are left, in the order of the list, and the
time itself is compared in those alone.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.utils import parse_datetime_str

from restaurant.ids import APART, first_id

# Years that an id can tell, and every database.
YEARS = range(1971, 9000)


class RangeFilter(RangeDateTimeFilter):
    """A range of time, in the zone of the house; a day without a time is the whole day.

    A time that comes twice, as clocks go back, is the first one at its beginning and the second one
    at its end.

    What cannot be read as a time, or not be told by an id, is as if it were not there.
    """

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**self._bounds())

    def _bounds(self) -> dict[str, Any]:
        bounds = {f"{self.field_path}__gte": self._start(), f"{self.field_path}__lte": self._end()}
        return {name: moment for name, moment in bounds.items() if moment}

    def _start(self) -> datetime | None:
        return self._moment("from", "00:00:00")

    def _end(self) -> datetime | None:
        moment = self._moment("to", "23:59:59.999999")
        # Where clocks go back, it comes twice, and what lies between belongs to the range.
        return moment and max(moment.replace(fold=fold).astimezone(UTC) for fold in (0, 1))

    def _moment(self, end: str, whole_day: str) -> datetime | None:
        date, time = (self.used_parameters.get(f"{self.field_path}_{end}_{i}") for i in (0, 1))
        moment = parse_datetime_str(f"{date} {time or whole_day}") if date else None
        if moment is None or moment.year not in YEARS:
            return None
        return timezone.make_aware(moment, timezone.get_default_timezone())


class MomentFilter(RangeFilter):
    """A range of time in which `ids`, another field of the model, narrows the search.

    What an id names may happen `late`, so much after the id was made; None: however much.
    """

    ids: str
    late: timedelta | None = timedelta(0)

    def _bounds(self) -> dict[str, Any]:
        bounds, start, end = super()._bounds(), self._start(), self._end()
        if start and self.late is not None:
            bounds[f"{self.ids}__gte"] = first_id(start - self.late - APART)
        if end:
            bounds[f"{self.ids}__lt"] = first_id(end + APART)
        return bounds


def by_ids(ids: str, *, late: timedelta | None = timedelta(0)) -> type[MomentFilter]:
    """Give the filter of a field that is narrowed by a field of UUIDv7s."""
    return type("MomentFilterByIds", (MomentFilter,), {"ids": ids, "late": late})
