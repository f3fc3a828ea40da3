"""The demo's command line: what it refuses, what it makes of the rest, and its exit codes."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from restaurant.demo.day import Day, Plan
from restaurant.demo.summary import CLEAN, NOT_RUN, Summary
from restaurant.supervisor import PortInUse

SUMMARY: dict[str, Any] = {
    "placed": 200,
    "delivered": 200,
    "cancelled": 0,
    "rejected": 0,
    "failed": 0,
    "seconds": 60.0,
    "p50_seconds": 20.0,
    "p99_seconds": 30.0,
    "audit": CLEAN,
    "refused": {},
    "events": 1400,
    "first_delivered_seconds": 30.0,
    "unfinished": [],
    "orders": 200,
}


@pytest.fixture
def days(monkeypatch):
    """Plans of the days that were run; each ends with a summary that the test may change."""

    class Days(list[Plan]):
        summary = dict(SUMMARY)

    days = Days()

    def run(day: Day) -> Summary:
        days.append(day._plan)
        summary = Summary(**days.summary)
        day._tell(summary)
        return summary

    monkeypatch.setattr(Day, "run", run)
    # Handlers stay with the tests' own process.
    monkeypatch.setattr("signal.signal", lambda *_: None)
    return days


def exit_code(*arguments: str) -> Any:
    with pytest.raises(SystemExit) as ended:
        call_command("demo", *arguments)
    return ended.value.code


@pytest.mark.parametrize(
    "arguments",
    [
        ("--orders", "0"),
        ("--orders", "many"),
        ("--speed", "0"),
        ("--speed", "nan"),
        ("--speed", "inf"),
        ("--rate", "-1"),
        ("--customers", "0"),
        ("--failures", "1.5"),
        ("--against", "localhost"),
        ("--against", "ftp://localhost"),
    ],
)
def test_it_refuses_what_makes_no_sense(days, arguments):
    with pytest.raises(CommandError, match=arguments[0]):
        call_command("demo", *arguments)
    assert not days


def test_it_runs_at_sixty_times_the_speed_without_an_end(days):
    assert exit_code() == 0
    assert days == [Plan(orders=None, exits=False, speed=60)]


def test_it_places_two_hundred_orders_when_it_is_to_exit(days):
    exit_code("--exit")
    assert days == [Plan(orders=200, exits=True)]


def test_it_passes_on_what_it_is_told(days):
    exit_code(
        *("--orders", "5", "--speed", "9", "--rate", "2.5", "--customers", "3", "--seed", "4"),
        *("--failures", "0.1", "--against", "http://example.com/"),
    )
    (plan,) = days
    assert plan == Plan(
        orders=5,
        speed=9,
        rate=2.5,
        customers=3,
        seed=4,
        failures=0.1,
        against="http://example.com",
    )
    assert plan.environment == {"SIMULATION_SPEED": "9.0", "DELIVERY_FAILURE_RATE": "0.1"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"unfinished": ["#1"]}, 1),
        ({"placed": 199}, 1),
        ({"audit": ["#1 is missing"]}, 1),
        ({"audit": NOT_RUN}, 3),
        ({"audit": NOT_RUN, "unfinished": ["#1"]}, 1),
    ],
)
def test_it_exits_with_zero_only_when_all_is_well(days, changes, code):
    days.summary |= changes
    assert exit_code("--exit") == code


def test_it_does_not_mind_unfinished_orders_at_ctrl_c(days):
    days.summary |= {"unfinished": ["#1"], "orders": None}
    assert exit_code() == 0


def test_it_ends_its_output_with_json_only_when_asked(days, capsys):
    exit_code("--json")
    assert capsys.readouterr().out.splitlines()[-1].startswith('{"placed": 200,')
    exit_code()
    assert "{" not in capsys.readouterr().out


def test_it_tells_in_one_line_why_it_cannot_start(days, monkeypatch):
    def refuse(day: Day) -> Summary:
        raise PortInUse("Port 8000 is in use.")

    monkeypatch.setattr(Day, "run", refuse)
    with pytest.raises(CommandError, match=r"^Port 8000 is in use\.$") as refused:
        call_command("demo")
    assert refused.value.returncode == 2


def test_it_exits_as_interrupted_before_the_day_has_begun(days, monkeypatch):
    def interrupt(day: Day) -> Summary:
        raise KeyboardInterrupt

    monkeypatch.setattr(Day, "run", interrupt)
    assert exit_code() == 130
