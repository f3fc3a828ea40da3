"""A process that stops is red on the pipeline page in a quarter of a minute, and its lag grows."""

import os
import re
import signal
import time

import httpx
import pytest

from restaurant.heartbeat.pulses import FRESH_SECONDS
from restaurant.staff.pipeline.processes import DOES
from tests.chaos.test_faults import stopped
from tests.flow.house import House
from tests.servers.wait import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.once]
PIZZA = ("MARGHERITA", "SIZE-M")
EMAIL, PASSWORD = "boss@staff.example", "correct horse battery 7"
HIRE = f"""
from auth_grpc.models import User
if not User.objects.filter(email={EMAIL!r}).exists():
    User.objects.create_superuser({EMAIL!r}, {PASSWORD!r})
"""
STALLED = "kitchen reads nothing of order_created"


@pytest.fixture
def staff(house: House):
    """The staff site, logged in over HTTP."""
    house.shell(HIRE)
    with httpx.Client(base_url=house.up.url, follow_redirects=True, timeout=10) as client:
        client.get("/admin/login/")
        form = {
            "username": EMAIL,
            "password": PASSWORD,
            "csrfmiddlewaretoken": client.cookies["csrftoken"],
        }
        client.post("/admin/login/?next=/admin/pipeline/", data=form)
        yield client


def look(staff: httpx.Client) -> str:
    answer = staff.get("/admin/pipeline/part/")
    assert answer.status_code == 200, answer.text
    return answer.text


def missing(staff: httpx.Client) -> set[str]:
    """Name the processes of which the page says that they do not run."""
    return missing_in(look(staff))


def missing_in(text: str) -> set[str]:
    return set(re.findall(r"(\w+) does not run\.", text))


def is_all_well(staff: httpx.Client) -> bool:
    """Tell whether one look finds every process, and nothing that does not answer."""
    text = look(staff)
    names = all(f"<strong>{name}</strong>" in text for name in DOES)
    return names and not missing_in(text) and "does not answer" not in text


def test_it_turns_red_when_a_worker_stops_and_green_when_it_goes_on(house, guest, staff):
    # A look waits for Kafka no longer than a moment, and says then that it does not answer.
    wait_until(lambda: is_all_well(staff), seconds=30, every=0.5)
    with stopped(house, "kitchen"):
        began = time.monotonic()
        wait_until(lambda: missing(staff) == {"kitchen"}, seconds=30, every=0.5)
        assert time.monotonic() - began < FRESH_SECONDS + 4
        order_id = guest.order(*PIZZA)
        # Nobody tells of its lag; the page asks the broker itself.
        wait_until(lambda: STALLED in look(staff), seconds=20, every=1)
    guest.wait_for(order_id, "delivered", seconds=60)
    wait_until(lambda: not missing(staff) and STALLED not in look(staff), seconds=30, every=1)


def test_it_sees_a_process_that_was_killed_and_started_again(house, staff):
    wait_until(lambda: not missing(staff), seconds=30)
    old = house.up.started()["delivery"]
    said = len(house.up.lines)
    os.kill(old, signal.SIGKILL)
    house.up.wait_for(r"delivery started, process", since=said)
    wait_until(lambda: f":{house.up.started()['delivery']}<" in look(staff), seconds=30, every=0.5)
    wait_until(lambda: f":{old}<" not in look(staff), seconds=20, every=0.5)
    assert not missing(staff)
