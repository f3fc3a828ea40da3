"""Celery's side work: scheduled where its databases are, and gentle to what is still needed."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from restaurant import databases, schedule
from restaurant.celery import app
from restaurant.messaging.models import inbox_of, outbox_of
from tests.staff import rows

DATABASES = ["default", "orders", "kitchen", "delivery"]


def test_it_has_a_task_for_every_entry() -> None:
    app.autodiscover_tasks(force=True)
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled == set(schedule.TASKS)
    assert scheduled <= set(app.tasks)


@pytest.mark.parametrize(
    ("configured", "tasks"),
    [
        (set(), set()),
        ({"kitchen"}, {"kitchen.tasks.purge"}),
        ({"orders"}, {"orders.tasks.purge", "restaurant.staff.tasks.watchdog"}),
        (
            {"default", "delivery"},
            {
                *("auth_grpc.tasks.purge_expired", "delivery.tasks.purge"),
                "restaurant.staff.tasks.rollup",
            },
        ),
    ],
)
def test_it_schedules_only_what_has_its_database(configured: set[str], tasks: set[str]) -> None:
    assert set(schedule.entries(configured=configured)) == tasks


def test_it_knows_which_databases_are_configured() -> None:
    found = databases.configured(
        {
            "orders": databases.configuration("", fallback=None),
            "kitchen": databases.configuration("postgres://user@host/kitchen", fallback=None),
        }
    )
    assert found == {"kitchen"}


@pytest.mark.django_db(databases=["default"], transaction=True)
def test_it_hands_its_schedule_to_beat() -> None:
    DatabaseScheduler(app=app)
    known = set(PeriodicTask.objects.values_list("task", flat=True))
    assert set(schedule.TASKS) <= known


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
