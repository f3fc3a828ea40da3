"""Searching lists by e-mail: a whole one is found by its index, a part of one by reading."""

from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import restaurant.urls  # noqa: F401 - has the site look for its pages
from auth_grpc.models import User
from tests.staff import rows

pytestmark = pytest.mark.django_db(databases=["default", "orders"])
USERS, SESSIONS = "admin:auth_grpc_user_changelist", "admin:auth_grpc_session_changelist"


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    return client


def found(client: Client, name: str, term: str) -> list[Any]:
    return list(client.get(reverse(name), {"q": term}).context["cl"].queryset)


def test_it_finds_a_whole_email_without_reading_the_others(client: Client) -> None:
    ann = User.objects.create_user("ann@example.com")
    User.objects.create_user("joann@example.com")
    with CaptureQueriesContext(connections["default"]) as asked:
        assert found(client, USERS, " Ann@Example.com ") == [ann]
    assert not [q["sql"] for q in asked.captured_queries if "LIKE" in q["sql"].upper()]


@pytest.mark.parametrize("part", ["ann@", "nn@example.co", "@example.org"])
def test_it_finds_a_part_of_an_email(client: Client, part: str) -> None:
    ann = User.objects.create_user("ann@example.org")
    other = User.objects.create_user("bob@example.net")
    if part == "nn@example.co":
        ann = User.objects.create_user("lynn@example.com")
    assert ann in found(client, USERS, part)
    assert other not in found(client, USERS, part)


def test_it_finds_the_sessions_of_an_email(client: Client) -> None:
    session, other = rows.session(1), rows.session(2)
    assert found(client, SESSIONS, session.user.email) == [session]
    assert other in found(client, SESSIONS, other.user.email)


def test_it_does_not_read_all_sessions_for_who_has_none(client: Client) -> None:
    rows.session(1)
    ann = User.objects.create_user("ann@example.com")
    with CaptureQueriesContext(connections["default"]) as asked:
        assert found(client, SESSIONS, ann.email) == []
    assert not [q["sql"] for q in asked.captured_queries if "LIKE" in q["sql"].upper()]
