"""A thousand open streams on one live process, beside a bare consumer of the same records."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from statistics import median
from typing import IO, Any
from uuid import uuid4

from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.system import System
from tests.servers.process import Child

STREAMS, USERS = 1000, 20
RATE, SECONDS = 20, 15
AIM_MS, AIM_STOP = 250, 1.0


def measure(system: System, *, runs: int, quick: bool) -> list[Figure]:
    """Tell how long after its sending each stream gives a record to its client."""
    found = [_run(system, seconds=4 if quick else SECONDS) for _ in range(runs)]
    p50, p99, bare50, bare99, before, after, stop = (
        median(values) for values in zip(*found, strict=True)
    )
    return [
        Figure(
            what=f"{STREAMS:,} live streams, {RATE} records/s",
            measured=f"p50 {p50:.0f} ms, p99 {p99:.0f} ms",
            baseline=f"bare consumer: {bare50:.0f} ms, {bare99:.0f} ms",
            ratio="",
            aim=f"p50 ≤ {AIM_MS} ms",
            is_reached=p50 <= AIM_MS,
        ),
        Figure(
            what="The live process under them",
            measured=f"{after:.0f} threads; ends in {stop:.2f} s",
            baseline=f"with one stream: {before:.0f} threads",
            ratio=f"{after / before:.2f}",
            aim=f"as many; ≤ {AIM_STOP:.0f} s",
            is_reached=after <= before and stop <= AIM_STOP,
        ),
    ]


def _run(system: System, *, seconds: int) -> tuple[float, ...]:
    """Give p50 and p99 of streams and of the consumer in ms, threads before and after, and the
    seconds from SIGTERM to the process's end."""
    system.reset()
    sessions = _sessions(STREAMS)
    system.run("live")
    process = system.children["live"].pid
    with _listening(system, sessions[:1]) as one:
        _wait_open(one)
        before = _threads(process)
    with _listening(system, sessions) as many:
        _wait_open(many)
        bare = _send_marks(seconds)
        after = _threads(process)
        heard = json.loads(many.communicate()[0])
        if heard["count"] != STREAMS * RATE * seconds:
            raise RuntimeError(f"not all was heard once: {heard}")
    with _listening(system, sessions) as many:
        _wait_open(many)
        stop = _seconds_to_end(system.children["live"])
    system.stop("live")
    ages = (percentile(bare, 50) * 1000, percentile(bare, 99) * 1000)
    return heard["p50"], heard["p99"], *ages, before, after, stop


def _sessions(count: int) -> list[str]:
    """Sign people of the kitchen in, each at many screens; gives the sessions' keys."""
    from django.contrib.auth.models import Group
    from django.test import Client

    from auth_grpc.models import Role, User

    people = [User.objects.create_user(f"{uuid4().hex}@example.com") for _ in range(USERS)]
    kitchen = Group.objects.get(name=Role.KITCHEN)
    for person in people:
        person.groups.add(kitchen)
    keys = []
    for number in range(count):
        client = Client()
        client.force_login(people[number % USERS])
        keys.append(client.cookies["sessionid"].value)
    return keys


@contextmanager
def _listening(system: System, sessions: list[str]) -> Iterator["subprocess.Popen[str]"]:
    load = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.live_load", str(system.live_port), "kitchen"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    _input(load).write("\n".join([*sessions, "", ""]))
    _input(load).flush()
    try:
        yield load
    finally:
        load.communicate()


def _wait_open(load: "subprocess.Popen[str]") -> None:
    if _output(load).readline() != "open\n":
        raise RuntimeError("the streams do not open")


def _send_marks(seconds: int) -> list[float]:
    """Publish notices at the rate; gives the age of each, in seconds, as a bare consumer has it."""
    from proto.kitchen_pb2 import KitchenChanged
    from restaurant.messaging import contracts
    from restaurant.messaging.kafka import Producer

    producer, topic = Producer(), contracts.topic_of(KitchenChanged)
    headers = {"ce_type": contracts.type_of(KitchenChanged)}
    total = RATE * seconds
    ages, is_ready, consumer = _consume(topic, total)
    is_ready.wait(30)
    began = time.monotonic()
    for number in range(total):
        producer.poll(max(0.0, began + number / RATE - time.monotonic()))
        notice = KitchenChanged(id=str(uuid4()), order_ids=[f"at-{time.time():.6f}"])
        producer.send(topic, notice.id, notice.SerializeToString(), headers, lambda _ok: None)
    producer.flush(10)
    consumer.join(30)
    # The last ones are on their way through the streams.
    time.sleep(1)
    return ages


def _consume(topic: str, count: int) -> tuple[list[float], threading.Event, threading.Thread]:
    from proto.kitchen_pb2 import KitchenChanged
    from restaurant.messaging.kafka import Consumer

    ages: list[float] = []
    is_ready = threading.Event()

    def consume() -> None:
        with closing(Consumer(f"bare-{uuid4().hex}", [topic])) as consumer:
            # Time to join its group.
            consumer.read(1, 5)
            is_ready.set()
            while len(ages) < count:
                for record in consumer.read(500, 0.1):
                    notice = KitchenChanged.FromString(record.payload)
                    ages.append(time.time() - float(notice.order_ids[0].removeprefix("at-")))

    thread = threading.Thread(target=consume, daemon=True)
    thread.start()
    return ages, is_ready, thread


def _seconds_to_end(live: Child) -> float:
    began = time.monotonic()
    os.kill(live.pid, signal.SIGTERM)
    # Without taking its exit code from the one who stops it.
    os.waitid(os.P_PID, live.pid, os.WEXITED | os.WNOWAIT)
    return time.monotonic() - began


def _threads(process: int) -> int:
    """Count a process's threads, by the one way that Linux and macOS share."""
    found = subprocess.run(
        ["ps", "-M" if sys.platform == "darwin" else "-T", "-p", str(process)],
        check=True,
        capture_output=True,
        text=True,
    )
    return len(found.stdout.splitlines()) - 1


def _input(load: "subprocess.Popen[Any]") -> IO[str]:
    assert load.stdin
    return load.stdin


def _output(load: "subprocess.Popen[Any]") -> IO[str]:
    assert load.stdout
    return load.stdout
