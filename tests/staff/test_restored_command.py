"""`republish --restored`: only while the service is still, and all that it said was read."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from proto.kitchen_pb2 import OrderAccepted
from restaurant.messaging.kafka import Consumer
from restaurant.messaging.leader import leadership
from restaurant.staff.errors import StillBusy
from restaurant.staff.restored.quiet import when_quiet
from tests.conftest import Broker
from tests.messaging.toys import collect, publish

pytestmark = pytest.mark.django_db(
    transaction=True, databases=["default", "orders", "kitchen", "delivery"]
)


def run(*args: str) -> str:
    out = StringIO()
    call_command("republish", *args, stdout=out)
    return out.getvalue()


@contextmanager
def a_worker_that_leads(service: str) -> Iterator[None]:
    """Hold the relay's lock from another connection."""
    leads, stop = threading.Event(), threading.Event()

    def hold() -> None:
        lead = leadership(service)
        assert lead.held()
        leads.set()
        stop.wait(30)
        lead.release()
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert leads.wait(10)
        yield
    finally:
        stop.set()
        thread.join()


def test_it_refuses_while_a_worker_runs() -> None:
    with a_worker_that_leads("kitchen"), pytest.raises(CommandError, match="stop all of them"):
        run("--restored", "kitchen")


def test_it_waits_until_others_have_read_what_the_service_said(broker: Broker) -> None:
    publish([OrderAccepted(order_id="0197e000-0000-7000-8000-000000000001")])
    with pytest.raises(StillBusy, match="orders has not read"):
        when_quiet("kitchen", pytest.fail, seconds=0)
    with closing(Consumer("orders", ["order_accepted"])) as consumer:
        consumer.commit(collect(consumer, 1))
    told = run("--restored", "kitchen")
    assert told.splitlines()[0] == "kitchen: 0 orders were behind, and are not any more"


@pytest.mark.parametrize(
    "args",
    [
        ("--restored", "orders"),
        ("--restored", "kitchen", "--all"),
        ("kitchen", "--restored", "kitchen"),
    ],
)
def test_it_wants_one_service_that_can_catch_up(args: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        run(*args)
