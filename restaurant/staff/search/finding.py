"""What a term may mean, and where that is looked up: by an index, or in a small table.

"#1042" or "1042" is an order's number, a UUID an order's or a customer's id, what holds an "@" the
beginning of an e-mail, and anything else a part of a name.
"""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import connections
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from auth_grpc import authority
from auth_grpc.models import User
from delivery.models import Courier, Delivery
from kitchen.models import KitchenOrder, Station
from orders.models import Category, MenuItem, Order
from restaurant.staff import books, navigation
from restaurant.staff.search.hits import Hit, answered, may_see, rows

# Longer is no name, number or address; shorter would find nearly everything.
LONGEST, SHORTEST = 254, 2
LONGEST_NUMBER = 18


def find(request: HttpRequest, term: str) -> list[Hit]:
    """Give what the reader may see of a term, the most exact first."""
    term = term.strip()
    if len(term) > LONGEST or "\0" in term:
        return []
    number = term.removeprefix("#")
    if number.isascii() and number.isdigit():
        return [*_by_number(request, number)]
    if (found := _uuid(term)) is not None:
        return [*_by_id(request, found)]
    if len(term) < SHORTEST:
        return []
    return [*_people(request, term), *_names(request, term), *_pages(request, term)]


def _by_number(request: HttpRequest, number: str) -> Iterator[Hit]:
    """Look the order up where its number is the key; the others know it by its id."""
    if len(number) > LONGEST_NUMBER or not books.has("orders"):
        return
    for order_id in answered(Order.objects.filter(pk=int(number)).values_list("public_id")[:1]):
        yield from _order(request, order_id[0])


def _by_id(request: HttpRequest, wanted: UUID) -> Iterator[Hit]:
    yield from _order(request, wanted)
    yield from rows(request, "auth_grpc.User", _users(request).filter(pk=wanted))
    yield from rows(request, "delivery.Courier", Courier.objects.filter(pk=wanted))


def _order(request: HttpRequest, order_id: UUID) -> Iterator[Hit]:
    yield from rows(request, "orders.Order", Order.objects.filter(public_id=order_id))
    kitchen = KitchenOrder.objects.filter(order_id=order_id)
    yield from rows(request, "kitchen.KitchenOrder", kitchen)
    yield from rows(request, "delivery.Delivery", Delivery.objects.filter(order_id=order_id))


def _people(request: HttpRequest, term: str) -> Iterator[Hit]:
    if "@" not in term or not may_see(request, "auth_grpc.User"):
        return
    email = User.normalize_username(term)
    users = _users(request).filter(_begins("email", email)).order_by("email")
    yield from rows(request, "auth_grpc.User", users)
    if may_see(request, "orders.Order"):
        for pk in answered(_users(request).filter(email=email).values_list("pk", flat=True)):
            link = f"{reverse('admin:orders_order_changelist')}?{urlencode({'q': str(pk)})}"
            yield Hit(email, _("Orders of this customer"), link, "receipt_long")


def _users(request: HttpRequest) -> QuerySet[User]:
    return authority.visible(request.user)  # type: ignore[arg-type]


def _begins(field: str, text: str) -> Q:
    """Give a condition that an index serves: PostgreSQL's for patterns, SQLite's by its order."""
    begins = Q((f"{field}__startswith", text))
    if connections["default"].vendor == "sqlite":
        begins &= Q((f"{field}__gte", text), (f"{field}__lt", f"{text}\U0010ffff"))
    return begins


def _names(request: HttpRequest, term: str) -> Iterator[Hit]:
    """Look into tables that a restaurant keeps small."""
    named = _holds("name", term)
    yield from rows(request, "orders.MenuItem", MenuItem.objects.filter(named | Q(sku=term)))
    yield from rows(request, "orders.Category", Category.objects.filter(named))
    yield from rows(request, "delivery.Courier", Courier.objects.filter(named))
    yield from rows(request, "kitchen.Station", Station.objects.filter(named))


def _holds(field: str, term: str) -> Q:
    """Ignore case: SQLite does so for ASCII alone, hence the usual ways to write a name."""
    ways = {term, term.lower(), term.capitalize(), term.title()}
    return Q(*((f"{field}__icontains", way) for way in sorted(ways)), _connector=Q.OR)


def _pages(request: HttpRequest, term: str) -> Iterable[Hit]:
    for group in navigation.groups(request):
        for item in group["items"]:
            title = str(item["title"])
            if term.casefold() in title.casefold():
                yield Hit(title, str(group["title"]), item["link"], item["icon"])


def _uuid(term: str) -> UUID | None:
    try:
        return UUID(term)
    except ValueError:
        return None
