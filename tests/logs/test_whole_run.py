"""Over a whole day outside DEBUG: JSON alone, no secret in it, and each order's way found."""

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.blocks import only
from tests.flow import premises
from tests.logs.run import HIRE, STAFF, TRACE, Day, spend
from tests.logs.test_events import listed

pytestmark = [pytest.mark.slow, pytest.mark.real_kafka, pytest.mark.timeout(400)]
DOCUMENTED = only("operations.md", "Logs")
SERVICES = ("web", "auth", "orders", "kitchen", "delivery", "celery", "live")


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    directory = tmp_path_factory.mktemp("house")
    mails = directory / "mails"
    env = {
        "DEBUG": "false",
        "SECRET_KEY": "of this test alone, and long enough to be taken for one",
        "LOG_LEVEL": "DEBUG",
        "NUM_PROXIES": "1",
        "EMAIL_URL": f"filemail:///{mails}",
        "PUBLIC_URL": "http://restaurant.example",
    }
    with premises.real(directory, "--speed", "300", furnish=HIRE, env=env) as found:
        yield spend(found, mails)


def test_every_line_is_json_with_a_known_event(day: Day) -> None:
    known = set(listed())
    for name, line in day.lines:
        found = json.loads(line)
        assert found["event"] in known, (name, line)
        assert {"level", "timestamp"} <= set(found), (name, line)
    assert set(SERVICES) <= {name for name, _ in day.lines}


def test_no_line_tells_a_secret(day: Day) -> None:
    assert len(day.secrets) > 15
    assert STAFF in day.secrets
    for secret in day.secrets:
        for form in {secret, quote(secret), json.dumps(secret)[1:-1]}:
            assert not [line for _, line in day.lines if form in line], secret
    e_mail = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
    assert not [line for _, line in day.lines if e_mail.search(line)]


def test_an_order_that_was_placed_has_the_line_that_the_handbook_shows(day: Day) -> None:
    told = [line for _, line in day.of("request_answered") if line["method"] == "POST"]
    (line,) = (line for line in told if line.get("order_id") == day.traced_order)
    assert sorted(line) == sorted(json.loads(DOCUMENTED.text))


def test_one_id_finds_an_orders_way(day: Day) -> None:
    for id_ in (day.traced_order, TRACE):
        found = [(name, json.loads(line)) for name, line in day.lines if id_ in line]
        # At the level that a restaurant runs at.
        told = {name for name, line in found if line["level"] != "debug"}
        assert {"web", "orders", "kitchen", "delivery"} <= told
    steps = [
        (name, event["type"])
        for name, line in day.of("events_handled")
        for event in line["events"]
        if event["order_id"] == day.traced_order
    ]
    assert steps[0] == ("kitchen", "order_created")
    assert ("delivery", "order_cooked") in steps
    assert [kind for name, kind in steps if name == "orders"][-1] == "order_delivered"


def test_every_event_of_an_order_has_an_id_that_finds_it(day: Day) -> None:
    sent = [
        (name, event)
        for name, line in day.of("events_sent")
        for event in line["events"]
        if event["order_id"] == day.traced_order
    ]
    assert len(sent) == 6
    for _name, event in sent:
        assert event["correlation_id"] == TRACE
        assert len([line for _, line in day.lines if event["event_id"] in line]) > 1


def test_a_request_is_told_once_with_its_route(day: Day) -> None:
    (placed,) = [
        line
        for _, line in day.of("request_answered")
        if line.get("order_id") == day.traced_order and line["method"] == "POST"
    ]
    assert placed["route"] == "api/v1/orders/"
    assert (placed["status"], placed["request_id"]) == (201, TRACE)
    assert placed["user_id"]
    assert placed["ms"] > 0


def test_a_failure_has_its_traceback_and_its_request(day: Day) -> None:
    ((name, failed),) = day.of("request_failed")
    assert (name, failed["request_id"]) == ("web", day.failed_request)
    assert "IntegrityError" in failed["exception"]
    assert "DETAIL: [redacted]" in failed["exception"]


def test_a_dead_letter_names_its_order(day: Day) -> None:
    ((name, buried),) = day.of("dead_letter")
    assert (name, buried["order_id"]) == ("kitchen", day.buried_order)
    assert buried["event_id"]


def test_a_call_and_a_task_know_their_request(day: Day) -> None:
    answered = {line["request_id"] for _, line in day.of("request_answered")}
    (_, opened), *_ = day.of("session_opened")
    assert opened["request_id"] in answered
    mailed = [
        line for _, line in day.of("task_done") if line["task"].endswith("mail_password_link")
    ]
    assert mailed[0]["request_id"] in answered
    assert mailed[0]["state"] == "SUCCESS"
