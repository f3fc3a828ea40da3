"""Reading the services' trails as one, newest first, a page at a time.

A page begins after a place, not after a number of entries: what arrives meanwhile moves nothing,
and the last page is as quick as the first. Each service is asked once a page, or twice where rows
have to be sifted; then it looks through no more than `SCAN` of its entries, and the page says how
far back it looked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import OperationalError
from django.db.models import Q, QuerySet

from restaurant.staff import books
from restaurant.staff.trail.wanted import SERVICES, Wanted
from restaurant.trail.models import trail_of

PAGE, SCAN = 40, 10_000


class Place(NamedTuple):
    """Where an entry stands; a later one is greater. `rank` is its service's in `SERVICES`."""

    at: datetime
    rank: int
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.rank}~{self.id}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """Read a place from an address; None for what is none."""
        try:
            at, rank, id_ = text.split("~")
            place = cls(datetime.fromisoformat(at), int(rank), int(id_))
        except ValueError:
            return None
        is_known = place.at.tzinfo and 2000 <= place.at.year < 9000 and 0 <= place.id < 2**63
        return place if is_known else None


class Found(NamedTuple):
    """An entry of a service's trail."""

    place: Place
    service: str
    entry: Any


@dataclass
class Page:
    """Entries in order. `after` is where the next page begins, None when this is the last."""

    found: list[Found] = field(default_factory=list)
    after: Place | None = None
    # How far back was looked, when that is what ended the page.
    looked_back_to: datetime | None = None
    # Services whose database is not known here, and whose did not answer.
    missing: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


def read(wanted: Wanted, after: Place | None = None, *, size: int = PAGE) -> Page:
    """Give a page of what is wanted."""
    page = Page(missing=books.missing(wanted.services))
    found: list[Found] = []
    edges: list[Place] = []
    for service in wanted.services:
        if service not in page.missing:
            try:
                rows, edge = _ask(service, wanted, after, size)
            except OperationalError:
                page.silent.append(service)
                continue
            found += rows
            edges += [edge] if edge else []
    return _cut(page, sorted(found, reverse=True, key=lambda one: one.place), edges, size)


def read_all(wanted: Wanted, *, size: int = 1000) -> Iterator[Found]:
    """Give all that is wanted, a page at a time."""
    page = read(wanted, size=size)
    yield from page.found
    while page.after:
        page = read(wanted, page.after, size=size)
        yield from page.found


def _ask(
    service: str, wanted: Wanted, after: Place | None, size: int
) -> tuple[list[Found], Place | None]:
    """Give a service's entries, and the last one looked at if there may be others behind it."""
    rank = SERVICES.index(service)
    rows = trail_of(service).objects.filter(wanted.indexed)
    if after:
        rows = rows.filter(_before(after, rank))
    edge = None
    if wanted.sifted:
        edge = _edge(rows.order_by(*wanted.order), rank)
        rows = rows.filter(wanted.sifted)
        if edge:
            rows = rows.filter(Q(at__gt=edge.at) | Q(at=edge.at, id__gte=edge.id), at__gte=edge.at)
    rows = rows.order_by(*wanted.order)[: size + 1]
    return [Found(Place(row.at, rank, row.pk), service, row) for row in rows], edge


def _before(place: Place, rank: int) -> Q:
    """Give the condition for a service's entries that stand behind a place."""
    if rank != place.rank:
        return Q(at__lte=place.at) if rank < place.rank else Q(at__lt=place.at)
    # The first condition alone is what an index can be entered by.
    return Q(at__lte=place.at) & (Q(at__lt=place.at) | Q(id__lt=place.id))


def _edge(rows: QuerySet[Any], rank: int) -> Place | None:
    """Give the last of the rows that may be sifted, if there are so many."""
    last = rows.values_list("at", "id")[SCAN - 1 : SCAN]
    return next((Place(at, rank, id_) for at, id_ in last), None)


def _cut(page: Page, found: list[Found], edges: list[Place], size: int) -> Page:
    """Keep of a page what no service can have anything between."""
    edge = max(edges, default=None)
    known = [one for one in found if edge is None or one.place >= edge]
    page.found = known[:size]
    if len(known) > size:
        page.after = page.found[-1].place
    elif edge:
        page.after, page.looked_back_to = edge, edge.at
    return page
