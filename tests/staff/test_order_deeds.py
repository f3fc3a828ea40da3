"""What may be done to an order from its page: by its service, with a reason, or not and why."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from auth_grpc.models import User
from delivery import services as delivery_services
from delivery.models import Courier, Delivery
from kitchen import services as kitchen_services
from kitchen.models import KitchenOrder, Ticket
from orders import services as order_services
from orders.models import Order
from restaurant.messaging import dead_letters
from restaurant.messaging.models import dead_letters_of, outbox_of
from restaurant.staff.order.case import Asked, Case
from restaurant.staff.order.deeds import DEEDS
from restaurant.trail.models import trail_of
from tests.staff import rows, town
from tests.staff.order_ground import (
    DATABASES,
    address,
    an_hour_ago,
    client_of,
    cooked,
    look,
    press,
    refusal,
)

pytestmark = pytest.mark.django_db(databases=DATABASES)
SERVICES = ("orders", "kitchen", "delivery")
VIEW_LETTERS = ("kitchen.view_deadletter", "delivery.view_deadletter")


@pytest.fixture
def manager() -> Client:
    return client_of("manager")


def trail(service: str) -> list[tuple[str, str, str, str]]:
    entries = trail_of(service).objects.order_by("pk")
    return [(e.action, e.object_type, e.object_id, e.reason) for e in entries]


def nothing_recorded() -> bool:
    return not any(trail(service) for service in SERVICES)


def half_cooked() -> tuple[Order, Ticket]:
    """Give an order that cooks, and its ticket that is done."""
    order = rows.order(1, status="cooking", status_rank=20)
    known = rows.kitchen_order(order.pk, order_id=order.public_id, status="cooking", open_tickets=1)
    rows.ticket(1, of=known, at=rows.station(1, name="Oven"), status="cooking")
    bar = rows.station(2, name="Bar", mode="manual")
    return order, rows.ticket(2, of=known, at=bar, status="done", done_at=rows.NOW)


def waiting() -> tuple[Order, Delivery]:
    order = rows.order(1, status="cooked", status_rank=30)
    delivery = rows.delivery(
        order.pk, order_id=order.public_id, status="awaiting_courier", waiting_since=rows.NOW
    )
    return order, delivery


def stuck() -> tuple[Order, Any]:
    """Give an order whose event was published, and its outbox row; the kitchen has not had it."""
    order = town.place(1, now=an_hour_ago())
    outbox_of("orders").objects.update(published_at=an_hour_ago())
    return order, outbox_of("orders").objects.get()


def dead() -> tuple[Order, Any]:
    order = rows.order(1)
    return order, rows.dead_letter("kitchen", key=str(order.public_id))


# --- What can be done -----------------------------------------------------------------------------


def test_it_asks_the_kitchen_to_cancel_and_tells_who_asked_and_why(manager: Client) -> None:
    order = rows.order(1)
    assert press(manager, order, "request_cancel")["Location"] == address(order)
    order.refresh_from_db()
    assert order.cancel_requested
    message = outbox_of("orders").objects.get(key=str(order.public_id))
    assert message.topic == "order_cancel_requested"
    assert b"the guest called" in bytes(message.payload)
    assert trail("orders") == [
        ("request_cancel", "orders.order", str(order.pk), "the guest called")
    ]
    page = look(manager, order)
    assert "Staff asked to cancel it" in page
    assert "“the guest called”" in page


def test_it_recalls_a_ticket(manager: Client) -> None:
    order, ticket = half_cooked()
    assert press(manager, order, "recall", ticket.pk).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.moved_by) == ("cooking", "manager")
    assert trail("kitchen") == [("recall", "kitchen.ticket", str(ticket.pk), "the guest called")]


def test_it_assigns_and_reassigns_a_delivery(manager: Client) -> None:
    order, delivery = waiting()
    first, second = rows.courier(1, name="Kim"), rows.courier(2, name="Lee")
    assert press(manager, order, "assign", courier=first.pk, seen="").status_code == 302
    assert (
        "Kim has it now."
        in manager.get(
            reverse("staff:order_press", args=[order.pk, "assign", "-"])
        ).content.decode()
    )
    press(manager, order, "assign", courier=second.pk, seen=first.pk)
    delivery.refresh_from_db()
    assert delivery.courier == second
    assert [entry[0] for entry in trail("delivery")] == ["assign", "assign"]


def test_it_resends_what_its_readers_have_not_had(manager: Client) -> None:
    order, row = stuck()
    assert "Resend Nothing" not in look(manager, order)
    assert press(manager, order, "resend").status_code == 302
    row.refresh_from_db()
    assert (row.published_at, row.republished) == (None, 1)
    assert trail("orders") == [
        ("resend", "orders.outboxmessage", str(order.public_id), "the guest called")
    ]
    assert trail("kitchen") == []


def test_it_redrives_a_dead_letter(manager: Client) -> None:
    order, letter = dead()
    assert press(manager, order, "redrive-kitchen", f"kitchen-{letter.pk}").status_code == 302
    letter.refresh_from_db()
    assert letter.redriven_at
    assert outbox_of("kitchen").objects.filter(topic="order_created").exists()
    assert [(action, why) for action, _, _, why in trail("kitchen")] == [
        ("redrive", "the guest called")
    ]


# --- Who may not ----------------------------------------------------------------------------------

PRESSES: list[tuple[str, Callable[[], tuple[Order, Any]], Callable[[Any], object]]] = [
    ("request_cancel", lambda: (rows.order(1), None), lambda _: "-"),
    ("recall", half_cooked, lambda ticket: ticket.pk),
    ("assign", waiting, lambda _: "-"),
    ("resend", stuck, lambda _: "-"),
    ("redrive-kitchen", dead, lambda letter: f"kitchen-{letter.pk}"),
]
presses = pytest.mark.parametrize(
    ("deed", "lay_out", "target"), PRESSES, ids=[name for name, *_ in PRESSES]
)


@presses
def test_it_refuses_support_by_the_address_too(deed: str, lay_out: Any, target: Any) -> None:
    order, part = lay_out()
    courier = rows.courier(9)
    sent = press(client_of("support"), order, deed, target(part), courier=courier.pk)
    assert sent.status_code == 403
    assert nothing_recorded()


def test_it_redrives_of_no_other_service_than_the_right_is_for() -> None:
    order = rows.order(1)
    letters = {
        service: rows.dead_letter(service, key=str(order.public_id))
        for service in ("kitchen", "delivery")
    }
    group = Group.objects.create(name="redrivers")
    for right in ("orders.view_order", "kitchen.change_deadletter", *VIEW_LETTERS):
        app, code = right.split(".")
        group.permissions.add(Permission.objects.get(codename=code, content_type__app_label=app))
    client = client_of("redrivers")

    foreign = f"delivery-{letters['delivery'].pk}"
    why = refusal(press(client, order, "redrive-kitchen", foreign))
    assert why == "This order has no such dead letter."
    assert press(client, order, "redrive-delivery", foreign).status_code == 403
    letters["delivery"].refresh_from_db()
    assert letters["delivery"].redriven_at is None
    assert not outbox_of("delivery").objects.exists()
    assert nothing_recorded()

    own = f"kitchen-{letters['kitchen'].pk}"
    assert press(client, order, "redrive-kitchen", own).status_code == 302


@presses
def test_it_does_nothing_by_a_get_and_nothing_without_a_reason(
    deed: str, lay_out: Any, target: Any, manager: Client
) -> None:
    order, part = lay_out()
    courier = rows.courier(9)
    url = reverse("staff:order_press", args=[order.pk, deed, target(part)])
    asked = manager.get(url)
    assert asked.status_code == 200
    assert 'name="reason"' in asked.content.decode()
    assert "required" in refusal(
        press(manager, order, deed, target(part), reason=" ", courier=courier.pk, seen="")
    )
    assert nothing_recorded()


@presses
def test_it_offers_what_can_be_done(deed: str, lay_out: Any, target: Any, manager: Client) -> None:
    order, part = lay_out()
    url = reverse("staff:order_press", args=[order.pk, deed, target(part)])
    assert f'hx-get="{url}"' in manager.get(address(order)).content.decode()
    assert f'hx-get="{url}"' not in client_of("support").get(address(order)).content.decode()


@pytest.mark.once
def test_it_takes_no_press_without_the_forms_token() -> None:
    order = rows.order(1)
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("boss@example.com"))
    assert press(client, order, "request_cancel").status_code == 403


def test_it_knows_no_other_deed_and_no_others_ticket(manager: Client) -> None:
    order, _ticket = half_cooked()
    _other, foreign = half_cooked()
    assert press(manager, order, "explode").status_code == 404
    assert press(manager, order, "recall", foreign.pk).context["form"].errors
    assert press(manager, order, "redrive-kitchen", "kitchen-4711").context["form"].errors
    foreign.refresh_from_db()
    assert foreign.status == Ticket.Status.DONE
    assert nothing_recorded()


# --- What cannot be done, and why -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"status": "delivered", "status_rank": 100}, "Cannot be cancelled: it is delivered since"),
        ({"status": "cooked", "status_rank": 30}, "Cannot be cancelled: it is cooked since"),
        ({"cancel_requested": True}, "It was asked already; the kitchen decides."),
    ],
    ids=["ended", "cooked", "asked"],
)
def test_it_says_why_an_order_cannot_be_cancelled(
    fields: dict[str, Any], why: str, manager: Client
) -> None:
    order = rows.order(1, **fields)
    assert f"Ask to cancel {why}" in look(manager, order)
    assert why in refusal(press(manager, order, "request_cancel"))
    assert nothing_recorded()


def test_it_says_since_when_a_ticket_cannot_be_recalled_and_where_it_is(manager: Client) -> None:
    order = cooked(an_hour_ago())
    ticket = Ticket.objects.get()
    assert "the whole order is cooked since" in look(manager, order)
    courier = rows.courier(1, name="Kim")
    town.run(now=timezone.now(), steps=1)
    assert "Recall Cannot be recalled: Kim has it since" in look(manager, order)
    delivery_services.pick_up(delivery_id=Delivery.objects.get().pk, now=timezone.now())
    assert "it is on the road with Kim since" in refusal(press(manager, order, "recall", ticket.pk))
    why = "Cannot be reassigned: it is on the road with Kim since"
    assert why in refusal(press(manager, order, "assign", courier=courier.pk, seen=courier.pk))
    assert nothing_recorded()


@pytest.mark.parametrize(
    ("status", "why"),
    [("failed", "it is failed since"), ("delivered", "it is delivered since")],
)
def test_it_says_why_an_ended_delivery_cannot_be_reassigned(
    status: str, why: str, manager: Client
) -> None:
    order, delivery = waiting()
    Delivery.objects.filter(pk=delivery.pk).update(
        status=status, waiting_since=None, courier=rows.courier(1), delivered_at=rows.NOW
    )
    assert f"Cannot be reassigned: {why}" in look(manager, order)


def test_it_says_that_there_is_nothing_to_assign_or_to_resend(manager: Client) -> None:
    order = town.place(1, now=timezone.now())
    page = look(manager, order)
    assert "Assign There is no delivery" in page
    assert "Resend Nothing to resend: order_created is in the outbox and goes by itself." in page
    town.carry(now=timezone.now())
    assert "Resend Nothing to resend: its readers have had every event." in look(manager, order)


def test_it_says_that_a_dead_letter_is_to_be_redriven(manager: Client) -> None:
    order, _letter = dead()
    assert "Resend Nothing to resend: a reader has it as a dead letter" in look(manager, order)
    assert "dead letter" in refusal(press(manager, order, "resend"))
    assert nothing_recorded()


def test_it_does_not_redrive_twice(manager: Client) -> None:
    order, letter = dead()
    target = f"kitchen-{letter.pk}"
    press(manager, order, "redrive-kitchen", target)
    assert "sent again already" in refusal(press(manager, order, "redrive-kitchen", target))
    dead_letters_of("kitchen").objects.update(redriven_at=None)
    dead_letters.discard("kitchen", [letter.pk], reason="a test", now=timezone.now())
    assert "discarded" in refusal(press(manager, order, "redrive-kitchen", target))


# --- Who came second ------------------------------------------------------------------------------


def before(name: str, what: Callable[[], object]) -> Any:
    """Have somebody else be faster, after the page was read and before the deed is done."""
    deed = DEEDS[name]

    def do(case: Case, asked: Asked) -> str:
        what()
        return deed.do(case, asked)

    return patch.dict(DEEDS, {name: replace(deed, do=do)})


def test_it_says_who_bumped_on_before_a_recall(manager: Client) -> None:
    order, ticket = half_cooked()

    def bump() -> None:
        last = Ticket.objects.get(order=ticket.order, status="cooking")
        kitchen_services.bump(ticket_id=last.pk, now=timezone.now(), by="Cem")

    with before("recall", bump):
        why = refusal(press(manager, order, "recall", ticket.pk))
    assert "the order is complete and on its way" in why
    assert nothing_recorded()
    assert KitchenOrder.objects.get().status == KitchenOrder.Status.COOKED


def test_it_says_who_assigned_before(manager: Client) -> None:
    order, delivery = waiting()
    first, second = rows.courier(1, name="Kim"), rows.courier(2, name="Lee")
    delivery_services.assign(
        delivery_id=delivery.pk, courier_id=first.pk, now=timezone.now(), by="Dora"
    )
    why = refusal(press(manager, order, "assign", courier=second.pk, seen=""))
    assert "Dora gave it to Kim" in why
    delivery.refresh_from_db()
    assert delivery.courier == first
    assert nothing_recorded()


def test_it_says_that_a_courier_went_home_or_is_full(manager: Client) -> None:
    order, _delivery = waiting()
    courier = rows.courier(1, name="Kim")
    gone = lambda: Courier.objects.filter(pk=courier.pk).update(on_shift=False)  # noqa: E731
    with before("assign", gone):
        why = refusal(press(manager, order, "assign", courier=courier.pk, seen=""))
    assert "Kim is off shift" in why
    # Next time the dialog does not know them.
    answer = press(manager, order, "assign", courier=courier.pk, seen="")
    assert answer.context["form"].errors["courier"]
    assert nothing_recorded()


def test_it_takes_no_forged_form(manager: Client) -> None:
    order, _delivery = waiting()
    courier = rows.courier(1)
    for given in ({"courier": courier.pk, "seen": "x"}, {"courier": "x", "seen": ""}):
        assert press(manager, order, "assign", **given).context["form"].errors
    assert nothing_recorded()


def test_it_says_that_somebody_else_has_just_asked(manager: Client) -> None:
    order = rows.order(1)

    def ask() -> None:
        # The kitchen is asked once, whoever asks.
        order_services.request_cancel(public_id=order.public_id, requested_by=order.customer_id)

    with before("request_cancel", ask):
        why = refusal(press(manager, order, "request_cancel"))
    assert "Somebody else has just asked" in why
    assert outbox_of("orders").objects.count() == 1
    assert nothing_recorded()


@pytest.mark.parametrize(
    ("status", "rank", "why"),
    [
        ("cooked", 30, "cannot be cancelled any more: the order is cooked"),
        ("out_for_delivery", 40, "cannot be cancelled any more: the order is out for delivery"),
        ("delivered", 100, "the order is delivered"),
        ("cancelled", 100, "It was cancelled meanwhile."),
    ],
)
def test_it_says_that_an_order_went_on_meanwhile(
    manager: Client, status: str, rank: int, why: str
) -> None:
    order = rows.order(1)
    go_on = lambda: Order.objects.update(status=status, status_rank=rank)  # noqa: E731
    with before("request_cancel", go_on):
        assert why in refusal(press(manager, order, "request_cancel"))
    assert not outbox_of("orders").objects.exists()
    assert nothing_recorded()


def test_it_shows_the_whole_page_again_after_a_dialog(manager: Client) -> None:
    order = rows.order(1)
    manager.defaults["HTTP_HX_REQUEST"] = "true"
    assert press(manager, order, "request_cancel")["HX-Redirect"] == address(order)
    messages = manager.get(address(order)).context["messages"]
    assert [str(said) for said in messages] == [f"#{order.pk}: The kitchen is asked to cancel it."]


def test_it_says_in_an_old_dialog_why_it_cannot_be_done(manager: Client) -> None:
    order = rows.order(1, status="delivered", status_rank=100)
    url = reverse("staff:order_press", args=[order.pk, "request_cancel", "-"])
    assert "Cannot be cancelled" in manager.get(url).content.decode()
