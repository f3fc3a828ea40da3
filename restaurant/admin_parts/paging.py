"""Pages of a list that may be endless: rows are counted, and skipped, up to a limit."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.formats import number_format

# Nobody turns to page 200: who looks for something old searches or filters.
MOST = 10_000


class AtLeast(int):
    """A number of rows, and perhaps more: as text “10,000+”, in the reader's locale."""

    def __str__(self) -> str:
        return f"{number_format(int(self), force_grouping=True)}+"


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no more than `MOST` rows, and has pages for so many.

    Counting a million costs a database more than everything else of a page, and so does a page at
    the end, before which all others are read. What is counted is what the page reads, in its order,
    so that one index serves both.
    """

    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        found = self.object_list[: MOST + 1].count()
        return AtLeast(MOST) if found > MOST else found
