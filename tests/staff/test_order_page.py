"""The page of one order: all of it, by the reader's rights, in a fixed number of questions."""

import re
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from auth_grpc.models import User
from delivery import services as delivery_services
from delivery.models import Courier, Delivery
from orders.models import Order
from restaurant.staff import books
from restaurant.staff.order.topics import TOPICS
from restaurant.trail.models import trail_of
from tests.staff import rows, town
from tests.staff.order_ground import DATABASES, address, an_hour_ago, client_of, cooked, look

pytestmark = pytest.mark.django_db(databases=DATABASES)
# The session and the reader; then of orders the order, its lines, timeline, customer and others;
# two of the kitchen and one of delivery; of each of the three an outbox, dead letters, an inbox,
# and a trail.
STATEMENTS = 2 + 5 + 2 + 1 + 3 * 4


@pytest.fixture
def boss() -> Client:
    return client_of("boss")


def delivered(*quantities: int) -> Order:
    rows.station(1, code="oven", name="Oven")
    rows.courier(1, name="Kim")
    order = town.place(*quantities, now=an_hour_ago())
    town.run(now=an_hour_ago())
    town.run(now=timezone.now())
    order.refresh_from_db()
    assert order.status == Order.Status.DELIVERED
    return order


def test_it_knows_who_reads_what_as_the_workers_declare_it() -> None:
    from restaurant.staff.audit.cases import READERS

    assert {name: set(topic.readers) for name, topic in TOPICS.items()} == {
        name: set(readers) for name, readers in READERS.items()
    }


def test_it_shows_all_of_an_order(boss: Client) -> None:
    order = delivered(1, 2)
    User.objects.create_user("ann@example.com", name="Ann", id=order.customer_id)
    other = rows.order(2, customer_id=order.customer_id)
    stranger = rows.order(3)
    Order.objects.filter(pk=order.pk).update(client_address="203.0.113.7", note="ring twice")
    page = look(boss, order)
    for told in (
        f"#{order.pk} delivered",
        "€28.50",
        "2 × Margherita oven Size: Large €19.00€9.50",  # noqa: RUF001 - as a menu writes it
        "Name Ann",
        "ann@example.com",
        "Note ring twice",
        f"#{other.pk} placed",
        "Oven done",
        "Kim delivered",
        "from 203.0.113.7",
    ):
        assert told in page, told
    assert f"#{stranger.pk}" not in page


def test_it_tells_the_way_with_the_time_between_its_stages(boss: Client) -> None:
    context = boss.get(address(delivered(1))).context
    stages = [(stage.status.value, stage.state) for stage in context["stages"]]
    assert stages == [
        (status, "done")
        for status in ("placed", "accepted", "cooking", "cooked", "out_for_delivery", "delivered")
    ]
    assert context["stages"][2].took == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("fields", "told"),
    [({"note": "I am allergic to nuts"}, "order"), ({}, "line")],
    ids=["the order's note", "a line's note"],
)
def test_it_lets_no_allergy_be_overlooked(fields: Any, told: str, boss: Client) -> None:
    order = rows.order(1, **fields)
    rows.order_line(1, of=order, note="no nuts" if told == "line" else "well done")
    page = boss.get(address(order)).content.decode()
    assert page.count("is-allergy") == 1
    assert "Allergy:" in page


def test_it_marks_of_a_ticket_the_line_that_is_about_an_allergy(boss: Client) -> None:
    order = rows.order(1, status="cooking", status_rank=20)
    known = rows.kitchen_order(order.pk, order_id=order.public_id, status="cooking")
    notes = ("well done", "I am allergic to nuts", "")
    lines = [{"name": "Pizza", "quantity": 1, "options": [], "note": note} for note in notes]
    # The last as a menu without notes left it.
    del lines[2]["note"]
    rows.ticket(1, of=known, at=rows.station(1, name="Oven"), status="cooking", lines=lines)
    page = boss.get(address(order)).content.decode()
    marked = re.findall(r'<span class="order-note *(is-allergy)?">(.+?)</span>', page)
    assert marked == [("", "well done"), ("is-allergy", "I am allergic to nuts")]


def test_it_says_more_where_the_customer_has_many_orders(boss: Client) -> None:
    order = rows.order(1)
    for n in range(7):
        rows.order(n, customer_id=order.customer_id)
    context = boss.get(address(order)).context
    assert len(context["others"]) == 5
    assert context["others_url"].endswith(f"?q={order.customer_id}")


def test_it_asks_as_often_for_a_large_order_as_for_a_small_one(boss: Client) -> None:
    small, large = town.place(1, now=timezone.now()), delivered(*range(1, 9))
    for n in range(6):
        rows.order(n, customer_id=large.customer_id)
        rows.timeline_entry(n, of=large)
        rows.dead_letter("kitchen", key=str(large.public_id))
        rows.outbox("orders", key=str(large.public_id))
    counts = []
    for order in (small, large):
        with ExitStack() as stack:
            taken = [
                stack.enter_context(CaptureQueriesContext(connections[alias]))
                for alias in DATABASES
            ]
            assert boss.get(address(order)).status_code == 200
            counts.append(sum(map(len, taken)))
    assert counts == [STATEMENTS, STATEMENTS]


# What only one service's rows can tell.
LINES, KITCHEN, COURIER, MAIL, OUTBOX = "Dishes", "cooked in", "Gertrude", "ann@x.org", "published"


@pytest.mark.parametrize(
    ("rights", "seen"),
    [
        ("orders.view_order", set()),
        ("orders.view_order orders.view_orderline", {LINES}),
        ("orders.view_order kitchen.view_ticket", set()),
        ("orders.view_order kitchen.view_ticket kitchen.view_kitchenorder", {KITCHEN}),
        ("orders.view_order delivery.view_delivery", {COURIER}),
        ("orders.view_order orders.view_timelineentry", {COURIER}),
        ("orders.view_order auth_grpc.view_user", {MAIL}),
        ("orders.view_order auth_grpc.view_customer", {MAIL}),
        ("orders.view_order staff.view_pipeline", {OUTBOX}),
    ],
)
def test_it_shows_of_each_service_what_the_reader_may_see(rights: str, seen: set[str]) -> None:
    rows.courier(1, name="Gertrude")
    order = cooked(an_hour_ago())
    town.run(now=timezone.now(), steps=3)
    User.objects.create_user("ann@x.org", id=order.customer_id)
    user = User.objects.create_user("reader@staff.example", is_staff=True)
    for right in rights.split():
        app, code = right.split(".")
        found = Permission.objects.get(codename=code, content_type__app_label=app)
        user.user_permissions.add(found)
    client = Client()
    client.force_login(user)
    html = str(client.get(address(order)).context["body"])
    assert {told for told in (LINES, KITCHEN, COURIER, MAIL, OUTBOX) if told in html} == seen
    # Neither a ticket's nor a delivery's address gives them away.
    assert ("/admin/kitchen/" in html) == (KITCHEN in seen)
    assert ("/admin/delivery/" in html) == ("delivery.view_delivery" in rights)


@pytest.mark.once
@pytest.mark.parametrize(
    ("role", "status"), [("manager", 200), ("support", 200), ("kitchen", 403), ("dispatch", 403)]
)
def test_it_opens_for_the_roles_that_work_with_orders(role: str, status: int) -> None:
    order = rows.order(1)
    client = client_of(role)
    for name in ("order", "order_now"):
        assert client.get(reverse(f"staff:{name}", args=[order.pk])).status_code == status


def test_it_tells_support_which_role_each_button_needs() -> None:
    order = cooked(an_hour_ago())
    page = look(client_of("support"), order)
    assert page.count("You may not: it needs the role") == 4
    assert "Recall You may not: it needs the role Kitchen, Manager." in page
    assert "Assign You may not: it needs the role Dispatch, Manager." in page


def test_it_works_where_other_services_databases_are_away(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = cooked(an_hour_ago())
    monkeypatch.setattr(books, "has", lambda service: service in ("orders", "auth_grpc"))
    page = look(boss, order)
    assert "not configured in this process: Kitchen, Delivery." in page
    assert "Order placed" in page
    assert "published after" in page
    assert "Oven" not in page


def test_it_is_where_the_admin_looks_for_it_by_number_and_by_id(boss: Client) -> None:
    order = rows.order(1)
    assert (
        boss.get(reverse("admin:orders_order_changelist"))
        .content.decode()
        .count(f'href="{address(order)}')
    )
    by_id = reverse("staff:order_by_id", args=[order.public_id])
    assert boss.get(by_id)["Location"] == address(order)
    assert boss.get(reverse("staff:order_by_id", args=[uuid7()])).status_code == 404


@pytest.mark.parametrize("number", [4711, 10**18, 10**30])
def test_it_leads_back_to_the_list_where_there_is_no_such_order(number: int, boss: Client) -> None:
    answer = boss.get(reverse("staff:order", args=[number]), follow=True)
    assert answer.redirect_chain == [(reverse("admin:orders_order_changelist"), 302)]
    assert [str(said) for said in answer.context["messages"]] == [f"There is no order #{number}."]


def test_it_is_drawn_anew_only_when_something_has_changed(boss: Client) -> None:
    order = cooked(an_hour_ago())
    version = boss.get(address(order)).context["version"]
    now = reverse("staff:order_now", args=[order.pk])
    assert boss.get(now, {"version": version}).status_code == 204
    Courier.objects.create(name="Kim", on_shift=True)
    town.run(now=timezone.now(), steps=2)
    answer = boss.get(now, {"version": version})
    assert (answer.status_code, b"Kim" in answer.content) == (200, True)
    assert boss.get(now, {"version": answer["X-Version"]}).status_code == 204


def test_it_tells_who_changed_what_by_hand_to_those_who_may_read_the_trail(boss: Client) -> None:
    order = rows.order(1)
    for key, reason in ((order.pk, "the guest called"), (order.pk + 1, "of another order")):
        trail_of("orders").objects.create(
            at=timezone.now(),
            actor="max@staff.example",
            via="admin",
            action="request_cancel",
            object_type="orders.order",
            object_id=str(key),
            object_name="#1",
            reason=reason,
        )
    page = look(boss, order)
    assert "“the guest called”" in page
    assert "of another order" not in page
    assert "the guest called" not in look(client_of("support"), order)


def test_it_writes_nothing_by_being_looked_at(boss: Client) -> None:
    order = rows.order(1)
    assert boss.post(address(order), {"status": "delivered"}).status_code == 405
    order.refresh_from_db()
    assert order.status == Order.Status.PLACED


def on_the_road() -> tuple[Order, Delivery]:
    """Give an order whose second try Lee makes, after Kim's has failed."""
    order = rows.order(1, status="out_for_delivery", status_rank=40)
    delivery = rows.delivery(
        1,
        order_id=order.public_id,
        status="out_for_delivery",
        courier=rows.courier(2, name="Lee"),
        failed_courier=rows.courier(1, name="Kim"),
        failed_at=timezone.now(),
        failure_reason="no answer",
        attempt=2,
    )
    return order, delivery


def test_it_says_of_each_failure_whose_it_was(boss: Client) -> None:
    order, delivery = on_the_road()
    assert re.search(r"Kim failed at \d\d:\d\d: no answer", look(boss, order))

    delivery_services.fail(delivery_id=delivery.pk, reason="wrong street", now=timezone.now())
    page = look(boss, order)
    assert re.search(r"Lee failed at \d\d:\d\d: wrong street", page)
    assert "Kim" not in page


@pytest.mark.parametrize(("by", "told"), [("Ana", r"Ana gave it up at \d\d:\d\d: "), ("", "")])
def test_it_blames_no_courier_for_what_staff_gave_up(by: str, told: str, boss: Client) -> None:
    order, delivery = on_the_road()
    delivery_services.cancel(delivery_id=delivery.pk, reason="we close", now=timezone.now(), by=by)
    page = look(boss, order)
    assert re.search(f"{told}we close", page)
    assert "failed at" not in page
    assert "Kim" not in page
