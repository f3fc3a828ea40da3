"""An order's journey: each event from its decision to its readers, and what befell it there."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from delivery.models import Courier, Delivery
from delivery.services import fail
from kitchen.models import Ticket
from orders.models import Order
from proto.orders_pb2 import OrderCreated
from restaurant.messaging import dead_letters, inbox, outbox
from restaurant.messaging.events import Record, headers_of
from restaurant.messaging.models import dead_letters_of, inbox_of, outbox_of
from restaurant.staff.order import topics
from restaurant.staff.order.dossier import read
from restaurant.staff.order.journey import Hop, hops
from restaurant.staff.order.rights import Rights
from tests.staff import rows, town
from tests.staff.order_ground import DATABASES, an_hour_ago, client_of, cooked, look, step

pytestmark = pytest.mark.django_db(databases=DATABASES)


class Everything:
    """A reader who may see it all."""

    def has_perm(self, _permission: str) -> bool:
        return True


def journey(order: Order) -> list[Hop]:
    return hops(read(order, Rights(Everything()), now=timezone.now()))


def hop_of(order: Order, name: str) -> Hop:
    return next(hop for hop in journey(order) if hop.name == name)


def published(order: Order) -> Any:
    """Have the broker take what orders says, and nobody read it; gives the outbox's row."""
    outbox_of("orders").objects.update(published_at=order.created_at + timedelta(milliseconds=12))
    return outbox_of("orders").objects.get(key=str(order.public_id))


def record_of(row: Any) -> Record:
    headers = headers_of(row, source="orders")
    return Record(row.topic, 3, 1042, row.key, headers, bytes(row.payload))


@pytest.fixture
def boss() -> Client:
    return client_of("boss")


def test_it_tells_the_way_of_each_event_in_the_order_decided(boss: Client) -> None:
    rows.courier(1, name="Kim")
    order = cooked(an_hour_ago(), client_address="203.0.113.7", correlation_id="4bf92f")
    town.run(now=an_hour_ago() + timedelta(minutes=10), steps=30)
    found = journey(order)
    assert [(hop.name, hop.source, [a.service for a in hop.arrivals]) for hop in found] == [
        ("order_created", "orders", ["kitchen"]),
        ("order_accepted", "kitchen", ["orders"]),
        ("order_cooking", "kitchen", ["orders"]),
        ("order_cooked", "kitchen", ["orders", "delivery"]),
        ("order_dispatched", "delivery", ["orders"]),
        ("order_delivered", "delivery", ["orders"]),
    ]
    assert {a.state for hop in found for a in hop.arrivals} == {"handled"}
    assert found[0].gap is None
    assert found[3].gap == timedelta(minutes=1)
    page = look(boss, order)
    placed = step(page, "Order placed")
    for told in (
        f"Request 4bf92f {order.customer_id} from 203.0.113.7",
        "Rows order, 1 line, timeline and outbox, in one transaction",
        f"Outbox Orders {found[0].sent.sequence} published after",  # type: ignore[union-attr]
        "Topic order_created partition 0, offset",
        "Kitchen attempt 1, after",
        "State placed Outbox",
    ):
        assert told in placed, told
    assert "with Kim" in step(page, "On the road")
    assert '"address": "12 Canal Street"' in page


def test_it_tells_where_and_at_which_try_an_event_was_handled_and_how_long_it_waited(
    boss: Client,
) -> None:
    order = town.place(1, now=an_hour_ago())
    record = record_of(published(order))
    handled_at = order.created_at + timedelta(milliseconds=1500)
    attempt = inbox.Try(3, order.created_at)
    with transaction.atomic(using="kitchen"):
        inbox.keep_new("kitchen", [(record.event_id, record)], now=handled_at, attempt=attempt)
    placed = step(look(boss, order), "Order placed")
    assert "published after 12 ms" in placed
    assert "partition 3, offset 1042" in placed
    assert "Kitchen attempt 3, after 1.5 s" in placed


def test_it_says_what_is_not_published_yet(boss: Client) -> None:
    order = town.place(1, now=timezone.now())
    page = step(look(boss, order), "Order placed")
    assert "waits to be published since" in page
    assert "Kitchen" not in page


@pytest.mark.parametrize("late", [False, True])
def test_it_says_what_is_published_and_not_handled(late: bool, boss: Client) -> None:
    order = town.place(1, now=an_hour_ago() if late else timezone.now())
    published(order)
    page = step(look(boss, order), "Order placed")
    assert ("is the worker of Kitchen running?" in page) == late
    assert ("Kitchen not handled yet" in page) == (not late)
    assert "place not known until a reader has it" in page


def test_it_tells_of_events_published_again_and_of_the_copies_dropped(boss: Client) -> None:
    order = cooked(an_hour_ago())
    for service in ("orders", "kitchen"):
        outbox.republish(service, [str(order.public_id)])
    waiting = step(look(boss, order), "Order placed")
    assert "waits to be published again" in waiting
    # Its readers have had it: nothing waits for them.
    assert "not handled" not in waiting
    town.carry(now=timezone.now())
    placed = step(look(boss, order), "Order placed")
    assert "published again 1 time, last at" in placed
    assert "published after" not in placed
    assert "1 repeat dropped" in placed
    assert hop_of(order, "order_cooked").arrivals[1].row.repeats == 1
    assert Ticket.objects.count() == 1


def test_it_shows_a_dead_letter_in_its_place_and_that_it_was_redriven(boss: Client) -> None:
    rows.station(1, code="oven", name="Oven")
    order = town.place(1, now=an_hour_ago())
    record = record_of(published(order))
    dead_letters.bury("kitchen", record, ValueError("no such dish"), now=an_hour_ago())
    assert [hop.name for hop in journey(order)] == ["order_created"]
    page = step(look(boss, order), "Order placed")
    assert "Kitchen dead letter since" in page
    assert "ValueError: no such dish" in page
    assert "Redrive" in page
    letter = dead_letters_of("kitchen").objects.get()
    dead_letters.redrive("kitchen", [letter.pk], now=timezone.now())
    page = step(look(boss, order), "Order placed")
    assert "redriven dead letter, not handled yet" in page
    assert "Redriven: waits to be sent" in page
    assert [hop.name for hop in journey(order)] == ["order_created"]
    town.carry(now=timezone.now())
    page = step(look(boss, order), "Order placed")
    assert "attempt 1, after 1 h" in page
    assert "was a dead letter before" in page
    assert "Redriven: sent to its topic again" in page
    assert hop_of(order, "order_accepted").arrivals[0].state == "handled"


def test_it_tells_that_a_dead_letter_was_discarded_and_why(boss: Client) -> None:
    order = town.place(1, now=an_hour_ago())
    dead_letters.bury("kitchen", record_of(published(order)), ValueError("no"), now=an_hour_ago())
    letter = dead_letters_of("kitchen").objects.get()
    dead_letters.discard(
        "kitchen", [letter.pk], reason="a test order", now=timezone.now(), by="max"
    )
    page = step(look(boss, order), "Order placed")
    assert "dead letter, discarded by max: a test order" in page
    assert "Redrive" not in page


def test_it_tells_of_a_dead_letter_that_nobody_published(boss: Client) -> None:
    order = rows.order(1)
    rows.dead_letter("delivery", key=str(order.public_id), error="ValueError: forged")
    assert "ValueError: forged" in look(boss, order)


def test_it_says_that_an_outbox_was_purged_and_takes_nothing_for_a_fault(boss: Client) -> None:
    order = cooked(an_hour_ago())
    for service in ("orders", "kitchen"):
        outbox_of(service).objects.all().delete()
    found = journey(order)
    assert [hop.name for hop in found] == [
        "order_created",
        "order_accepted",
        "order_cooking",
        "order_cooked",
    ]
    assert {a.state for hop in found for a in hop.arrivals} == {"handled"}
    page = look(boss, order)
    assert "keeps what was published for 1 d 0 h" in page
    placed = step(page, "Order placed")
    assert "Outbox purged" in placed
    assert "partition 0, offset" in placed
    assert "Nothing to resend" in page


def test_it_says_that_an_inbox_does_not_remember_so_long(boss: Client) -> None:
    order = cooked(timezone.now() - timedelta(days=30))
    for service in ("orders", "kitchen", "delivery"):
        outbox_of(service).objects.all().delete()
        inbox_of(service).objects.all().delete()
    page = look(boss, order)
    assert "its inbox does not remember so long" in page
    assert "not handled" not in page


def test_it_tells_of_a_second_try_with_another_courier(boss: Client) -> None:
    first = rows.courier(1, name="Kim", mode=Courier.Mode.MANUAL)
    order = cooked(an_hour_ago())
    town.run(now=an_hour_ago() + timedelta(minutes=10), steps=1)
    delivery = Delivery.objects.get()
    Delivery.objects.update(status="out_for_delivery", dispatched_at=timezone.now())
    fail(delivery_id=delivery.pk, reason="nobody opened", now=timezone.now())
    Courier.objects.filter(pk=first.pk).update(on_shift=False)
    page = look(boss, order)
    assert "No courier awaiting courier try 2 of 2" in page
    assert "Kim failed at" in page
    assert "nobody opened" in page
    rows.courier(2, name="Lee")
    for tried, who in ((1, "Kim"), (2, "Lee")):
        rows.timeline_entry(
            tried,
            of=order,
            type="order_dispatched",
            at=timezone.now(),
            detail={"courier": who, "attempt": tried},
        )
    page = look(boss, order)
    assert "try 1: Kim left at" in page
    assert "try 2: Lee left at" in page
    assert "with Lee · try 2" in page


def test_it_shows_a_payload_that_cannot_be_decoded_as_bytes(boss: Client) -> None:
    order = rows.order(1)
    rows.outbox("orders", key=str(order.public_id), payload=b"\xff\xff")
    page = look(boss, order)
    assert "Cannot be decoded" in page
    assert "ff ff" in page


def test_it_escapes_what_strangers_wrote(boss: Client) -> None:
    order = rows.order(1, note="<script>alert(1)</script>", address="<b>here</b>")
    payload = OrderCreated(order_id=str(order.public_id), note="<img src=x>").SerializeToString()
    rows.outbox("orders", key=str(order.public_id), payload=payload)
    rows.dead_letter("kitchen", key=str(order.public_id), error="<i>no</i>")
    html = boss.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    for wrote in ("<script>alert", "<b>here", "<img src=x", "<i>no"):
        assert wrote not in html


def test_it_names_what_is_closed_once() -> None:
    detail = {"code": "station_closed", "reason": "closed: Bar", "stations": ["bar"]}
    assert topics.told(detail) == "“closed: Bar”"
    assert topics.told({"stations": ["oven", "bar"]}) == "oven, bar"
