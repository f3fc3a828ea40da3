"""Filters that people keep under a name: their own, of lists they may see."""

import pytest
from django.test import Client
from django.urls import reverse

from auth_grpc.models import User
from restaurant.staff.filters import keeping
from restaurant.staff.filters.models import SavedFilter
from tests.boards.staff import client_of
from tests.staff import rows

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
KEEP, ORDERS = "/admin/filters/keep/", "/admin/orders/order/"
LATE = "overdue=yes&status__exact=cooking"


def keep(client: Client, *, page: str = "orders.Order", name: str = "Late", query: str = LATE):
    given = {"page": page, "name": name, "query": query}
    return client.post(KEEP, given, follow=True)


def texts(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_it_keeps_what_a_list_shows_under_a_name() -> None:
    support = client_of("support")
    answer = keep(support, query=f"p=3&{LATE}&q=")
    assert texts(answer) == ["“Late” is kept above this list."]
    assert f"{answer.request['PATH_INFO']}?{answer.request['QUERY_STRING']}" == f"{ORDERS}?{LATE}"
    saved = SavedFilter.objects.get()
    assert (saved.user.email, saved.page, saved.query) == (
        "support@example.com",
        "orders.Order",
        LATE,
    )
    page = support.get(ORDERS).content.decode()
    assert f'href="?{LATE.replace("&", "&amp;")}"' in page


def test_it_opens_what_was_kept() -> None:
    support = client_of("support")
    late, on_time = rows.order(1, status="cooking", overdue_since=rows.NOW), rows.order(2)
    keep(support)
    saved = SavedFilter.objects.get()
    shown = support.get(f"{ORDERS}?{saved.query}").context["cl"].queryset
    assert (late in shown, on_time in shown) == (True, False)


def test_it_marks_the_one_that_is_shown() -> None:
    support = client_of("support")
    keep(support)
    for query, is_shown in (
        (LATE, True),
        (f"{LATE}&p=2", True),
        ("overdue=yes", False),
        ("", False),
    ):
        page = support.get(f"{ORDERS}?{query}").content.decode()
        assert ('aria-current="true"' in page) == is_shown, query


def test_it_offers_to_keep_only_where_something_is_filtered() -> None:
    support = client_of("support")
    assert "Keep this filter" not in support.get(ORDERS).content.decode()
    assert "Keep this filter" in support.get(f"{ORDERS}?q=42").content.decode()
    assert "Keep this filter" not in support.get(f"{ORDERS}?overdue=yes&_popup=1").content.decode()


def test_it_replaces_one_of_the_same_name() -> None:
    support = client_of("support")
    keep(support)
    keep(support, query="overdue=yes")
    assert SavedFilter.objects.get().query == "overdue=yes"


@pytest.mark.parametrize(
    ("name", "query", "told"),
    [
        ("", LATE, "name"),
        ("  \n ", LATE, "name"),
        ("x" * 61, LATE, "name"),
        ("All", "", "nothing to keep"),
        ("All", "p=2&_popup=1&q=", "nothing to keep"),
        ("Long", "q=" + "x" * 2000, "too long"),
        ("Nul", "\0", "nothing to keep"),
    ],
)
def test_it_refuses_what_cannot_be_kept(name: str, query: str, told: str) -> None:
    answer = keep(client_of("support"), name=name, query=query)
    assert (answer.status_code, told in texts(answer)[0]) == (200, True)
    assert not SavedFilter.objects.exists()


def test_it_keeps_no_more_than_fit_above_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST", 2)
    support = client_of("support")
    for name in ("a", "b", "c"):
        answer = keep(support, name=name)
    assert "Remove one first" in texts(answer)[0]
    assert SavedFilter.objects.count() == 2
    assert "kept above" in texts(keep(support, name="b", query="overdue=yes"))[0]


@pytest.mark.parametrize(
    ("page", "status"),
    [("delivery.Delivery", 403), ("no.Such", 404), ("nonsense", 404), ("", 404)],
)
def test_it_keeps_filters_of_lists_that_the_person_may_see_alone(page: str, status: int) -> None:
    assert keep(client_of("kitchen"), page=page).status_code == status
    assert not SavedFilter.objects.exists()


def test_it_shows_and_removes_only_ones_own() -> None:
    manager, support = client_of("manager"), client_of("support")
    keep(manager, name="The manager's")
    saved = SavedFilter.objects.get()
    assert "The manager" not in support.get(ORDERS).content.decode()
    drop = reverse("staff:drop_filter", args=[saved.pk])
    assert support.post(drop).status_code == 404
    assert manager.get(drop).status_code == 405
    assert SavedFilter.objects.exists()
    answer = manager.post(drop, follow=True)
    assert (answer.request["PATH_INFO"], texts(answer)) == (
        ORDERS,
        ["The filter “The manager's” is removed."],
    )
    assert not SavedFilter.objects.exists()


def test_it_needs_the_token_of_the_page() -> None:
    support = client_of("support", checks_csrf=True)
    assert keep(support).status_code == 403
    assert not SavedFilter.objects.exists()


def test_it_shows_a_name_as_text() -> None:
    support = client_of("support")
    keep(support, name="<script>alert(1)</script>")
    assert b"<script>alert(1)" not in support.get(ORDERS).content


def test_it_goes_with_its_owner() -> None:
    keep(client_of("support"))
    User.objects.get(email="support@example.com").delete()
    assert not SavedFilter.objects.exists()
