"""What is not known is called so, and hides nothing else."""

from unittest.mock import patch

import pytest
from django.db import DatabaseError
from django.test import Client

from restaurant.staff import books
from restaurant.staff.dashboard import rollup
from tests.staff import dead, rows
from tests.staff.dashboard.ground import CSV, NOW, PAGE, fill, texts

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.usefixtures("at_noon"),
]


@pytest.mark.parametrize("service", books.PIPELINE)
def test_it_says_what_is_not_known_where_a_database_is_missing(
    manager: Client, service: str
) -> None:
    fill()
    with patch.object(books, "has", lambda name: name != service):
        answer = manager.get(PAGE)
        assert answer.status_code == 200
        assert "is not configured" in texts(answer)
        assert manager.get(CSV).status_code == 200
        assert rollup.catch_up(now=NOW)


def test_it_still_shows_the_others_when_a_database_is_away(manager: Client) -> None:
    fill()
    gone = patch(
        "restaurant.staff.dashboard.counting.Ticket.objects.filter", side_effect=DatabaseError
    )
    also = patch("restaurant.staff.dashboard.now.Ticket.objects.filter", side_effect=DatabaseError)
    with gone, also:
        answer = manager.get(PAGE)
    assert "the database of the kitchen does not answer" in texts(answer)
    assert next(k for k in answer.context["figures"].kpis if k.name == "orders").value != "–"  # noqa: RUF001


@pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"], transaction=True)
@pytest.mark.parametrize(
    ("service", "title", "why"),
    [
        ("kitchen", "the kitchen", "the kitchen's book does not answer"),
        ("delivery", "delivery", "delivery's book does not answer"),
    ],
)
def test_it_still_shows_what_is_late_when_only_the_reason_is_not_known(
    service: str, title: str, why: str, manager: Client
) -> None:
    late = rows.order(1)
    rows.kitchen_order(1, order_id=late.public_id, status="cooked")
    with dead.database_of(service):
        answer = manager.get(PAGE)
    flight, late_ones = (answer.context["now"][name] for name in ("flight", "late"))
    assert (flight.number, late_ones.number) == (1, 1)
    page = texts(answer)
    assert why in page
    assert f"the database of {title} does not answer" in page
    assert "the database of orders does not answer" not in page
