"""Lists that may be endless: counted up to a limit, and honest about it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

import restaurant.urls  # noqa: F401 - has the site look for its pages
from auth_grpc.models import User
from orders.models import RefusalCount
from restaurant.admin_parts import paging

pytestmark = pytest.mark.django_db(databases=["default", "orders"])
URL = "admin:orders_refusalcount_changelist"
MOST = 200


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MOST", MOST)


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    return client


def refusals(count: int, code: str = "unavailable") -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    RefusalCount.objects.bulk_create(
        RefusalCount(at=start + timedelta(minutes=15 * i), code=code, count=1) for i in range(count)
    )


def test_it_counts_exactly_what_is_not_too_much(client: Client) -> None:
    refusals(MOST)
    shown = client.get(reverse(URL))
    assert shown.context["cl"].result_count == MOST
    assert f"{MOST} results" in shown.text
    assert f"{MOST}+" not in shown.text


def test_it_says_where_it_stopped_counting(client: Client) -> None:
    refusals(MOST + 1)
    shown = client.get(reverse(URL))
    assert shown.context["cl"].paginator.num_pages == MOST // 50
    # In the heading, and under the list.
    assert shown.text.count(f"{MOST}+") >= 2
    assert f"{MOST + 1} result" not in shown.text


def test_it_reads_no_more_rows_than_it_counts(client: Client) -> None:
    refusals(MOST * 3)
    with CaptureQueriesContext(connections["orders"]) as found:
        client.get(reverse(URL))
    counts = [q["sql"] for q in found.captured_queries if "COUNT(" in q["sql"]]
    assert len(counts) == 1
    assert f"LIMIT {MOST + 1}" in counts[0]


def test_it_has_a_last_page_and_none_behind_it(client: Client) -> None:
    refusals(MOST * 3)
    last = client.get(reverse(URL), {"p": MOST // 50})
    assert len(last.context["cl"].result_list) == 50
    behind = client.get(reverse(URL), {"p": MOST // 50 + 1})
    assert (behind.status_code, behind["Location"]) == (302, f"{reverse(URL)}?e=1")


def test_it_counts_what_is_found_rather_than_all(client: Client) -> None:
    refusals(MOST * 2)
    refusals(7, code="unknown_sku")
    assert client.get(reverse(URL), {"q": "unknown_sku"}).context["cl"].result_count == 7


@pytest.mark.once
def test_it_writes_the_limit_as_the_reader_does() -> None:
    with translation.override("en"):
        assert str(paging.AtLeast(10_000)) == "10,000+"
    with translation.override("ru"):
        assert str(paging.AtLeast(10_000)) == "10\xa0000+"
