"""`republish` and `redrive`."""

from collections.abc import Callable
from io import StringIO
from itertools import count
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections

from orders.models import Order
from restaurant.management.commands import redrive
from restaurant.messaging.models import dead_letters_of, outbox_of
from restaurant.staff import republish
from restaurant.staff.errors import BookMissing
from tests.staff import rows

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
NOTHING = {"ENGINE": "django.db.backends.dummy"}


def run(*args: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def order_with_messages(**fields: Any) -> Order:
    order = rows.order(1, **fields)
    for service in ("orders", "kitchen", "delivery"):
        rows.outbox(service, key=str(order.public_id), published_at=rows.NOW)
    return order


def waiting(service: str) -> list[str]:
    rows = outbox_of(service).objects.filter(published_at=None).order_by("pk")
    return list(rows.values_list("key", flat=True))


def test_it_republishes_what_every_service_said_of_unfinished_orders() -> None:
    unfinished = order_with_messages()
    order_with_messages(status="delivered", status_rank=100)
    told, _ = run("republish", "--all")
    assert told.splitlines() == [
        f"{service}: 1 messages will be published again"
        for service in ("orders", "kitchen", "delivery")
    ]
    for service in ("orders", "kitchen", "delivery"):
        assert waiting(service) == [str(unfinished.public_id)]


def test_it_republishes_one_service_alone() -> None:
    order_with_messages()
    run("republish", "kitchen")
    assert [len(waiting(service)) for service in ("orders", "kitchen", "delivery")] == [0, 1, 0]


def test_it_republishes_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(republish, "CHUNK", 2)
    for _ in range(5):
        order_with_messages()
    assert republish.republish_unfinished() == {"orders": 5, "kitchen": 5, "delivery": 5}


def test_it_says_what_it_could_not_republish(settings: Any) -> None:
    order_with_messages()
    settings.DATABASES = {**settings.DATABASES, "kitchen": NOTHING}
    told, warned = run("republish", "--all")
    assert "kitchen" not in told
    assert warned == "kitchen: not done, its database is not configured here\n"
    assert waiting("kitchen") == []


def test_it_cannot_know_what_is_unfinished_without_the_orders_book(settings: Any) -> None:
    order_with_messages()
    settings.DATABASES = {**settings.DATABASES, "orders": NOTHING}
    with pytest.raises(CommandError, match=r"ORDERS_DATABASE_URL.*it alone knows"):
        run("republish", "kitchen")
    with pytest.raises(BookMissing):
        republish.republish_unfinished()
    assert waiting("kitchen") == []


@pytest.mark.parametrize("args", [(), ("kitchen", "--all"), ("pizzeria",)])
def test_it_wants_to_be_told_what_to_republish(args: tuple[str, ...]) -> None:
    order_with_messages()
    with pytest.raises(CommandError):
        run("republish", *args)
    assert waiting("kitchen") == []


def test_it_lists_dead_letters_and_sends_none() -> None:
    letter = rows.dead_letter("kitchen")
    rows.dead_letter("kitchen", redriven_at=rows.NOW)
    told, _ = run("redrive")
    assert "kitchen: 1 dead letters" in told
    assert f"  {letter.pk}  2026-05-04 12:00:00Z  order_created[0]@1: ValueError: no" in told
    assert waiting("kitchen") == []


def test_it_redrives_by_id() -> None:
    letter, _other = rows.dead_letter("kitchen"), rows.dead_letter("kitchen")
    assert run("redrive", "kitchen", "--id", str(letter.pk))[0] == "kitchen: 1 redriven\n"
    assert waiting("kitchen") == [letter.key]


def test_it_redrives_by_topic() -> None:
    rows.dead_letter("kitchen", topic="order_created")
    rows.dead_letter("kitchen", topic="order_cancel_requested")
    run("redrive", "kitchen", "--topic", "order_created")
    assert len(waiting("kitchen")) == 1


def test_it_redrives_all_of_every_service() -> None:
    for service in ("orders", "kitchen", "delivery"):
        rows.dead_letter(service)
    run("redrive", "--all")
    assert [len(waiting(service)) for service in ("orders", "kitchen", "delivery")] == [1, 1, 1]


def test_it_keeps_what_was_redriven_before_a_fault_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redrive, "CHUNK", 2)
    letters = [rows.dead_letter("kitchen", key=f"k{number}") for number in range(5)]
    sendings = count(1)

    def fail(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "kitchen_outboxmessage"') and next(sendings) == 2:
            raise OperationalError("disk full\nDETAIL: a row")
        return execute(sql, *rest)

    told = r"^kitchen: 2 redriven, and the others wait: disk full$"
    with pytest.raises(CommandError, match=told), connections["kitchen"].execute_wrapper(fail):
        run("redrive", "kitchen", "--all")
    assert waiting("kitchen") == ["k0", "k1"]
    assert list(dead_letters_of("kitchen").objects.waiting().order_by("pk")) == letters[2:]
    assert run("redrive", "kitchen", "--all")[0] == "kitchen: 3 redriven\n"
    assert waiting("kitchen") == ["k0", "k1", "k2", "k3", "k4"]


def test_it_fails_when_no_letter_waits_under_an_id() -> None:
    letter = rows.dead_letter("kitchen", redriven_at=rows.NOW)
    with pytest.raises(CommandError, match=f"no dead letter waits under {letter.pk}, 999"):
        run("redrive", "kitchen", "--id", str(letter.pk), "--id", "999")
    assert waiting("kitchen") == []


def test_it_wants_a_service_with_an_id() -> None:
    with pytest.raises(CommandError, match="name the service"):
        run("redrive", "--id", "1")
