"""Two people at once: who comes second is refused, or recorded as it was by then."""

from functools import partial
from threading import Thread
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse

from auth_grpc.models import User
from delivery.models import Delivery
from orders import services
from orders.cache import order_cache
from restaurant.databases import alias_of
from tests.staff import rows
from tests.staff.test_deeds import cooking_ticket
from tests.threads import at_once
from tests.trail.entries import DATABASES, entries, only
from tests.trail.test_pages import shown
from tests.trail.test_pages import url as form_url

pytestmark = pytest.mark.django_db(databases=DATABASES, transaction=True)


def person(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser(f"{name}@example.com"))
    return client


def test_of_two_who_bump_at_once_one_is_recorded() -> None:
    ticket, answers = cooking_ticket(), list[int]()
    url = reverse("kitchen_board:move", args=[ticket.pk, "bump"])

    def press(client: Client) -> None:
        answers.append(client.post(url).status_code)

    at_once(*(partial(press, person(name)) for name in ("ana", "ben", "kim")))
    assert sorted(answers) == [200, 409, 409]
    assert only().object_id == str(ticket.pk)


def test_what_was_before_is_what_the_other_one_left() -> None:
    """The press waits for a move that is under way: it changes what that one makes."""
    delivery, kim = rows.delivery(1), rows.courier(5)
    ada = rows.courier(6)
    url = reverse("delivery_board:move", args=[delivery.pk, "assign"])
    client = person("ana")

    def press() -> None:
        client.post(url, {"courier": str(ada.pk)}, content_type="application/json")
        connections.close_all()

    waiting = Thread(target=press)
    with transaction.atomic(using="delivery"):
        Delivery.objects.filter(pk=delivery.pk).update(courier=kim)
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
    waiting.join(30)
    entry = only()
    assert (entry.before["courier"]["name"], entry.after["courier"]["name"]) == (kim.name, ada.name)


def send(client: Client, url: str, body: dict[str, Any]) -> None:
    assert client.post(url, body).status_code == 302
    connections.close_all()


# A page, what its form sends another of, and what somebody else changes of the row meanwhile: the
# same field, and one that the form does not have.
FORMS = [
    ("kitchen.Station", "name", "Fire", {"name": "Grill", "is_open": False}),
    ("delivery.Courier", "name", "Kim", {"name": "Ada Lovelace", "on_shift": False}),
    ("orders.Category", "name", "Pasta", {"name": "Pies", "position": 7}),
    ("auth_grpc.User", "name", "Ann", {"name": "Anna", "is_active": False}),
]


@pytest.mark.parametrize(("label", "field", "new", "meanwhile"), FORMS)
def test_a_form_changes_what_the_other_one_left(
    label: str, field: str, new: str, meanwhile: dict[str, Any]
) -> None:
    """It waits for a change that is under way: that one's is what was before, and stays."""
    row, client = rows.ROWS[label](1), person("ana")
    url = form_url(label, "change", row.pk)
    body = shown(client, url) | {field: new}
    waiting = Thread(target=partial(send, client, url, body))
    using = alias_of(row._meta.app_label)
    with transaction.atomic(using=using):
        type(row).objects.filter(pk=row.pk).update(**meanwhile)
        waiting.start()
        waiting.join(1)
        assert waiting.is_alive()
    waiting.join(30)
    entry = only(object_id=str(row.pk))
    assert (entry.before, entry.after) == ({field: meanwhile[field]}, {field: new})
    row.refresh_from_db()
    kept = {name: getattr(row, name) for name in meanwhile}
    assert kept == {**meanwhile, field: new}


def test_what_each_of_two_found_is_what_the_other_left() -> None:
    station = rows.station(1)
    url, first = form_url("kitchen.Station", "change", station.pk), station.name
    people = {name: person(name) for name in ("ana", "ben")}
    body = shown(people["ana"], url)
    at_once(*(partial(send, who, url, body | {"name": name}) for name, who in people.items()))
    one, other = (entry for entry in entries(object_id=str(station.pk)))
    assert (one.before["name"], other.before["name"]) == (first, one.after["name"])
    station.refresh_from_db()
    assert station.name == other.after["name"]


def test_a_deletion_tells_what_the_other_one_left() -> None:
    row, client = rows.ROWS["orders.Category"](1), person("ana")
    url = form_url("orders.Category", "delete", row.pk)
    waiting = Thread(target=partial(send, client, url, {"post": "yes"}))
    with transaction.atomic(using="orders"):
        type(row).objects.filter(pk=row.pk).update(name="Pies")
        waiting.start()
        waiting.join(1)
        assert waiting.is_alive()
    waiting.join(30)
    assert not type(row).objects.filter(pk=row.pk).exists()
    assert only(object_type="orders.category", action="delete").before["name"] == "Pies"


def test_the_orders_cache_hears_of_a_cancel_once_all_of_it_is_committed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[Any] = []
    monkeypatch.setattr(order_cache, "refresh", heard.extend)
    order = rows.order(1)
    ask = partial(
        services.request_cancel, public_id=order.public_id, requested_by=order.customer_id
    )
    with transaction.atomic(using="orders"):
        ask()
        transaction.set_rollback(True, using="orders")
    assert heard == []
    with transaction.atomic(using="orders"):
        ask()
        assert heard == []
    assert [one.pk for one in heard] == [order.pk]
    assert entries() == []
