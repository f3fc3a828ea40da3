"""Orders followed by streams: from a real live process, over HTTP."""

import sys
import time

import pytest

from proto.delivery_pb2 import OrderDelivered, OrderDispatched
from proto.kitchen_pb2 import OrderAccepted, OrderCancelled, OrderCooked, OrderCooking
from tests.live.following.ground import (
    EVENT_STREAM,
    Person,
    ask,
    follow,
    join,
    move,
    place,
    say,
    told,
    write,
)
from tests.live.ground import LiveProcess
from tests.live.test_process import threads

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "orders"])

WHOLE = (OrderAccepted, OrderCooking, OrderCooked, OrderDispatched, OrderDelivered)
TYPES = (
    *("order_created", "order_accepted", "order_cooking", "order_cooked"),
    *("order_dispatched", "order_delivered"),
)
NUMBERED = list(enumerate(TYPES, start=1))


def test_it_tells_what_happened_and_what_happens_then_to_the_end(
    live: LiveProcess, customer: Person
) -> None:
    order = place(customer)
    write(order, OrderAccepted)
    stream = follow(live, order, customer)
    first, second = stream.next("order_created"), stream.next("order_accepted")
    assert first.data["order_status"] == first.data["status"] == "placed"
    assert second.data["order_status"] == "accepted"
    assert set(second.data) == {"sequence", "type", "status", "at", "detail", "order_status"}
    for kind in WHOLE[1:]:
        # What Kafka takes to acknowledge is not the live process's.
        say(order, kind)
        began = time.monotonic()
        write(order, kind)
        stream.next(*TYPES)
        assert time.monotonic() - began < 2
    assert stream.next("end").data == {"why": "finished"}
    stream.wait_closed()
    assert told([stream]) == NUMBERED
    again = ask(live, order, customer, Accept=EVENT_STREAM, Last_Event_ID="6")
    assert again.status == 204


def test_it_tells_it_all_of_an_order_that_has_ended(live: LiveProcess, customer: Person) -> None:
    order = place(customer)
    write(order, OrderAccepted, OrderCancelled)
    stream = follow(live, order, customer)
    stream.next("end")
    assert told([stream]) == [(1, "order_created"), (2, "order_accepted"), (3, "order_cancelled")]
    # What comes late is told to who comes back.
    write(order, OrderCooking)
    late = follow(live, order, customer, after=3)
    assert late.next("order_cooking").data["order_status"] == "cancelled"
    late.next("end")
    assert told([late]) == [(4, "order_cooking")]


def test_it_ends_after_what_came_late(live: LiveProcess, customer: Person) -> None:
    order = place(customer)
    stream = follow(live, order, customer)
    stream.next("order_created")
    move(order, OrderDelivered)
    stream.next("order_delivered")
    # Of another topic, which was behind.
    move(order, OrderCooked)
    stream.next("end")
    assert [type_ for _, type_ in told([stream])] == [
        *("order_created", "order_delivered", "order_cooked")
    ]


def test_it_waits_for_the_service_to_take_in_what_was_said(
    live: LiveProcess, customer: Person
) -> None:
    order = place(customer)
    stream = follow(live, order, customer)
    stream.next("order_created")
    say(order, OrderAccepted)
    stream.hear(0.7)
    write(order, OrderAccepted)
    began = time.monotonic()
    stream.next("order_accepted")
    assert time.monotonic() - began < 2


def test_it_looks_by_itself_where_nothing_was_said(live: LiveProcess, customer: Person) -> None:
    order = place(customer)
    stream = follow(live, order, customer)
    stream.next("order_created")
    write(order, OrderAccepted)
    stream.next("order_accepted", seconds=8)


def test_it_goes_on_without_gap_or_repeat_after_the_process_is_killed(
    live: LiveProcess, customer: Person
) -> None:
    order = place(customer)
    streams = [follow(live, order, customer)]
    for kind in WHOLE:
        move(order, kind)
        streams[-1].next(*TYPES)
        live.kill()
        streams[-1].wait_closed()
        live.start()
        streams.append(follow(live, order, customer, after=int(streams[-1].last_id)))
    *_, last = streams
    last.next("end")
    assert told(streams) == NUMBERED


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_holds_200_streams_with_few_threads(live: LiveProcess) -> None:
    people = [join() for _ in range(20)]
    orders = {person.id: [place(person) for _ in range(10)] for person in people}
    one = follow(live, orders[people[0].id][0], people[0])
    one.next("order_created")
    streams = []
    for person in people:
        for order in orders[person.id]:
            streams.append((order, follow(live, order, person)))
    for _, stream in streams:
        stream.next("order_created")
    for order, _ in streams:
        say(order, OrderAccepted)
        write(order, OrderAccepted)
    for _, stream in streams:
        stream.next("order_accepted", seconds=20)
    assert threads(live.pid) < 40
    for _, stream in streams:
        assert told([stream]) == NUMBERED[:2]


def test_it_says_that_it_stops_and_ends_within_a_second(
    live: LiveProcess, customer: Person
) -> None:
    stream = follow(live, place(customer), customer)
    stream.next("order_created")
    live.ask_to_stop()
    live.wait(20)
    assert live.seconds_to_end(streams=1) < 1
    assert stream.next("end").data == {"why": "stopping"}
    assert "Traceback" not in live.log
