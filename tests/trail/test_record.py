"""What an entry holds, and when there is one."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import DatabaseError, connections, transaction

from auth_grpc.models import SigningKey, User
from delivery.models import Courier
from kitchen.models import Station
from orders.models import MenuItem
from restaurant.trail import Person, Target, changing, record, snapshot, watch
from restaurant.trail.models import trail_of
from restaurant.trail.values import LONGEST_JSON, LONGEST_TEXT, MASK
from tests.staff import rows
from tests.staff.rows import NOW
from tests.trail.entries import DATABASES, SERVICES, entries, only

pytestmark = pytest.mark.django_db(databases=DATABASES)
ANA = Person(UUID(int=7), "ana@example.com", "admin", "192.0.2.7", "request-1")


class Broken(Exception):
    pass


def test_it_says_who_when_from_where_what_and_why() -> None:
    item = rows.menu_item(1)
    with watch(ANA, item, action="take_off", now=NOW, reason="no basil"):
        MenuItem.objects.filter(pk=item.pk).update(available=False)
    entry = only()
    assert (entry.at, entry.actor_id, entry.actor) == (NOW, ANA.id, "ana@example.com")
    assert (entry.address, entry.via, entry.request_id) == ("192.0.2.7", "admin", "request-1")
    assert (entry.action, entry.reason) == ("take_off", "no basil")
    assert (entry.object_type, entry.object_id) == ("orders.menuitem", str(item.pk))
    assert entry.object_name == "Margherita"
    assert (entry.before, entry.after) == ({"available": True}, {"available": False})


@pytest.mark.parametrize("make", [rows.user, rows.menu_item, rows.station, rows.courier])
def test_it_is_kept_in_the_database_of_the_row(make: object) -> None:
    row = make(1)  # type: ignore[operator]
    record(ANA, row, action="change", now=NOW, after={"name": "x"})
    service = row._meta.app_label
    assert [s for s in SERVICES if trail_of(s).objects.exists()] == [service]


def test_it_records_nothing_where_nothing_changed() -> None:
    station = rows.station(1)
    with watch(ANA, station, action="open", now=NOW):
        Station.objects.filter(pk=station.pk).update(is_open=True)
    assert entries() == []


def test_what_fails_leaves_neither_change_nor_entry() -> None:
    station = rows.station(1)

    def fail() -> None:
        Station.objects.filter(pk=station.pk).update(is_open=False)
        raise Broken

    with pytest.raises(Broken), watch(ANA, station, action="close", now=NOW):
        fail()
    assert entries() == []
    station.refresh_from_db()
    assert station.is_open


def test_it_believes_the_service_that_has_the_lock() -> None:
    """Somebody else changed the row after the watch had looked at it."""
    station = rows.station(1, name="Oven")
    with watch(ANA, station, action="rename", now=NOW):
        Station.objects.filter(pk=station.pk).update(name="Grill")
        changing(Station.objects.get(pk=station.pk))
        Station.objects.filter(pk=station.pk).update(name="Bar")
    assert (only().before, only().after) == ({"name": "Grill"}, {"name": "Bar"})


def test_it_records_each_row_that_a_service_changes() -> None:
    made = [rows.courier(i) for i in range(3)]
    with watch(ANA, Courier, action="send_home", now=NOW):
        changing(*made)
        Courier.objects.filter(pk__in=[made[0].pk, made[2].pk]).update(on_shift=False)
    found = entries(action="send_home")
    assert {entry.object_id for entry in found} == {str(made[0].pk), str(made[2].pk)}


def test_it_records_once_what_is_recorded_inside() -> None:
    station = rows.station(1)
    with watch(ANA, station, action="outer", now=NOW):
        Station.objects.filter(pk=station.pk).update(name="Grill")
        record(ANA, station, action="inner", now=NOW, after={"name": "Grill"})
    assert [entry.action for entry in entries()] == ["inner"]


def test_nobody_watches_what_services_say_otherwise() -> None:
    changing(rows.station(1))
    assert entries() == []


def test_it_never_keeps_a_secret() -> None:
    user = User.objects.create_user("ben@example.com", "correct horse")
    with watch(ANA, user, action="change", now=NOW):
        user.set_password("battery staple")
        user.save()
    assert (only().before, only().after) == ({"password": MASK}, {"password": MASK})
    key = SigningKey.objects.create(kid="k", algorithm="EdDSA", public_pem="-", created_at=NOW)
    record(ANA, key, action="add", now=NOW, after=snapshot(key) | {"private_pem": "secret"})
    assert "secret" not in str(entries(action="add")[0].after)


def test_it_names_the_rows_that_a_change_points_to() -> None:
    item, category = rows.menu_item(1), rows.category(1)
    old = item.category
    with watch(ANA, item, action="change", now=NOW):
        MenuItem.objects.filter(pk=item.pk).update(category=category)
    assert only().before == {"category": {"key": str(old.pk), "name": str(old)}}
    assert only().after == {"category": {"key": str(category.pk), "name": str(category)}}


def test_it_keeps_of_a_relation_to_many_what_came_and_what_went() -> None:
    user = rows.user(1)
    other = rows.user(2).groups.get()
    with watch(ANA, user, action="change", now=NOW):
        user.groups.set([other])
    assert (only().before, only().after) == ({"groups": ["group-1"]}, {"groups": ["group-2"]})


def test_it_keeps_what_was_added_and_deleted_without_what_is_empty() -> None:
    item = rows.menu_item(1)
    record(ANA, item, action="add", now=NOW, after=snapshot(item))
    assert only().before == {}
    assert only().after["price"] == "9.50"
    assert not {"description", "id"} & only().after.keys()


def test_a_long_value_is_cut() -> None:
    target = Target("orders.menuitem", "1", "M")
    after = {"text": "x" * 5000, "rows": ["y" * 100] * 100, "price": Decimal("1.50")}
    record(ANA, target, action="x", now=NOW + timedelta(1), after=after, reason="z" * 900)
    entry = only()
    assert len(entry.after["text"]) == LONGEST_TEXT + 1
    assert len(str(entry.after["rows"])) < LONGEST_JSON
    assert entry.after["price"] == "1.50"
    assert len(entry.reason) == 500


def test_no_character_is_too_much_for_a_database() -> None:
    target = Target("orders.menuitem", "1", "M")
    record(ANA, target, action="x", now=NOW, after={"note": "a\0b"}, reason="a\0b")
    assert (only().after["note"], only().reason) == ("ab", "ab")


@pytest.mark.parametrize("service", SERVICES)
def test_the_database_refuses_to_change_an_entry(service: str) -> None:
    record(ANA, Target(f"{service}.user", "1", "M"), action="x", now=NOW)
    rows_ = trail_of(service).objects.all()
    alias = rows_.db
    ways = [lambda: rows_.update(actor="nobody")]
    if connections[alias].vendor == "postgresql":
        # SQLite's tests empty tables by deleting.
        ways.append(lambda: rows_.delete())
    for way in ways:
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic(using=alias):
            way()
    assert rows_.get().actor == "ana@example.com"


def test_nobody_has_a_permission_to_change_it() -> None:
    from django.contrib.auth.models import Permission

    assert not Permission.objects.filter(codename__contains="trailentry").exists()
