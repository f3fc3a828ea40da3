"""The audit trail's page: over all services, by place, filtered, and exported."""

import csv
import io
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from uuid_utils.compat import uuid7

from auth_grpc.models import User
from restaurant.staff.trail import export, reading
from restaurant.trail import Person, Target, record
from restaurant.trail.models import trail_of
from tests.staff import rows
from tests.staff.rows import NOW
from tests.staff.test_deeds import staff

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
PAGE = "/admin/trail/"
KINDS = ("auth_grpc.user", "orders.menuitem", "kitchen.ticket", "delivery.delivery")
NOTHING = {"ENGINE": "django.db.backends.dummy"}


@pytest.fixture
def reader(client: Client) -> Client:
    return staff(client, "staff.view_trail", "kitchen.view_station")


def note(
    name: str = "Margherita",
    *,
    kind: str = "orders.menuitem",
    key: str = "7",
    who: str = "ana@example.com",
    who_id: Any = None,
    via: str = "admin",
    action: str = "change",
    at: datetime = NOW,
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    person = Person(who_id, who, via, "192.0.2.7", "request-1")
    before, after = before or {"price": "9.50"}, after or {"price": "11.00"}
    target = Target(kind, key, name)
    record(person, target, action=action, now=at, before=before, after=after, reason=reason)


def names(client: Client, **query: Any) -> list[str]:
    answer = client.get(PAGE, query)
    assert answer.status_code == 200
    return [line.entry.object_name for line in answer.context["lines"]]


def pages(client: Client, **query: Any) -> list[list[str]]:
    """Give the names on each page, following the links to the next one."""
    found, address = [], PAGE
    answer = client.get(PAGE, query)
    while True:
        found.append([line.entry.object_name for line in answer.context["lines"]])
        if not (older := answer.context["older"]):
            return found
        answer = client.get(f"{address}?{older}")


def test_it_shows_all_services_newest_first(reader: Client) -> None:
    for i in range(8):
        note(f"row {i}", kind=KINDS[i % 4], at=NOW + timedelta(minutes=i))
    assert names(reader) == [f"row {i}" for i in range(7, -1, -1)]


def test_it_shows_each_entry_once_also_where_many_are_of_one_instant(
    reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading.read, "__kwdefaults__", {"size": 3})
    for i in range(20):
        note(f"row {i}", kind=KINDS[i % 4], at=NOW + timedelta(seconds=i // 10))
    found = pages(reader)
    assert {len(page) for page in found[:-1]} == {3}
    shown = [name for page in found for name in page]
    assert sorted(shown) == sorted(f"row {i}" for i in range(20))


def test_what_arrives_meanwhile_moves_nothing(
    reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading.read, "__kwdefaults__", {"size": 2})
    for i in range(4):
        note(f"row {i}", kind=KINDS[i % 4], at=NOW + timedelta(minutes=i))
    older = reader.get(PAGE).context["older"]
    note("new", at=NOW + timedelta(hours=1))
    answer = reader.get(f"{PAGE}?{older}")
    assert [line.entry.object_name for line in answer.context["lines"]] == ["row 1", "row 0"]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, {"old", "bump", "mail", "why", "cafe"}),
        ({"who": "ben@example.com"}, {"bump"}),
        ({"who": "BEN@example.com"}, {"bump"}),
        ({"action": "bump"}, {"bump"}),
        ({"kind": "kitchen.ticket"}, {"bump", "why"}),
        ({"kind": "kitchen.ticket", "object": "8"}, {"why"}),
        ({"object": "8"}, {"why"}),
        ({"service": "auth_grpc"}, {"mail"}),
        ({"service": "orders", "kind": "kitchen.ticket"}, set()),
        ({"via": "kitchen_board"}, {"bump"}),
        ({"since": "2026-05-04T12:00"}, {"bump", "mail", "why", "cafe"}),
        ({"until": "2026-05-04T12:00"}, {"old"}),
        ({"q": "no dough"}, {"why"}),
        ({"q": "NO DOUGH"}, {"why"}),
        ({"q": "ben@"}, {"bump"}),
        ({"q": "af"}, {"cafe"}),
        ({"q": "%"}, set()),
    ],
)
def test_it_finds(query: dict[str, str], wanted: set[str], reader: Client) -> None:
    note("old", at=NOW - timedelta(minutes=1))
    note("bump", kind="kitchen.ticket", who="ben@example.com", action="bump", via="kitchen_board")
    note("mail", kind="auth_grpc.user")
    note("why", kind="kitchen.ticket", key="8", reason="No dough left", action="cancel")
    note("cafe")
    assert set(names(reader, **query)) == wanted


def test_it_finds_a_person_by_another_name_that_they_had(reader: Client) -> None:
    user = rows.user(1)
    note("as before", who="old@example.com", who_id=user.pk)
    note("by token", who=str(user.pk), who_id=user.pk, via="api")
    assert set(names(reader, who=user.email)) == {"as before", "by token"}
    assert user.email in reader.get(PAGE).content.decode()


def test_it_finds_a_persons_entries_by_the_index_of_persons(reader: Client) -> None:
    user = rows.user(1)
    for i in range(400):
        note(f"row {i}", who_id=user.pk, at=NOW + timedelta(seconds=i))
    with CaptureQueriesContext(connections["orders"]) as asked:
        assert names(reader, who=user.email)[0] == "row 399"
    (sql,) = (q["sql"] for q in asked.captured_queries if "actor_id" in q["sql"])
    with connections["orders"].cursor() as cursor:
        if connections["orders"].vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        else:
            # It knows that nearly all are this person's; so few are read all at once otherwise.
            cursor.execute("ANALYZE orders_trailentry; SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}")
        plan = str(cursor.fetchall())
    assert "orders_trail_person" in plan
    assert "SORT" not in plan.upper()


@pytest.mark.parametrize("query", [{}, {"object": "7"}])
def test_it_finds_what_a_person_did_to_rows_of_a_kind(
    query: dict[str, str], reader: Client
) -> None:
    user, other = rows.user(1), rows.user(2)
    note("mine", who_id=user.pk)
    note("mine too", kind="kitchen.ticket", who_id=user.pk)
    note("another's", who_id=other.pk)
    assert names(reader, who=user.email, kind="orders.menuitem", **query) == ["mine"]


def test_times_are_those_of_the_restaurant(reader: Client, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    note(at=datetime(2026, 5, 4, 20, 30, tzinfo=UTC))
    assert names(reader, since="2026-05-05T05:00", until="2026-05-05T06:00") == ["Margherita"]
    assert names(reader, since="2026-05-04T20:00", until="2026-05-04T21:00") == []
    assert "05:30:00" in reader.get(PAGE).content.decode()


def test_it_looks_through_a_bounded_number_and_says_how_far(
    reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "SCAN", 5)
    for i in range(12):
        reason = "dough" if i in (0, 9) else ""
        note(f"row {i}", at=NOW + timedelta(minutes=i), reason=reason)
    note("other", kind="kitchen.ticket", at=NOW, reason="dough")
    first = reader.get(PAGE, {"q": "dough"})
    assert first.context["looked_back_to"].endswith("12:07:00")
    assert "Look further back" in first.content.decode()
    assert pages(reader, q="dough") == [["row 9"], [], ["row 0", "other"]]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"since": "yesterday"}, "Enter a valid date/time"),
        ({"since": "2026-05-04T12:00", "until": "2026-05-04T11:00"}, "not after the time"),
        ({"action": "no_such"}, "Select a valid choice"),
        ({"service": "billing"}, "Select a valid choice"),
        ({"q": "a" * 200}, "at most 100 characters"),
        ({"q": "a\0b"}, "Null characters"),
    ],
)
def test_it_says_what_it_cannot_read(query: dict[str, str], said: str, reader: Client) -> None:
    note()
    answer = reader.get(PAGE, query)
    assert answer.status_code == 200
    assert answer.context["lines"] == []
    assert said in answer.content.decode()


@pytest.mark.parametrize("place", ["", "x", "~~", "2026-05-04T12:00:00~1~1", "9999-12-31T23:59:59-23:00~0~1", "2026-05-04T12:00:00+00:00~1~" + "9" * 30])  # fmt: skip # noqa: E501
def test_a_broken_place_is_the_beginning(place: str, reader: Client) -> None:
    note()
    assert names(reader, after=place) == ["Margherita"]


def test_it_puts_a_change_in_words(reader: Client) -> None:
    station = rows.station(1)
    note(
        "Oven",
        kind="kitchen.station",
        key=str(station.pk),
        reason="<b>too hot</b>",
        before={"mode": "automatic", "is_open": True, "capacity": None},
        after={"mode": "manual", "is_open": False, "capacity": 4},
    )
    answer = reader.get(PAGE)
    (line,) = answer.context["lines"]
    assert [(one.label, one.before, one.after) for one in line.differences] == [
        ("Mode", "automatic", "manual"),
        ("Open", "Yes", "No"),
        ("Capacity", "—", "4"),
    ]
    assert line.url == reverse("admin:kitchen_station_change", args=[station.pk])
    text = answer.content.decode()
    assert "&lt;b&gt;too hot" in text
    for said in ("ana@example.com", "192.0.2.7", "Staff site", "Changed"):
        assert said in text


def test_it_links_only_to_what_the_reader_may_see(reader: Client) -> None:
    note(kind="kitchen.ticket")
    note("gone", kind="kitchen.station", action="delete")
    note("unknown", kind="kitchen.nothing")
    assert [line.url for line in reader.get(PAGE).context["lines"]] == ["", "", ""]


def test_it_asks_each_service_once_a_page(reader: Client) -> None:
    for i in range(reading.PAGE + 5):
        note(f"row {i}", kind=KINDS[i % 4], at=NOW + timedelta(minutes=i))
    # The session, the reader with their rights, and the people to suggest.
    assert statements(reader, PAGE) == {"default": 5 + 1, "orders": 1, "kitchen": 1, "delivery": 1}
    sifted = statements(reader, f"{PAGE}?q=row")
    assert {sifted["orders"], sifted["kitchen"], sifted["delivery"]} == {2}


def statements(client: Client, address: str) -> dict[str, int]:
    with ExitStack() as stack:
        captured = {
            alias: stack.enter_context(CaptureQueriesContext(connections[alias]))
            for alias in connections
        }
        assert client.get(address).status_code == 200
        return {alias: len(queries) for alias, queries in captured.items()}


def test_it_says_which_services_it_cannot_show(
    reader: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    note("kept")
    note("lost", kind="kitchen.ticket")

    def away(*_args: object, **_more: object) -> None:
        raise OperationalError

    monkeypatch.setattr(trail_of("kitchen").objects, "filter", away)
    answer = reader.get(PAGE)
    assert [line.entry.object_name for line in answer.context["lines"]] == ["kept"]
    assert "Kitchen" in answer.context["absent"]
    settings.DATABASES = {**settings.DATABASES, "delivery": NOTHING}
    assert reader.get(PAGE).context["absent"] == ["Delivery", "Kitchen"]


def read_csv(answer: Any) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return [*csv.reader(io.StringIO(text))]


def send(client: Client, query: str, kind: str) -> Any:
    return client.post(f"{PAGE}export/?{query}", {"format": kind})


def test_it_exports_what_the_filters_find_and_records_it(reader: Client) -> None:
    note("=HYPERLINK(1)", reason="@now", action="bump", kind="kitchen.ticket")
    note("other")
    head, row = read_csv(send(reader, "kind=kitchen.ticket", "csv"))
    told = dict(zip(head, row, strict=True))
    assert (told["Which"], told["Why"]) == ("'=HYPERLINK(1)", "'@now")
    assert told["Time"] == "2026-05-04T12:00:00.000+00:00"
    entry = trail_of("auth_grpc").objects.get()
    assert (entry.action, entry.object_type) == ("export", "staff.trail")
    assert entry.after == {"format": "csv", "kind": "kitchen.ticket"}
    assert "Audit trail" in names(reader)


def test_a_spreadsheet_holds_no_formula(reader: Client) -> None:
    note("=1+1", reason="-2\x07")
    answer = send(reader, "", "xlsx")
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    (row,) = book.worksheets[0].iter_rows(min_row=2)
    cells = {str(cell.value): cell.data_type for cell in row}
    assert cells["=1+1"] == "s"
    assert cells["-2"] == "s"
    assert "f" not in cells.values()


def test_it_exports_page_by_page(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading.read_all, "__kwdefaults__", {"size": 4})
    for i in range(11):
        note(f"row {i}", kind=KINDS[i % 4])
    which = [row[10] for row in read_csv(send(reader, "", "csv"))[1:]]
    assert sorted(which) == sorted(f"row {i}" for i in range(11))


def test_a_spreadsheet_that_would_be_too_large_is_refused(
    reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST_XLSX", 2)
    for _ in range(3):
        note()
    answer = send(reader, "service=orders", "xlsx")
    assert answer["Location"] == f"{PAGE}?service=orders"
    assert "up to 2 entries" in reader.get(answer["Location"]).content.decode()
    assert not trail_of("auth_grpc").objects.exists()


@pytest.mark.parametrize(("query", "kind"), [("since=never", "csv"), ("", "pdf"), ("", "")])
def test_an_export_that_cannot_be_read_is_refused(query: str, kind: str, reader: Client) -> None:
    assert send(reader, query, kind).status_code == 400
    assert not trail_of("auth_grpc").objects.exists()


def test_it_is_closed_to_who_may_not_read_it(client: Client) -> None:
    assert client.get(PAGE)["Location"].startswith(reverse("admin:login"))
    cook = staff(client, "kitchen.view_ticket")
    assert cook.get(PAGE).status_code == 403
    assert send(cook, "", "csv").status_code == 403
    assert client.get(f"{PAGE}export/").status_code == 405


def test_it_needs_the_sites_own_form_to_export() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.create_superuser(f"{uuid7()}@example.com"))
    assert send(strict, "", "csv").status_code == 403


def test_nothing_below_it_changes_an_entry(reader: Client) -> None:
    note()
    entry = trail_of("orders").objects.get()
    for method in (reader.post, reader.put, reader.patch, reader.delete):
        assert method(PAGE, {"actor": "nobody"}).status_code == 405
    assert trail_of("orders").objects.get().actor == entry.actor


def test_it_says_what_will_be_here_and_leads_out(reader: Client) -> None:
    assert "Nobody has changed anything yet" in reader.get(PAGE).content.decode()
    assert "Show everything" in reader.get(PAGE, {"q": "nothing"}).content.decode()
