"""The audit: it is silent while the books agree, and names the order when one was tampered with."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from uuid_utils.compat import uuid7

from delivery.models import Delivery
from kitchen.models import KitchenOrder, Station, Ticket
from orders import services
from orders.models import Order, OrderLine, TimelineEntry
from restaurant.messaging import dead_letters
from restaurant.messaging.models import dead_letters_of, inbox_of, outbox_of
from restaurant.staff import audit as audit_module
from restaurant.staff.audit import Finding, audit
from tests.staff import rows, town

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])


@pytest.fixture(autouse=True)
def _quick(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SIMULATION_SPEED = 1_000_000
    monkeypatch.setattr(audit_module, "SECONDS_BETWEEN_LOOKS", 0)


@pytest.fixture
def order() -> Order:
    """An order that was delivered an hour ago."""
    return delivered()


def delivered(*quantities: int) -> Order:
    rows.courier(1)
    order = town.place(*(quantities or (1, 2)), now=an_hour_ago())
    town.run(now=an_hour_ago())
    order.refresh_from_db()
    assert order.status == Order.Status.DELIVERED
    return order


def an_hour_ago() -> Any:
    return timezone.now() - timedelta(hours=1)


def test_it_finds_nothing_where_orders_were_delivered(order: Order) -> None:
    assert audit() == []


def test_it_finds_nothing_where_nothing_is() -> None:
    assert audit() == []


def test_it_finds_nothing_at_any_step_of_an_order() -> None:
    rows.courier(1)
    now = timezone.now()
    order = town.place(1, now=now)
    for _step in range(6):
        assert audit() == []
        town.carry(now=now)
        assert audit() == []
        town.tick(now=now)
        now += timedelta(minutes=1)
    order.refresh_from_db()
    assert order.status == Order.Status.DELIVERED


def test_it_finds_nothing_where_an_order_was_cancelled() -> None:
    rows.station(1, code="oven", mode=Station.Mode.MANUAL)
    order = town.place(2, now=an_hour_ago())
    town.run(now=an_hour_ago())
    services.request_cancel(public_id=order.public_id, requested_by=order.customer_id)
    town.run(now=timezone.now())
    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    assert audit() == []


def test_it_finds_nothing_where_the_cancel_came_too_late() -> None:
    order = town.place(2, now=an_hour_ago())
    town.run(now=an_hour_ago())
    town.ask_unheard(order)
    rows.courier(1)
    town.run(now=timezone.now())
    order.refresh_from_db()
    assert (order.status, order.cancel_requested) == (Order.Status.DELIVERED, False)
    assert audit() == []


def test_it_finds_nothing_where_an_order_was_rejected() -> None:
    rows.station(1, code="oven", is_open=False)
    order = town.place(2, now=an_hour_ago())
    town.run(now=an_hour_ago())
    order.refresh_from_db()
    assert order.status == Order.Status.REJECTED
    assert audit() == []


def test_it_finds_nothing_where_an_order_waits_for_a_courier() -> None:
    now = timezone.now()
    order = town.place(2, now=now)
    town.run(now=now, steps=3)
    assert Delivery.objects.get().status == Delivery.Status.AWAITING_COURIER
    assert audit() == []
    Order.objects.update(updated_at=an_hour_ago())
    assert [(finding.number, finding.what) for finding in audit()] == [
        (order.pk, "it is cooked, and its next event is overdue")
    ]


def test_it_finds_nothing_where_a_delivery_was_given_up(settings: Any) -> None:
    settings.DELIVERY_FAILURE_RATE = 1.0
    rows.courier(1)
    rows.courier(2)
    order = town.place(2, now=an_hour_ago())
    town.run(now=an_hour_ago())
    order.refresh_from_db()
    assert order.status == Order.Status.DELIVERY_FAILED
    assert audit() == []


def test_it_finds_nothing_where_outboxes_were_purged(order: Order) -> None:
    for service in ("orders", "kitchen", "delivery"):
        outbox_of(service).objects.all().delete()
    assert audit() == []


class Books:
    """The rows of one order in every book."""

    def __init__(self, order: Order) -> None:
        self.model = order
        self.order = Order.objects.filter(pk=order.pk)
        self.lines = OrderLine.objects.filter(order=order)
        self.kitchen = KitchenOrder.objects.filter(order_id=order.public_id)
        self.tickets = Ticket.objects.filter(order_id=order.public_id)
        self.delivery = Delivery.objects.filter(order_id=order.public_id)

    def told(self, topic: str) -> Any:
        return TimelineEntry.objects.filter(order=self.model, type=topic)

    def tell(self, topic: str, status: str) -> None:
        rows.timeline_entry(0, of=self.model, type=topic, status=status)

    def sent(self, service: str, topic: str) -> Any:
        return outbox_of(service).objects.filter(topic=topic, key=str(self.model.public_id))

    def send_again(self, service: str, topic: str) -> None:
        row = self.sent(service, topic).get()
        row.pk, row.event_id = None, uuid7()
        row.save(force_insert=True)

    def unhear(self, reader: str, service: str, topic: str) -> None:
        event_id = self.sent(service, topic).get().event_id
        inbox_of(reader).objects.filter(event_id=event_id).delete()

    def leave_kitchen(self) -> None:
        self.tickets.delete()
        self.kitchen.delete()


# What is done to the books of a delivered order, and what the audit must say of it.
TAMPERED: list[tuple[Callable[[Books], Any], str]] = [
    # Orders' book.
    (lambda b: b.order.update(total=1), "its total is 1.00, its lines' 28.50"),
    (lambda b: b.lines.filter(quantity=2).delete(), "its lines' 9.50"),
    (lambda b: b.lines.all().delete(), "it has no lines"),
    (lambda b: b.order.update(status="cooking", status_rank=20), "has come further"),
    (lambda b: b.order.update(status="cancelled"), "the kitchen says cooked"),
    (lambda b: b.told("order_cooked").delete(), "order_cooked was handled and is not in"),
    (lambda b: b.told("order_created").delete(), "order_created is not in its timeline"),
    (lambda b: b.tell("order_cooked", "cooked"), "order_cooked is in its timeline 2 times"),
    (lambda b: b.tell("order_cancelled", "cancelled"), "it ended more than once"),
    # The kitchen's.
    (Books.leave_kitchen, "the kitchen handled order_created and does not have it"),
    (lambda b: b.tickets.update(lines=[]), "its tickets hold 0 dishes, its lines 3"),
    (lambda b: b.tickets.all().delete(), "its tickets hold 0 dishes, its lines 3"),
    (lambda b: b.tickets.update(status="queued"), "1 of its tickets are open"),
    (lambda b: b.kitchen.update(status="queued"), "the kitchen says queued"),
    (lambda b: b.send_again("kitchen", "order_cooked"), "order_cooked was sent as 2 events"),
    (lambda b: b.send_again("orders", "order_created"), "order_created was sent as 2 events"),
    # Delivery's.
    (lambda b: b.delivery.all().delete(), "delivery handled order_cooked and does not have it"),
    (lambda b: b.delivery.update(status="failed"), "delivery says failed"),
    (lambda b: b.send_again("delivery", "order_delivered"), "order_delivered was sent as 2"),
    # Messages.
    (
        lambda b: b.sent("kitchen", "order_cooked").update(published_at=None),
        "order_cooked is in the outbox of kitchen, unpublished",
    ),
    (
        lambda b: b.unhear("delivery", "kitchen", "order_cooked"),
        "order_cooked is published, and delivery has not handled it",
    ),
    (
        lambda b: b.unhear("orders", "delivery", "order_delivered"),
        "order_delivered is published, and orders has not handled it",
    ),
    (
        lambda b: rows.dead_letter("kitchen", key=str(b.model.public_id)),
        "order_created is dead letter",
    ),
]


@pytest.mark.parametrize(("tamper", "what"), TAMPERED, ids=[what for _, what in TAMPERED])
def test_it_names_the_order_whose_books_disagree(
    tamper: Callable[[Books], Any], what: str, order: Order
) -> None:
    delivered(1)
    tamper(Books(order))
    found = audit()
    assert any(what in str(finding) for finding in found), [str(finding) for finding in found]
    assert {(finding.order_id, finding.number) for finding in found} == {
        (order.public_id, order.pk)
    }


def test_it_names_an_order_that_the_kitchen_was_never_told_of() -> None:
    order = town.place(1, now=timezone.now())
    outbox_of("orders").objects.all().delete()
    assert [finding.order_id for finding in audit()] == [order.public_id]


def test_it_names_an_end_that_nobody_was_told_of(order: Order) -> None:
    books = Books(order)
    books.order.update(status="out_for_delivery", status_rank=40, updated_at=timezone.now())
    books.told("order_delivered").delete()
    books.sent("delivery", "order_delivered").delete()
    assert [finding.what for finding in audit()] == [
        "delivery says delivered, and order_delivered is neither in the outbox nor told"
    ]


def test_it_names_orders_that_only_a_later_service_has() -> None:
    kitchen = rows.kitchen_order(7, status="cancelled")
    delivery = rows.delivery(8)
    assert {(f.order_id, f.number, f.what) for f in audit()} == {
        (kitchen.order_id, 7, "the kitchen has it, and orders does not"),
        (delivery.order_id, 8, "delivery has it, and orders does not"),
    }


def test_it_names_messages_that_are_no_orders() -> None:
    rows.outbox("kitchen", key="nobody", topic="order_cooked.dlt")
    rows.dead_letter("delivery", key="nobody")
    assert [finding.order_id for finding in audit()] == [None, None]


def test_it_bears_what_has_just_been_sent() -> None:
    now = timezone.now()
    town.place(1, now=now)
    assert audit() == []
    assert audit(stuck_after=timedelta(0)) != []


def test_it_bears_a_dead_letter_that_was_redriven() -> None:
    rows.dead_letter("kitchen", redriven_at=rows.NOW)
    assert audit() == []


def test_it_bears_a_message_that_was_redriven() -> None:
    rows.courier(1)
    order = town.place(1, now=an_hour_ago())
    message = outbox_of("orders").objects.get(key=str(order.public_id))
    record = town.record_of("orders", message)
    dead_letters.bury("kitchen", record, ValueError("broken"), now=an_hour_ago())
    town.run(now=an_hour_ago())
    assert any("order_created is dead letter" in finding.what for finding in audit())
    waiting = dead_letters_of("kitchen").objects.waiting()
    ids = list(waiting.values_list("pk", flat=True))
    assert dead_letters.redrive("kitchen", ids, now=an_hour_ago()) == ids
    town.run(now=an_hour_ago())
    order.refresh_from_db()
    assert order.status == Order.Status.DELIVERED
    assert audit() == []
    # Once the first is purged, too.
    outbox_of("orders").objects.filter(event_id=message.event_id).delete()
    assert audit() == []


def test_it_bears_a_dead_letter_that_was_discarded() -> None:
    rows.dead_letter("kitchen", discarded_at=rows.NOW)
    assert audit() == []


def test_it_says_of_an_order_what_somebody_discarded(order: Order) -> None:
    Books(order).told("order_delivered").delete()
    decision = {"discarded_at": rows.NOW, "discarded_by": "ann", "discard_reason": "Too old"}
    rows.dead_letter("orders", key=str(order.public_id), topic="order_delivered", **decision)
    said = "(order_delivered was discarded for orders by ann: Too old)"
    assert [said in finding.what for finding in audit()] == [True] * len(audit())


def test_it_drops_what_a_second_look_does_not_find(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    Order.objects.update(total=1)

    def meanwhile(_seconds: float) -> None:
        Order.objects.update(total=order.total)

    monkeypatch.setattr("time.sleep", meanwhile)
    assert audit() == []


def test_it_asks_as_often_for_many_orders_as_for_few() -> None:
    def statements() -> int:
        with (
            CaptureQueriesContext(connections["orders"]) as orders,
            CaptureQueriesContext(connections["kitchen"]) as kitchen,
            CaptureQueriesContext(connections["delivery"]) as delivery,
        ):
            assert audit() == []
        return len(orders) + len(kitchen) + len(delivery)

    delivered(1)
    few = statements()
    for _ in range(20):
        town.place(1, now=an_hour_ago())
    town.run(now=an_hour_ago(), steps=40)
    assert statements() == few


def test_it_looks_at_every_order_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_module, "CHUNK", 2)
    delivered(1)
    for _ in range(4):
        town.place(1, now=an_hour_ago())
    town.run(now=an_hour_ago())
    last = Order.objects.latest("pk")
    Order.objects.filter(pk=last.pk).update(total=1)
    looked: list[int] = []
    assert [finding.number for finding in audit(progress=looked.append)] == [last.pk]
    assert looked == [2, 2, 1]


def command(*args: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("audit", *args, stdout=out)
    except SystemExit as exit_:
        return int(exit_.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_it_exits_0_when_clean(order: Order) -> None:
    assert command() == (0, "1 orders: clean\n")
    code, told = command("--json")
    assert (code, json.loads(told)) == (0, {"orders": 1, "findings": []})


def test_it_exits_1_and_names_the_order(order: Order) -> None:
    Order.objects.update(total=1)
    code, told = command()
    assert code == 1
    assert f"#{order.pk} ({order.public_id})" in told
    code, told = command("--json")
    finding = json.loads(told)["findings"][0]
    assert (code, finding["number"], finding["order_id"], finding["kind"]) == (
        1,
        order.pk,
        str(order.public_id),
        "wrong",
    )


def test_it_claims_nothing_without_every_book(settings: Any) -> None:
    nothing = {"ENGINE": "django.db.backends.dummy"}
    settings.DATABASES = {**settings.DATABASES, "delivery": nothing}
    with pytest.raises(CommandError, match="DELIVERY_DATABASE_URL") as error:
        command()
    assert error.value.returncode == 2


def test_it_tells_a_finding_in_a_line() -> None:
    id_ = uuid7()
    finding = Finding(audit_module.Kind.STUCK, "it waits", order_id=id_, number=7)
    assert str(finding) == f"stuck: order #7 ({id_}): it waits"
    assert str(Finding(audit_module.Kind.STUCK, "it waits")) == "stuck: it waits"
