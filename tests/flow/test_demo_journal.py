"""The journal's counts, the summary, and the screen."""

import json
from typing import Any

import pytest
from rich.console import Console

from restaurant.demo.journal import STATUSES, Journal
from restaurant.demo.screen import Facts, Screen, clock, line
from restaurant.demo.summary import NOT_RUN, percentile, summarize

FACTS = Facts("Restaurant", 200, [("API", "http://127.0.0.1:8000/api/v1/"), ("Staff", "x" * 200)])


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def order(number: int, status: str = "placed", *, second: float = 0) -> dict[str, Any]:
    return {
        "id": f"id-{number}",
        "number": number,
        "status": status,
        "created_at": "2026-03-01T12:00:00Z",
        "updated_at": f"2026-03-01T12:00:{second:09.6f}Z",
    }


@pytest.fixture
def ticking() -> Clock:
    return Clock()


@pytest.fixture
def journal(ticking: Clock) -> Journal:
    return Journal(ticking)


def test_it_counts_an_order_where_it_stands(journal: Journal):
    journal.place(order(1), "Anna")
    journal.see(order(1, "cooking"))
    journal.see(order(1, "cooking"))
    by_status = journal.snapshot().by_status
    assert by_status == {**dict.fromkeys(STATUSES, 0), "cooking": 1}


def test_it_keeps_what_has_ended_ended(journal: Journal):
    journal.place(order(1), "Anna")
    journal.see(order(1, "delivered", second=9))
    journal.see(order(1, "cooking"))
    assert journal.snapshot().by_status["delivered"] == 1
    assert journal.unfinished() == []


def test_it_does_not_count_the_orders_of_another_day(journal: Journal):
    journal.see(order(5, "delivered", second=9))
    assert journal.snapshot().ended == 0
    assert journal.snapshot().placed == 0


def test_it_takes_times_from_the_server(journal: Journal, ticking: Clock):
    for number, second in ((1, 8.25), (2, 4), (3, 6)):
        journal.place(order(number), "Anna")
        journal.see(order(number, "delivered", second=second))
    journal.place(order(4), "Ben")
    journal.see(order(4, "cancelled", second=50))
    assert journal.seconds_to_deliver() == [4, 6, 8.25]


def test_it_tells_the_oldest_wait_and_rates(journal: Journal, ticking: Clock):
    for number in range(30):
        journal.place(order(number), "Anna")
    ticking.now += 10
    journal.see(order(0, "delivered", second=9))
    seen = journal.snapshot()
    assert seen.oldest_wait == 10
    assert seen.orders_a_second == pytest.approx(3)
    ticking.now += 60
    assert journal.snapshot().orders_a_second == 0


def test_it_forgets_trouble_that_has_passed(journal: Journal, ticking: Clock):
    journal.trouble("kitchen ended (signal 9)")
    assert journal.snapshot().trouble
    ticking.now += 60
    assert not journal.snapshot().trouble


@pytest.mark.parametrize(
    ("values", "part", "expected"),
    [
        ([], 0.5, None),
        ([3.0], 0.99, 3.0),
        ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0),
        ([float(n) for n in range(1, 101)], 0.99, 99.0),
        ([float(n) for n in range(1, 101)], 0.5, 50.0),
    ],
)
def test_it_gives_percentiles_by_nearest_rank(
    values: list[float], part: float, expected: float | None
):
    assert percentile(values, part) == expected


def busy(journal: Journal) -> Journal:
    for number, status in enumerate((*STATUSES, "delivered")):
        journal.place(order(number), "Anna")
        journal.see(order(number, status, second=9))
    journal.refuse("Ben", "unknown sku")
    return journal


def test_it_sums_up_as_one_json_object(journal: Journal):
    summary = summarize(busy(journal), audit=[], events=77, seconds=12.3, orders=10)
    found = json.loads(json.dumps(summary.as_json()))
    assert found["placed"] == 10
    assert found["delivered"] == 2
    assert found["cancelled"] == found["rejected"] == found["failed"] == 1
    assert found["seconds"] == 12.3
    assert found["p50_seconds"] == found["p99_seconds"] == 9
    assert found["audit"] == "clean"
    assert found["refused"] == {"unknown sku": 1}
    assert len(found["unfinished"]) == 5


def test_it_names_what_has_not_ended_and_what_the_audit_found(journal: Journal):
    summary = summarize(busy(journal), audit=["#7 is missing"], events=1, seconds=1, orders=None)
    text = "\n".join(summary.lines())
    assert "#2 id-2 cooking" in text
    assert "#7 is missing" in text
    assert summary.audit == ["#7 is missing"]
    assert not summary.has_ended


def test_it_does_not_call_books_clean_that_it_has_not_read(journal: Journal):
    summary = summarize(journal, audit=NOT_RUN, events=None, seconds=1, orders=None)
    assert "clean" not in json.dumps(summary.as_json())


def test_it_has_not_ended_while_orders_are_still_to_be_placed(journal: Journal):
    journal.place(order(1), "Anna")
    journal.see(order(1, "delivered", second=3))
    assert summarize(journal, audit=[], events=0, seconds=1, orders=1).has_ended
    assert not summarize(journal, audit=[], events=0, seconds=1, orders=2).has_ended


@pytest.mark.parametrize(("width", "height"), [(80, 24), (200, 50), (60, 20), (112, 24)])
def test_it_fits_the_terminal(journal: Journal, width: int, height: int):
    console = Console(width=width, height=height, force_terminal=True, color_system=None)
    with console.capture() as captured:
        console.print(Screen(FACTS, busy(journal).snapshot()), end="")
    rows = captured.get().splitlines()
    assert len(rows) <= height
    assert max(len(row) for row in rows) <= width
    text = captured.get()
    assert "out for delivery" in text
    assert "1 request refused: unknown sku 1" in text
    assert "http://127.0.0.1:8000/api/v1/" in text


def test_it_says_all_in_one_line_where_there_is_no_terminal(journal: Journal):
    text = line(busy(journal).snapshot(), 200)
    assert "\n" not in text
    assert "10 of 200 orders" in text
    assert "delivered 2" in text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (61.9, "1:01"), (3600, "1:00:00"), (36_061, "10:01:01")]
)
def test_it_tells_durations(seconds: float, text: str):
    assert clock(seconds) == text
