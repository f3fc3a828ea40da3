"""What staff do to rows: by the services, by POST, and only with the right to."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from auth_grpc.models import User
from delivery.models import Courier, Delivery
from kitchen.models import KitchenOrder, Station, Ticket
from orders.models import MenuItem, Order
from tests.staff import rows

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])


class Done(NamedTuple):
    """A deed, a row it may be done to, what it is given, and what the row's field is then."""

    name: str
    permission: str
    row: Callable[[], Any]
    field: str
    then: object
    given: dict[str, Any]


def cooking_ticket() -> Ticket:
    order = rows.kitchen_order(1, status="cooking", open_tickets=1)
    return rows.ticket(1, of=order, status="cooking", started_at=rows.NOW)  # type: ignore[no-any-return]


def done_ticket() -> Ticket:
    order = rows.kitchen_order(1, status="cooking", open_tickets=1)
    rows.ticket(2, of=order, status="cooking")
    return rows.ticket(1, of=order, status="done", done_at=rows.NOW)  # type: ignore[no-any-return]


def on_the_road() -> Delivery:
    delivery = rows.delivery(1)
    Delivery.objects.filter(pk=delivery.pk).update(status="out_for_delivery")
    return delivery


def off_the_menu() -> MenuItem:
    item = rows.menu_item(1)
    MenuItem.objects.filter(pk=item.pk).update(available=False)
    return item


def waiting_with_somebody_on_shift() -> Delivery:
    return rows.delivery(1, status="awaiting_courier", waiting_since=rows.NOW)


def held() -> Delivery:
    return rows.delivery(1, status="awaiting_courier", waiting_since=rows.NOW, held_by="Ben")


CHANGE_TICKET, CHANGE_DELIVERY = "kitchen.change_ticket", "delivery.change_delivery"
STAFF = "staff@example.com"
WHY = {"reason": "no more dough"}
DEEDS = [
    Done("start", CHANGE_TICKET, lambda: rows.ticket(1), "status", "cooking", {}),
    Done("bump", CHANGE_TICKET, cooking_ticket, "status", "done", {}),
    Done("recall", CHANGE_TICKET, done_ticket, "status", "cooking", {}),
    Done(
        "cancel",
        "kitchen.change_kitchenorder",
        lambda: rows.kitchen_order(1),
        "status",
        "cancelled",
        WHY,
    ),
    Done("close", "kitchen.change_station", lambda: rows.station(1), "is_open", False, {}),
    Done(
        "open",
        "kitchen.change_station",
        lambda: rows.station(1, is_open=False),
        "is_open",
        True,
        {},
    ),
    Done("take_off", "orders.set_availability", lambda: rows.menu_item(1), "available", False, {}),
    Done("put_back", "orders.set_availability", off_the_menu, "available", True, {}),
    Done(
        "assign",
        CHANGE_DELIVERY,
        waiting_with_somebody_on_shift,
        "status",
        "assigned",
        {"courier": lambda: rows.courier(7).pk},
    ),
    Done("unassign", CHANGE_DELIVERY, lambda: rows.delivery(1), "held_by", STAFF, {}),
    Done("release", CHANGE_DELIVERY, held, "held_by", "", {}),
    Done("pick_up", CHANGE_DELIVERY, lambda: rows.delivery(1), "status", "out_for_delivery", {}),
    Done("deliver", CHANGE_DELIVERY, on_the_road, "status", "delivered", {}),
    Done("fail", CHANGE_DELIVERY, on_the_road, "status", "awaiting_courier", WHY),
    Done("give_up", CHANGE_DELIVERY, on_the_road, "status", "cancelled", WHY),
    Done("end_shift", "delivery.change_courier", lambda: rows.courier(1), "on_shift", False, {}),
    Done(
        "start_shift",
        "delivery.change_courier",
        lambda: rows.courier(1, on_shift=False),
        "on_shift",
        True,
        {},
    ),
]


def staff(client: Client, *permissions: str) -> Client:
    user = User.objects.create_user(STAFF, is_staff=True)
    for permission in permissions:
        app, code = permission.split(".")
        user.user_permissions.add(
            Permission.objects.get(codename=code, content_type__app_label=app)
        )
    client.force_login(user)
    return client


def view_of(row: Any) -> str:
    return f"{row._meta.app_label}.view_{row._meta.model_name}"


def address(row: Any, page: str, *args: object) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=args)


def button(client: Client, row: Any, deed: Done) -> Any:
    given = {name: value() if callable(value) else value for name, value in deed.given.items()}
    return client.post(address(row, deed.name, row.pk), {"_form_submitted": "True", **given})


def action(client: Client, name: str, *chosen: Any) -> Any:
    keys = [str(row.pk) for row in chosen]
    body = {"action": name, "_selected_action": keys, "index": "0"}
    return client.post(address(chosen[0], "changelist"), body, follow=True)


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


deeds = pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.name)


@deeds
def test_it_does_a_deed_from_the_rows_page(deed: Done, client: Client) -> None:
    row = deed.row()
    answer = button(staff(client, view_of(row), deed.permission), row, deed)
    assert answer["Location"] == address(row, "change", row.pk)
    row.refresh_from_db()
    assert getattr(row, deed.field) == deed.then


@pytest.mark.once
@deeds
def test_it_shows_the_whole_page_again_after_a_dialog(deed: Done, client: Client) -> None:
    row = deed.row()
    client.defaults["HTTP_HX_REQUEST"] = "true"
    answer = button(staff(client, view_of(row), deed.permission), row, deed)
    assert answer["HX-Redirect"] == address(row, "change", row.pk)


@pytest.mark.once
@deeds
def test_it_changes_nothing_by_a_get(deed: Done, client: Client) -> None:
    row = deed.row()
    url = address(row, deed.name, row.pk)
    assert staff(client, view_of(row), deed.permission).get(url).status_code == 200
    row.refresh_from_db()
    assert getattr(row, deed.field) != deed.then


@pytest.mark.once
@deeds
def test_it_refuses_a_button_without_the_permission(deed: Done, client: Client) -> None:
    row = deed.row()
    assert button(staff(client, view_of(row)), row, deed).status_code == 403
    row.refresh_from_db()
    assert getattr(row, deed.field) != deed.then


@pytest.mark.parametrize("deed", [d for d in DEEDS if not d.given], ids=lambda deed: deed.name)
def test_it_refuses_a_list_action_without_the_permission(deed: Done, client: Client) -> None:
    row = deed.row()
    action(staff(client, view_of(row)), deed.name, row)
    row.refresh_from_db()
    assert getattr(row, deed.field) != deed.then


@pytest.mark.parametrize("deed", [d for d in DEEDS if not d.given], ids=lambda deed: deed.name)
def test_it_does_a_deed_to_the_rows_chosen_in_a_list(deed: Done, client: Client) -> None:
    row = deed.row()
    answer = action(staff(client, view_of(row), deed.permission), deed.name, row)
    row.refresh_from_db()
    assert getattr(row, deed.field) == deed.then
    assert any("1 changed" in text for text in said(answer))


@pytest.mark.once
@deeds
def test_it_offers_the_button_to_those_who_may(deed: Done, client: Client) -> None:
    row = deed.row()
    url = address(row, deed.name, row.pk)
    page = address(row, "change", row.pk)
    assert url in staff(client, view_of(row), deed.permission).get(page).content.decode()
    User.objects.all().delete()
    assert url not in staff(client, view_of(row)).get(page).content.decode()


def test_it_says_how_many_changed_and_why_others_did_not(client: Client) -> None:
    cooking, queued = cooking_ticket(), rows.ticket(2)
    client = staff(client, "kitchen.view_ticket", CHANGE_TICKET)
    texts = said(action(client, "bump", cooking, queued))
    assert texts[0] == "Bump: 1 changed."
    assert texts[1].startswith("Bump: 1 not changed: The ticket or its order is not in a state")
    assert str(queued) in texts[1]
    queued.refresh_from_db()
    assert queued.status == Ticket.Status.QUEUED


def test_it_says_so_in_the_readers_language(client: Client) -> None:
    row = rows.ticket(1)
    client = staff(client, "kitchen.view_ticket", CHANGE_TICKET)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "ru"
    [text] = said(action(client, "bump", row))
    assert "не в том состоянии" in text
    assert "в очереди" in text
    assert "The ticket" not in text


def test_it_does_not_offer_what_the_state_forbids(client: Client) -> None:
    row = rows.ticket(1)
    page = staff(client, "kitchen.view_ticket", CHANGE_TICKET).get(address(row, "change", row.pk))
    offered = [action["path"] for action in page.context["actions_detail"]]
    assert offered == [address(row, "start", row.pk)]


def test_it_asks_for_what_a_dialog_needs(client: Client) -> None:
    row = on_the_road()
    client = staff(client, view_of(row), CHANGE_DELIVERY)
    answer = client.post(address(row, "give_up", row.pk), {"_form_submitted": "True"})
    assert answer.status_code == 200
    assert answer.context["form"].errors["reason"]
    row.refresh_from_db()
    assert row.status == Delivery.Status.OUT_FOR_DELIVERY


def test_it_knows_no_deed_to_a_row_that_is_gone(client: Client) -> None:
    row = rows.ticket(1)
    pk = row.pk
    row.delete()
    url = reverse("admin:kitchen_ticket_start", args=[pk])
    client = staff(client, "kitchen.view_ticket", CHANGE_TICKET)
    assert client.post(url, {"_form_submitted": "True"}).status_code == 404


@pytest.mark.parametrize("make", [rows.order, rows.ticket, rows.kitchen_order, rows.delivery])
def test_it_lets_nobody_write_past_the_services(make: Callable[[int], Any], client: Client) -> None:
    row = make(1)
    client.force_login(User.objects.create_superuser("boss@example.com"))
    for page, args in (("change", [row.pk]), ("delete", [row.pk]), ("add", [])):
        answer = client.post(address(row, page, *args), {"status": "delivered", "post": "yes"})
        # An order's own page takes no POST at all.
        assert answer.status_code == (405 if (page, make) == ("change", rows.order) else 403)
    assert type(row).objects.get(pk=row.pk).status == row.status


def test_it_keeps_switches_out_of_forms(client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    item, station, courier = rows.menu_item(1), rows.station(1), rows.courier(1)
    bodies: list[tuple[Any, dict[str, Any]]] = [
        (
            item,
            {
                "name": "Margherita",
                "sku": item.sku,
                "category": item.category_id,
                "position": 0,
                "price": "11.00",
                "station": "oven",
                "preparation_seconds": 480,
                "option_groups-TOTAL_FORMS": 0,
                "option_groups-INITIAL_FORMS": 0,
            },
        ),
        (
            station,
            {
                "name": "Grill",
                "mode": "manual",
                "capacity": 2,
                "warn_after_seconds": 300,
                "late_after_seconds": 600,
                "code": "other",
            },
        ),
        (courier, {"name": "Ada", "mode": "manual"}),
    ]
    for row, body in bodies:
        assert client.post(address(row, "change", row.pk), body).status_code == 302
        row.refresh_from_db()
    assert (str(item.price), item.available) == ("11.00", True)
    assert (station.name, station.is_open) == ("Grill", True)
    assert station.code != "other"
    assert (courier.name, courier.on_shift) == ("Ada", True)
    assert Order.objects.count() == KitchenOrder.objects.count() == 0
    assert Station.objects.count() == Courier.objects.count() == 1


def test_it_lets_only_superusers_hand_out_rights(client: Client) -> None:
    manager = staff(client, "auth_grpc.view_user", "auth_grpc.change_user")
    customer = User.objects.create_user("customer@example.com")
    boss = User.objects.create_superuser("boss@example.com")
    body = {"email": "customer@example.com", "name": "Ann", "is_superuser": "on", "is_staff": "on"}
    assert manager.post(address(customer, "change", customer.pk), body).status_code == 302
    customer.refresh_from_db()
    assert (customer.name, customer.is_staff, customer.is_superuser) == ("Ann", False, False)
    assert manager.post(address(boss, "change", boss.pk), body).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[boss.pk])
    assert manager.post(password, {"password1": "x", "password2": "x"}).status_code == 403


def test_it_never_shows_a_private_key(client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    key = rows.signing_key(1)
    type(key).objects.update(private_pem="very secret")
    assert b"very secret" not in client.get(address(key, "change", key.pk)).content


def test_it_ends_a_session_for_those_who_may(client: Client) -> None:
    session = rows.session(1)
    deed = Done("end", "auth_grpc.change_session", lambda: session, "revoked_reason", "staff", {})
    assert button(staff(client, "auth_grpc.view_session"), session, deed).status_code == 403
    client.force_login(User.objects.create_superuser("boss@example.com"))
    button(client, session, deed)
    session.refresh_from_db()
    assert session.revoked_reason == "staff"
    assert session.revoked_at is not None
