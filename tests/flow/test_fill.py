"""A past that is made up: whole in every book, only where nothing was, and real to every page."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models
from uuid_utils.compat import uuid7

from auth_grpc.models import Session, User
from delivery.models import Delivery
from kitchen.models import KitchenOrder, Ticket
from orders.models import IdempotencyKey, Order, OrderLine, RefusalCount, TimelineEntry
from restaurant.demo import house, past
from restaurant.demo.past import NotEmpty, Past, filling
from restaurant.messaging.models import dead_letters_of, inbox_of, outbox_of
from restaurant.staff.audit import audit
from restaurant.staff.books import PIPELINE
from restaurant.trail.models import trail_of

pytestmark = pytest.mark.django_db(
    databases=["default", "orders", "kitchen", "delivery"], transaction=True
)
ORDERS = 3000


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "CHUNK", 700)


@pytest.fixture
def furnished() -> int:
    """The house is furnished, which is in the books too; gives their rows."""
    house.furnish()
    return _rows()


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def test_it_fills_every_book_so_that_they_agree(now: datetime, furnished: int) -> None:
    rows = past.fill(Past(orders=ORDERS, days=20, now=now))
    assert Order.objects.count() == ORDERS
    assert audit() == []
    assert rows == _rows() - furnished
    ended = Counter(Order.objects.values_list("status", flat=True))
    assert {"delivered", "cancelled", "rejected", "delivery_failed"} <= ended.keys()
    assert ended["delivered"] > ORDERS * 0.9
    assert set(Order.objects.values_list("customer_id", flat=True)) <= set(
        User.objects.values_list("pk", flat=True)
    )
    assert all(trail_of(service).objects.exists() for service in PIPELINE)


def test_it_leaves_the_last_orders_on_their_way(now: datetime) -> None:
    past.fill(Past(orders=400, days=1, now=now))
    statuses = set(Order.objects.filter(status_rank__lt=100).values_list("status", flat=True))
    assert {"cooking", "out_for_delivery"} <= statuses
    assert Ticket.objects.filter(status="cooking", due_at__gt=now).exists()
    assert Delivery.objects.filter(status="out_for_delivery", due_at__gt=now).exists()
    assert not Ticket.objects.filter(due_at__lt=now).exists()
    assert audit() == []


def test_it_keeps_no_more_than_housekeeping_would(now: datetime, settings: Any) -> None:
    past.fill(Past(orders=ORDERS, days=60, now=now))
    for service in PIPELINE:
        sent = outbox_of(service).objects.order_by("created_at")
        assert sent.exists()
        assert sent[0].created_at > now - settings.OUTBOX_RETENTION
        heard = inbox_of(service).objects.order_by("handled_at")
        assert heard.exists()
        assert heard[0].handled_at > now - settings.INBOX_RETENTION
        assert not dead_letters_of(service).objects.waiting().exists()
    known = Order.objects.filter(client_address__isnull=False).order_by("pk")
    assert 0 < known.count() < ORDERS
    assert known[0].created_at > now - settings.CLIENT_ADDRESS_RETENTION
    assert not IdempotencyKey.objects.filter(created_at__lt=now - timedelta(hours=24)).exists()
    assert not Session.objects.filter(expires_at__lt=now).exists()


def test_it_writes_nothing_where_there_are_orders(now: datetime) -> None:
    past.fill(Past(orders=20, days=1, now=now))
    before = _rows()
    with pytest.raises(NotEmpty, match=r"orders\.Order"):
        past.fill(Past(orders=20, days=1, now=now))
    assert _rows() == before


def test_it_keeps_all_or_nothing(now: datetime, furnished: int) -> None:
    told: list[int] = []

    def progress(orders: int) -> None:
        told.append(orders)
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        past.fill(Past(orders=ORDERS, days=20, now=now), progress=progress)
    assert _rows() == furnished
    assert not Order.objects.exists()


def test_it_gives_new_orders_new_numbers(now: datetime) -> None:
    past.fill(Past(orders=50, days=1, now=now))
    last = Order.objects.latest("pk")
    last.pk, last.public_id = None, uuid7()
    last.save(force_insert=True)
    assert last.pk > 50


def test_it_does_the_same_again_with_the_same_seed(now: datetime) -> None:
    wanted = Past(orders=50, days=1, now=now, seed=7)
    past.fill(wanted)
    first = list(Order.objects.order_by("pk").values_list("public_id", "total", "status"))
    for model in (
        RefusalCount,
        TimelineEntry,
        OrderLine,
        Order,
        Ticket,
        KitchenOrder,
        Delivery,
        IdempotencyKey,
    ):
        model._base_manager.all().delete()
    User.objects.filter(is_staff=False).delete()
    for service in PIPELINE:
        outbox_of(service).objects.all().delete()
        inbox_of(service).objects.all().delete()
    past.fill(wanted)
    again = Order.objects.order_by("pk").values_list("public_id", "total", "status")
    assert first == list(again)


def test_it_refuses_outside_debug(settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG") as refused:
        call_command("fill", orders=10)
    assert refused.value.returncode == 2
    assert _rows() == 0
    assert not User.objects.exists()


def test_it_is_told_on_the_command_line(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.DEBUG = True
    call_command("fill", orders=30, days=2)
    assert capsys.readouterr().out.startswith("30 orders, ")
    with pytest.raises(CommandError, match="orders already") as refused:
        call_command("fill", orders=30)
    assert refused.value.returncode == 2
    assert Order.objects.count() == 30


def _rows() -> int:
    """Count what a past is made of, in all books; the house's own rows are not."""
    counted: list[type[models.Model]] = [Order, OrderLine, TimelineEntry, IdempotencyKey]
    counted += [RefusalCount, KitchenOrder, Ticket, Delivery, Session]
    counted += [apps.get_model("auth_grpc", "RefreshToken")]
    total = sum(model._base_manager.count() for model in counted)
    for service in PIPELINE:
        total += sum(
            model.objects.count()
            for model in (
                *(outbox_of(service), inbox_of(service), dead_letters_of(service)),
                trail_of(service),
            )
        )
    customers = User.objects.filter(is_staff=False)
    return (
        total + customers.count() + User.groups.through.objects.filter(user__in=customers).count()
    )
