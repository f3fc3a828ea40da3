"""What a station's page saves: with its mode, who finishes what cooks there."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import restaurant.urls  # noqa: F401 - has the site look for its pages
from auth_grpc.models import User
from kitchen import services
from kitchen.models import Station, Ticket
from tests.kitchen.ground import (
    NOW,
    line,
    notices,
    sent_names,
    station,
    statuses,
    take_one,
    tick,
    ticket_statuses,
)
from tests.threads import at_once

pytestmark = pytest.mark.django_db(databases=["kitchen"])
LATER = NOW + timedelta(seconds=20)
AUTOMATIC, MANUAL = Station.Mode.AUTOMATIC, Station.Mode.MANUAL


def set_mode(oven: Station, mode: str) -> None:
    oven.mode = mode
    services.save_station(oven, changed=["mode"], now=LATER)


def due() -> list[Any]:
    return list(Ticket.objects.order_by("id").values_list("due_at", flat=True))


def test_it_leaves_to_staff_what_cooks_at_a_station_that_becomes_manual() -> None:
    oven = station("oven")
    order = take_one(line("oven", 60), line("bar", 60))
    tick()
    set_mode(oven, MANUAL)

    tick(NOW + timedelta(hours=1))
    assert dict(order.tickets.values_list("station__code", "status")) == {
        "oven": "cooking",
        "bar": "done",
    }
    services.bump(ticket_id=order.tickets.get(station=oven).pk, now=LATER)
    assert statuses() == ["cooked"]


def test_it_takes_over_what_cooks_at_a_station_that_becomes_automatic() -> None:
    oven = station("oven", mode=MANUAL, capacity=2)
    for seconds in (60, 90, 60):
        take_one(line("oven", seconds))
    tick()
    assert due() == [None] * 3
    set_mode(oven, AUTOMATIC)

    # For their whole time from now, as after a recall; what waits is not due before it is started.
    assert due() == [LATER + timedelta(seconds=60), LATER + timedelta(seconds=90), None]
    tick(LATER + timedelta(seconds=59))
    assert ticket_statuses() == ["cooking", "cooking", "queued"]
    tick(LATER + timedelta(seconds=60))
    assert ticket_statuses() == ["done", "cooking", "cooking"]


def test_it_shows_screens_what_changed_hands_and_still_names_who_moved_it() -> None:
    oven = station("oven", mode=MANUAL)
    ticket = take_one(line("oven"), line("bar")).tickets.get(station=oven)
    services.start_ticket(ticket_id=ticket.pk, now=NOW, by="Ana")
    told = sent_names()
    set_mode(oven, AUTOMATIC)

    ticket.refresh_from_db()
    assert (ticket.moved_by, ticket.moved_at, ticket.started_at) == ("Ana", NOW, NOW)
    notice = notices()[-1]
    assert (list(notice.order_ids), list(notice.stations)) == ([str(ticket.order_id)], ["oven"])
    assert sent_names() == told


def test_it_leaves_timers_alone_when_something_else_is_changed() -> None:
    oven = station("oven")
    take_one(line("oven", 60))
    tick()
    before = due()
    oven.capacity, oven.mode = 3, MANUAL
    services.save_station(oven, changed=["capacity"], now=LATER)

    oven.refresh_from_db()
    assert (oven.capacity, oven.mode) == (3, "automatic")
    assert due() == before
    assert list(notices()[-1].stations) == ["oven"]
    assert list(notices()[-1].order_ids) == []


@pytest.mark.django_db(databases=["kitchen"], transaction=True)
def test_it_forgets_no_ticket_that_moves_meanwhile() -> None:
    """Recalled, started by hand or by the clock: each has the timer of the mode as it is."""
    oven = station("oven")
    orders = [take_one(line("oven", 60), line("bar", 600)) for _ in range(30)]
    tick()
    tickets = [order.tickets.get(station=oven).pk for order in orders]

    def bump_and_recall() -> None:
        for key in tickets[:20]:
            services.bump(ticket_id=key, now=NOW)
            services.recall(ticket_id=key, now=NOW)

    def take_more() -> None:
        for _ in range(10):
            take_one(line("oven", 60))
            tick()

    def change() -> None:
        for mode in (MANUAL, AUTOMATIC) * 5 + (MANUAL,):
            set_mode(oven, mode)

    at_once(bump_and_recall, take_more, change)
    assert set(Ticket.objects.filter(station=oven).values_list("status", "due_at")) <= {
        ("cooking", None),
        ("queued", None),
    }


@pytest.mark.django_db(databases=["default", "kitchen"])
def test_it_is_saved_by_its_page(client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    given = {"name": "Oven", "warn_after_seconds": 60, "late_after_seconds": 90}
    add = reverse("admin:kitchen_station_add")
    new = client.post(add, {**given, "code": "oven", "mode": "manual"})
    assert new.status_code == 302
    oven = Station.objects.get()
    take_one(line("oven", 60))
    tick()
    assert due() == [None]

    change = reverse("admin:kitchen_station_change", args=[oven.pk])
    assert client.post(change, {**given, "mode": "automatic"}).status_code == 302
    oven.refresh_from_db()
    assert (oven.code, oven.mode, oven.is_open) == ("oven", "automatic", True)
    assert None not in due()
