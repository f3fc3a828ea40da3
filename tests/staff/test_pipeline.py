"""The pipeline page: what is wrong is red and says what to do; what cannot be known is not fine."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from redis import Redis

from auth_grpc.models import User
from restaurant.heartbeat import PROCESSES
from restaurant.heartbeat.store import INDEX, KEPT_SECONDS
from restaurant.messaging.errors import BrokerUnavailable
from restaurant.staff import tasks, watchdog
from restaurant.staff.dashboard import rollup
from restaurant.staff.pipeline import desks, health, traffic
from restaurant.staff.pipeline.health import Health
from restaurant.staff.pipeline.troubles import Level
from tests.conftest import Broker
from tests.messaging.toys import created, publish
from tests.servers.valkey import Valkey
from tests.servers.wait import wait_until
from tests.staff import rows

DATABASES = ["default", "orders", "kitchen", "delivery"]
pytestmark = pytest.mark.django_db(databases=DATABASES)
PAGE, PART = "/admin/pipeline/", "/admin/pipeline/part/"


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    return client


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker of a busy machine gets its time; those that are away are away at once."""
    monkeypatch.setattr(traffic, "SECONDS", 5.0)
    monkeypatch.setattr(traffic, "_asking", traffic._Asking())


@pytest.fixture
def whole(valkey: Valkey, broker: Broker) -> Iterator[Any]:
    """A restaurant in which every process tells that it lives."""
    # The first question to a broker may find it slower than the page waits.
    wait_until(_kafka_answers, seconds=60)
    with Redis.from_url(f"{valkey.url}/0") as redis:
        for pid, name in enumerate(PROCESSES, 1):
            beat(redis, name, pid)
        for task in (watchdog, rollup):
            cache.set(task.RAN, timezone.now().isoformat())
        yield redis


def _kafka_answers() -> bool:
    try:
        traffic._asking.sound()
    except BrokerUnavailable:
        return False
    return True


def beat(redis: Any, name: str, pid: int, *, ago: float = -60.0, **told: Any) -> None:
    """Leave the heartbeat of a process as it was sent so many seconds ago.

    One of a minute ahead is as of now for that minute, however slow the machine is.
    """
    given = {"name": name, "host": "h", "pid": pid, "version": "1", "uptime": 100.0}
    value = json.dumps({**given, "since_progress": None, **told})
    redis.set(f"heartbeat:{name}:h:{pid}", value, px=int((KEPT_SECONDS - ago) * 1000))
    redis.sadd(INDEX, f"heartbeat:{name}:h:{pid}")


def look() -> Health:
    return health.look(timezone.now())


def said(found: Health) -> list[str]:
    return [trouble.text for trouble in found.troubles]


def test_it_is_healthy_when_all_is(whole: Any, client: Client) -> None:
    found = look()
    assert (said(found), found.level, found.verdict) == ([], Level.OK, "Healthy")
    text = client.get(PAGE).content.decode()
    assert "Healthy" in text
    for name in PROCESSES:
        assert f"<strong>{name}</strong>" in text


@pytest.mark.parametrize("name", PROCESSES)
def test_it_misses_a_process_that_does_not_run(name: str, whole: Any) -> None:
    whole.flushdb()
    for pid, other in enumerate(PROCESSES, 1):
        if other != name:
            beat(whole, other, pid)
    (trouble,) = look().processes.troubles
    assert trouble.level == Level.BAD
    assert trouble.text.startswith(f"{name} does not run.")
    assert trouble.command


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"ago": 14}, "kitchen does not run"),
        ({"since_progress": 45.0}, "its loop is stuck for 45 s"),
    ],
)
def test_it_tells_a_process_that_was_killed_from_one_that_is_stuck(
    told: dict[str, Any], why: str, whole: Any
) -> None:
    beat(whole, "kitchen", 1 + PROCESSES.index("kitchen"), **told)
    found = look()
    assert [why in text for text in said(found)] == [True]
    assert found.level == Level.BAD
    (row,) = [row for row in found.processes.rows if row.name == "kitchen"]
    assert row.level == Level.BAD


def test_it_tells_one_that_was_replaced_from_one_that_was_not(whole: Any) -> None:
    beat(whole, "web", 70, ago=30)
    assert ["process 70" in text for text in said(look())] == [True]
    # Its supervisor started another one after that.
    beat(whole, "web", 71, uptime=20.0)
    assert said(look()) == []


def test_it_sees_that_versions_differ(whole: Any) -> None:
    beat(whole, "web", 70, version="2")
    found = look()
    assert said(found) == ["Processes of different versions run: 1, 2."]
    assert found.level == Level.WARNING


NOW_AND_THEN: list[tuple[str, Callable[[Any], Any], Level]] = [
    (
        "1 message waits in the outbox of kitchen for 1 min.",
        lambda now: rows.outbox("kitchen", created_at=now - timedelta(seconds=61)),
        Level.BAD,
    ),
    (
        "1 message waits in the outbox of orders for 12 s.",
        lambda now: rows.outbox("orders", created_at=now - timedelta(seconds=12)),
        Level.WARNING,
    ),
    (
        "1 timer of kitchen is late by 40 s.",
        lambda now: rows.ticket(1, status="cooking", due_at=now - timedelta(seconds=40)),
        Level.BAD,
    ),
    (
        "1 timer of delivery is late by 7 s.",
        lambda now: rows.delivery(1, due_at=now - timedelta(seconds=7)),
        Level.WARNING,
    ),
    (
        "2 messages could not be handled by delivery.",
        lambda now: [rows.dead_letter("delivery", failed_at=now) for _ in range(2)],
        Level.BAD,
    ),
    (
        "1 order does not get on, since 3 h 0 min.",
        lambda now: rows.order(1, overdue_since=now - timedelta(hours=3)),
        Level.WARNING,
    ),
]


@pytest.mark.parametrize(("text", "arrange", "level"), NOW_AND_THEN)
def test_it_says_what_does_not_get_on(
    text: str,
    arrange: Callable[[Any], Any],
    level: Level,
    whole: Any,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = timezone.now()
    # The page's clock stands still, or it would say a second more where the machine is busy.
    monkeypatch.setattr(
        "restaurant.staff.pipeline.views.timezone", SimpleNamespace(now=lambda: now)
    )
    arrange(now)
    found = health.look(now)
    assert (said(found), found.level) == ([text], level)
    assert found.troubles[0].todo
    assert found.troubles[0].url
    assert client.get(found.troubles[0].url).status_code == 200
    assert text in client.get(PART).content.decode()


@pytest.mark.parametrize(
    "arrange",
    [
        lambda now: rows.outbox("kitchen", created_at=now),
        lambda now: rows.outbox("kitchen", created_at=rows.NOW, published_at=now),
        lambda now: rows.ticket(1, status="cooking", due_at=now + timedelta(hours=1)),
        lambda now: rows.ticket(1, status="cooking", due_at=now - timedelta(seconds=1)),
        lambda now: rows.dead_letter("orders", redriven_at=now),
        lambda now: rows.dead_letter("orders", discarded_at=now),
        lambda now: rows.order(1),
    ],
)
def test_it_bears_what_gets_on(arrange: Callable[[Any], Any], whole: Any) -> None:
    now = timezone.now()
    arrange(now)
    assert said(health.look(now)) == []


def test_it_counts_no_more_than_it_must(whole: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "MOST", 3)
    for _ in range(5):
        rows.dead_letter("kitchen")
    (desk,) = [desk for desk in look().desks if desk.service == "kitchen"]
    assert desk.letters.count == 4


def test_it_names_the_worst_first(whole: Any) -> None:
    now = timezone.now()
    rows.order(1, overdue_since=now)
    rows.dead_letter("kitchen", failed_at=now)
    assert [trouble.level for trouble in look().troubles] == [Level.BAD, Level.WARNING]
    assert look().verdict == "1 thing is wrong"


SILENT = {
    watchdog: "The watchdog has not looked for stuck orders lately (%s).",
    rollup: "The dashboard's figures have not been counted lately (%s).",
}


@pytest.mark.parametrize("task", SILENT)
def test_it_gives_side_work_time_after_a_start(task: ModuleType, whole: Any) -> None:
    cache.delete(task.RAN)
    assert said(look()) == []


@pytest.mark.parametrize("task", SILENT)
def test_it_says_what_side_work_is_not_done(task: ModuleType, whole: Any) -> None:
    beat(whole, "beat", PROCESSES.index("beat") + 1, uptime=200.0)
    cache.set(task.RAN, (timezone.now() - timedelta(minutes=4)).isoformat())
    assert said(look()) == [SILENT[task] % "4 min"]
    cache.delete(task.RAN)
    assert said(look()) == [SILENT[task] % "not heard of"]


def test_it_does_not_call_a_rollup_done_that_failed(
    whole: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    then = (timezone.now() - timedelta(minutes=4)).isoformat()
    cache.set(rollup.RAN, then)
    with monkeypatch.context() as patch:
        patch.setattr(rollup, "catch_up", _fail)
        with pytest.raises(OperationalError):
            tasks.rollup()
    assert cache.get(rollup.RAN) == then
    tasks.rollup()
    assert cache.get(rollup.RAN) > then


def _fail(**_given: Any) -> None:
    raise OperationalError("away")


# --- Lag and rates ------------------------------------------------------------------------------


def heard() -> Health:
    """Look when Kafka answers: the first question about a group may take it longer than others."""
    found = wait_until(lambda: it if (it := look()).traffic.streams else None, seconds=20)
    assert found
    return found


def stream(found: Health, group: str, topic: str) -> traffic.Stream:
    return next(s for s in found.traffic.streams if (s.group, s.topic) == (group, topic))


def test_it_sees_the_lag_of_a_dead_worker_grow(whole: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("restaurant.staff.pipeline.looks.APART_SECONDS", 0.05)
    publish([created() for _ in range(3)])
    first = stream(heard(), "kitchen", "order_created")
    # Of what was sent a moment ago nothing is said yet.
    assert (first.lag, first.consumed, first.level) == (3, None, Level.OK)
    publish([created() for _ in range(4)])
    time.sleep(0.1)
    found = look()
    later = stream(found, "kitchen", "order_created")
    assert (later.lag, later.consumed, later.level) == (7, 0.0, Level.BAD)
    assert later.produced
    assert said(found) == ["kitchen reads nothing of order_created, and is 7 behind."]


def test_it_compares_with_nothing_after_a_broker_that_began_anew(
    whole: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("restaurant.staff.pipeline.looks.APART_SECONDS", 0.0)
    publish([created()])
    old = json.dumps([{"at": time.time() - 5, "ends": {"/order_created/0": 9999}, "positions": {}}])
    cache.set("pipeline:looks", old)
    assert stream(heard(), "kitchen", "order_created").produced is None


# --- Parts that are away ------------------------------------------------------------------------


@contextmanager
def away(alias: str) -> Iterator[None]:
    """Have a database answer no statement."""

    def refuse(*_: Any) -> Any:
        raise OperationalError("connection refused")

    with connections[alias].execute_wrapper(refuse):
        yield


def test_it_answers_without_redis_and_kafka(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KAFKA_BOOTSTRAP_SERVERS = "127.0.0.1:1"
    monkeypatch.setattr(traffic, "SECONDS", 0.5)
    took = []
    # The first one reads the templates as well, and any may have to wait for the machine.
    for _ in range(3):
        began = time.monotonic()
        text = client.get(PAGE).content.decode()
        took.append(time.monotonic() - began)
    # A second on a machine with nothing else to do.
    assert min(took) < 3
    assert "Redis does not answer" in text
    assert "Kafka does not answer" in text
    assert "Healthy" not in text


@pytest.mark.parametrize("service", ["orders", "kitchen", "delivery"])
def test_it_answers_without_a_database(service: str, whole: Any, client: Client) -> None:
    with away(service):
        text = client.get(PAGE).content.decode()
        found = look()
    assert f"The database of {service} does not answer." in text
    assert [desk.service for desk in found.desks if desk.unknown] == [service]
    assert found.level == Level.BAD


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_it_calls_nothing_fine_that_it_cannot_know(whole: Any, settings: Any) -> None:
    nothing = {"ENGINE": "django.db.backends.dummy"}
    settings.DATABASES = {**settings.DATABASES, "kitchen": nothing}
    found = look()
    (desk,) = [desk for desk in found.desks if desk.service == "kitchen"]
    assert (desk.level, desk.unknown) == (
        Level.UNKNOWN,
        "not known here: KITCHEN_DATABASE_URL is not set",
    )
    assert (found.level, said(found)) == (Level.UNKNOWN, [])


def test_it_tells_no_passwords(whole: Any, client: Client, settings: Any) -> None:
    settings.REDIS_URL = settings.REDIS_URL.replace("redis://", "redis://user:hunter2@")
    settings.DATABASES["kitchen"]["PASSWORD"] = "hunter2"
    try:
        text = client.get(PAGE).content.decode()
    finally:
        settings.DATABASES["kitchen"]["PASSWORD"] = ""
    assert "hunter2" not in text
    assert "SIMULATION_SPEED" in text


# --- Who may look, and what it costs ------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(("path", "stranger"), [(PAGE, 302), (PART, 401)])
def test_it_is_for_those_who_may(path: str, stranger: int, client: Client) -> None:
    client.logout()
    assert client.get(path).status_code == stranger
    client.force_login(User.objects.create_user("cook@example.com", is_staff=True))
    assert client.get(path).status_code == 403


@pytest.mark.once
@pytest.mark.parametrize("path", [PAGE, PART])
def test_it_is_looked_at_and_no_more(path: str, client: Client) -> None:
    assert client.post(path).status_code == 405


def test_it_asks_as_often_for_much_as_for_little(whole: Any, client: Client) -> None:
    for count in (1, 9):
        for i in range(count):
            rows.dead_letter("kitchen")
            rows.outbox("orders")
            rows.ticket(count * 10 + i, status="cooking", due_at=timezone.now())
        # Session and user; outbox, dead letters, and timers or overdue orders of each service.
        assert [statements(client, alias) for alias in DATABASES] == [2, 3, 3, 3]


def statements(client: Client, alias: str) -> int:
    with CaptureQueriesContext(connections[alias]) as captured:
        assert client.get(PART).status_code == 200
    return len(captured)


@pytest.mark.once
def test_it_is_in_the_sidebar(client: Client) -> None:
    assert reverse("staff:pipeline") == PAGE
    assert f'href="{PAGE}"' in client.get(PAGE).content.decode()
