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
from tests.staff import rows
from tests.staff.test_deeds import cooking_ticket
from tests.threads import at_once
from tests.trail.entries import DATABASES, entries, only

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
