"""Celery's side work: scheduled whole, changed by people, and gentle to what is still needed."""

import sys
from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from restaurant import databases, schedule
from restaurant.beat import Scheduler
from restaurant.celery import app
from restaurant.messaging.models import inbox_of, outbox_of
from tests.environment.bare import ROOT, environment, run
from tests.staff import rows

COMPOSE = ROOT / "docker" / "compose.yaml"
# What a process has scheduled when its settings are read.
SCHEDULED = "from restaurant import settings; print(*settings.CELERY_BEAT_SCHEDULE)"
DATABASES = ["default", "orders", "kitchen", "delivery"]


def test_it_has_a_task_for_every_entry() -> None:
    app.autodiscover_tasks(force=True)
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled == set(schedule.TASKS)
    assert scheduled <= set(app.tasks)


@pytest.mark.once
def test_beat_schedules_every_task_by_the_one_database_that_it_has() -> None:
    """In compose's environment, which gives it auth's alone."""
    told = yaml.safe_load(COMPOSE.read_text())["services"]["beat"]["environment"]
    given = [name.removesuffix("_FILE") for name in told if name.endswith("_DATABASE_URL_FILE")]
    assert given == ["AUTH_DATABASE_URL"]
    env = environment(
        DEBUG="false", REDIS_URL="redis://valkey", AUTH_DATABASE_URL="postgres://db/a"
    )
    done = run((sys.executable, "-c", SCHEDULED), env)
    assert (done.stderr, set(done.stdout.split())) == ("", set(schedule.TASKS))


def test_it_knows_which_databases_are_configured() -> None:
    found = databases.configured(
        {
            "orders": databases.configuration("", fallback=None),
            "kitchen": databases.configuration("postgres://user@host/kitchen", fallback=None),
        }
    )
    assert found == {"kitchen"}


@pytest.fixture
def auth(transactional_db: None) -> None:
    """Auth's database, which beat commits to: without what another test's beat wrote down."""
    PeriodicTask.objects.all().delete()


@pytest.mark.django_db(databases=["default"], transaction=True)
@pytest.mark.usefixtures("auth")
def test_it_hands_its_schedule_to_beat() -> None:
    Scheduler(app=app)
    for name, every in schedule.TASKS.items():
        task = PeriodicTask.objects.get(task=name)
        assert (task.enabled, task.schedule.run_every) == (True, every)
        # No task waits for longer than until its next turn.
        assert task.expire_seconds == every.total_seconds()


@pytest.mark.django_db(databases=["default"], transaction=True)
@pytest.mark.usefixtures("auth")
def test_it_leaves_what_was_changed_on_the_staff_site() -> None:
    Scheduler(app=app)
    hourly = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.HOURS)
    tasks = PeriodicTask.objects.order_by("pk")
    tasks.filter(task="orders.tasks.purge").update(interval=hourly, expire_seconds=None)
    tasks.filter(task="kitchen.tasks.purge").update(enabled=False)
    tasks.filter(task="delivery.tasks.purge").delete()
    before = {task.name: changeable(task) for task in tasks.all()}
    beat = Scheduler(app=app)
    after = {task.name: changeable(task) for task in tasks.all()}
    # What is gone is made anew.
    assert after.pop("delivery.tasks.purge")
    assert after == before
    assert beat.schedule["orders.tasks.purge"].schedule.run_every == timedelta(hours=1)
    assert "kitchen.tasks.purge" not in beat.schedule


def changeable(task: PeriodicTask) -> tuple[Any, ...]:
    return task.interval_id, task.crontab_id, task.enabled, task.expire_seconds


def test_it_keeps_the_inbox_longer_than_the_topics() -> None:
    assert settings.INBOX_RETENTION > settings.KAFKA_TOPIC_RETENTION
    assert settings.INBOX_RETENTION > settings.OUTBOX_RETENTION


@pytest.mark.django_db(databases=DATABASES)
@pytest.mark.parametrize("service", ["orders", "kitchen", "delivery"])
def test_it_purges_what_is_old_and_keeps_what_may_come_again(service: str) -> None:
    now = timezone.now()
    long_ago = now - settings.INBOX_RETENTION - timedelta(minutes=1)
    rows.outbox(service, published_at=long_ago)
    rows.inbox(service, handled_at=long_ago)
    kept: list[Any] = [
        rows.outbox(service, created_at=long_ago),
        rows.outbox(service, published_at=now),
        rows.inbox(service, handled_at=now - settings.KAFKA_TOPIC_RETENTION),
    ]
    app.autodiscover_tasks(force=True)
    for _twice in range(2):
        app.tasks[f"{service}.tasks.purge"]()
    assert set(outbox_of(service).objects.all()) == set(kept[:2])
    assert set(inbox_of(service).objects.all()) == set(kept[2:])


@pytest.mark.django_db(databases=DATABASES)
def test_it_may_run_every_task_twice_on_empty_databases() -> None:
    app.autodiscover_tasks(force=True)
    for task in schedule.TASKS:
        app.tasks[task]()
        app.tasks[task]()
