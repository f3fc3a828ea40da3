"""A service whose database was set back: it catches up, and nothing happens twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.utils import timezone

from delivery import services as delivery_services
from delivery.models import Courier, Delivery
from kitchen import services as kitchen_services
from kitchen.models import KitchenOrder, Station, Ticket
from orders import services
from orders.models import Order, TimelineEntry
from restaurant.messaging import contracts
from restaurant.messaging.models import outbox_of
from restaurant.staff import audit as audit_module
from restaurant.staff.audit import audit
from restaurant.staff.republish import republish_unfinished
from restaurant.staff.restored import catch_up
from tests.staff import rows, town

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
START = timezone.now() - timedelta(hours=1)


@pytest.fixture(autouse=True)
def _quick(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SIMULATION_SPEED = 1_000_000
    monkeypatch.setattr(audit_module, "SECONDS_BETWEEN_LOOKS", 0)


class Backup:
    """A copy of a service's tables, and the way back to it."""

    def __init__(self, service: str) -> None:
        self.models = [m for m in apps.get_app_config(service).get_models() if m._meta.managed]
        self.text = serializers.serialize(
            "json", [row for model in self.models for row in model._default_manager.order_by("pk")]
        )
        self.service = service

    def restore(self) -> None:
        for model in sorted(self.models, key=lambda m: m is not Ticket and m is not Delivery):
            model._default_manager.all()._raw_delete(self.service)
        for row in serializers.deserialize("json", self.text, using=self.service):
            row.save(using=self.service)


def minute(number: int) -> Any:
    return START + timedelta(minutes=number)


def deliver(*quantities: int, now: Any) -> Order:
    order = town.place(*quantities, now=now)
    town.run(now=now)
    return order


def ask_to_cancel(order: Order) -> None:
    services.request_cancel(
        public_id=order.public_id, requested_by=order.customer_id, reason="late"
    )


def catch_up_and_go_on(service: str, *, now: Any) -> int:
    """Do what the command does, and let the town go on."""
    behind = catch_up(service, now=now)
    republish_unfinished()
    town.run(now=now)
    return behind


def said(service: str) -> dict[Any, str]:
    rows_ = outbox_of(service).objects.exclude(topic__endswith="_changed")
    return dict(rows_.values_list("event_id", "topic"))


def timelines() -> set[Any]:
    return set(TimelineEntry.objects.values_list("event_id", flat=True))


def test_the_kitchen_knows_again_what_it_did_since() -> None:
    rows.courier(1)
    Station.objects.create(code="grill", name="Grill", mode=Station.Mode.MANUAL)
    Station.objects.create(code="bar", name="Bar", is_open=False)
    deliver(1, now=minute(0))
    Courier.objects.update(on_shift=False)
    cooked = town.place(1, now=minute(0))
    town.run(now=minute(0))
    half_cooked = town.place(2, now=minute(1), station="grill")
    in_queue = town.place(3, 1, now=minute(1))
    town.carry(now=minute(1))
    town.tick(now=minute(1))
    town.carry(now=minute(1))
    backup = Backup("kitchen")

    town.ask_unheard(cooked)
    town.run(now=minute(2))
    late = town.place(1, 2, now=minute(3))
    town.run(now=minute(3))
    town.ask_unheard(late)
    Courier.objects.update(on_shift=True)
    town.run(now=minute(3))
    rejected = town.place(1, now=minute(4), station="bar")
    cancelled = town.place(1, now=minute(4), station="grill")
    cooking = town.place(4, now=minute(4), station="grill")
    town.run(now=minute(4))
    ask_to_cancel(cancelled)
    town.run(now=minute(6))
    before = {order.pk: order.status for order in Order.objects.all()}
    assert sorted(before.values()) == sorted(
        ["delivered"] * 4 + ["rejected", "cancelled", "cooking", "cooking"]
    )
    spoken, told = said("kitchen"), timelines()
    backup.restore()
    unheard = town.place(1, now=minute(20))

    # Left out: what was over before the copy, what has not moved since, what nobody heard of.
    assert catch_up_and_go_on("kitchen", now=minute(21)) == 5
    assert {o.pk: o.status for o in Order.objects.exclude(pk=unheard.pk)} == before
    assert Order.objects.get(pk=unheard.pk).status == Order.Status.DELIVERED
    assert spoken.items() <= said("kitchen").items()
    (refusal,) = outbox_of("kitchen").objects.filter(topic="order_rejected")
    message = contracts.decode(refusal.type, bytes(refusal.payload))
    assert (message.code, list(message.stations)) == ("station_closed", ["bar"])
    ticket = Ticket.objects.select_related("station").get(order_id=cooking.public_id)
    dish = {"sku": "MARGHERITA", "name": "Margherita", "quantity": 4, "options": ["Large"]}
    assert ticket.lines == [{**dish, "note": ""}]
    assert (ticket.station.code, ticket.preparation_seconds) == ("grill", 480)
    new = TimelineEntry.objects.exclude(event_id__in=told)
    assert set(new.values_list("order_id", flat=True)) == {unheard.pk}
    by_order = {o.number: o.status for o in KitchenOrder.objects.all()}
    assert by_order[rejected.pk] == KitchenOrder.Status.REJECTED
    assert by_order[cooking.pk] == by_order[half_cooked.pk] == KitchenOrder.Status.COOKING
    assert by_order[in_queue.pk] == KitchenOrder.Status.COOKED
    for ticket in Ticket.objects.filter(status=Ticket.Status.COOKING):
        kitchen_services.bump(ticket_id=ticket.pk, now=minute(40))
    town.run(now=minute(40))
    assert audit() == []


def test_what_was_cooking_is_cooked_to_its_end() -> None:
    rows.courier(1)
    Station.objects.create(code="grill", name="Grill", mode=Station.Mode.MANUAL)
    backup = Backup("kitchen")
    order = town.place(1, now=minute(1), station="grill")
    town.run(now=minute(1))
    backup.restore()
    assert catch_up_and_go_on("kitchen", now=minute(20)) == 1
    ticket = Ticket.objects.get(order_id=order.public_id)
    assert ticket.status == Ticket.Status.COOKING
    kitchen_services.bump(ticket_id=ticket.pk, now=minute(40))
    town.run(now=minute(40))
    order.refresh_from_db()
    assert order.status == Order.Status.DELIVERED
    assert audit() == []


def test_catching_up_again_changes_nothing() -> None:
    rows.courier(1)
    backup = Backup("kitchen")
    deliver(1, now=minute(1))
    backup.restore()
    assert catch_up("kitchen", now=minute(20)) == 1
    kept = Backup("kitchen").text
    assert catch_up("kitchen", now=minute(21)) == 0
    assert Backup("kitchen").text == kept


def test_delivery_knows_again_what_it_did_since() -> None:
    courier = rows.courier(1)
    deliver(1, now=minute(0))
    Courier.objects.update(on_shift=False)
    waiting = town.place(2, now=minute(1))
    town.run(now=minute(1))
    backup = Backup("delivery")

    Courier.objects.update(on_shift=True)
    town.run(now=minute(2))
    since = deliver(1, now=minute(3))
    Courier.objects.update(mode=Courier.Mode.MANUAL)
    on_the_road = town.place(1, now=minute(5))
    town.run(now=minute(5))
    delivery_services.pick_up(
        delivery_id=Delivery.objects.get(order_id=on_the_road.public_id).pk, now=minute(18)
    )
    given_up = town.place(1, now=minute(19))
    town.run(now=minute(19))
    delivery_services.cancel(
        delivery_id=Delivery.objects.get(order_id=given_up.public_id).pk,
        reason="moved away",
        now=minute(32),
    )
    town.run(now=minute(32))
    before, spoken = {o.pk: o.status for o in Order.objects.all()}, said("delivery")
    backup.restore()

    assert catch_up("delivery", now=minute(46)) == 4
    assert said("delivery") == spoken
    by_order = {d.number: (d.status, d.courier_id) for d in Delivery.objects.all()}
    assert by_order[waiting.pk] == by_order[since.pk] == ("delivered", courier.pk)
    assert by_order[on_the_road.pk] == ("out_for_delivery", courier.pk)
    assert by_order[given_up.pk] == ("cancelled", None)
    # The copy's courier is automatic, so the clock arrives with what is on the road.
    republish_unfinished()
    town.run(now=minute(46))
    after = {o.pk: o.status for o in Order.objects.all()}
    assert after == {**before, on_the_road.pk: Order.Status.DELIVERED}
    assert audit() == []


def test_a_courier_who_is_not_known_any_more_is_made_off_shift() -> None:
    backup = Backup("delivery")
    rows.courier(1)
    deliver(1, now=minute(1))
    backup.restore()
    catch_up("delivery", now=minute(20))
    assert [c.on_shift for c in Courier.objects.all()] == [False]
    assert Delivery.objects.get().courier == Courier.objects.get()
    assert audit() == []
