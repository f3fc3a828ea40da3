"""After a test with real commits, its databases are as Django's own flush leaves them."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.test.utils import CaptureQueriesContext

from auth_grpc.models import Role, User
from restaurant.trail.models import trail_of
from tests.cleaning import LEFT_ALONE, Cleaner
from tests.staff.rows import NOW, ROWS, user
from tests.trail.entries import DATABASES

# Among what apps make after `migrate`.
MADE = {"auth_group", "auth_group_permissions", "auth_permission", "django_content_type"}

pytestmark = pytest.mark.django_db(databases=DATABASES, transaction=True)


def contents(alias: str) -> dict[str, list[Any]]:
    """Read every table of a database that has rows."""
    found = {}
    with connections[alias].cursor() as cursor:
        names = set(connections[alias].introspection.table_names(cursor)) - LEFT_ALONE
        for name in sorted(names):
            cursor.execute(f'SELECT * FROM "{name}"')  # noqa: S608
            if rows := sorted(cursor.fetchall(), key=repr):
                found[name] = rows
    return found


@pytest.fixture
def cleaner() -> Cleaner:
    """One that has seen what Django leaves."""
    made = Cleaner("default")
    made.clean()
    return made


@pytest.mark.parametrize("alias", DATABASES)
def test_it_removes_every_row_that_was_written(alias):
    cleaner = Cleaner(alias)
    cleaner.clean()
    left = contents(alias)
    for make in ROWS.values():
        make(1)
    assert len(contents(alias)) >= len(left) + 5
    cleaner.clean()
    assert contents(alias) == left


def test_it_empties_a_table_that_is_only_added_to(cleaner):
    entry = trail_of("auth_grpc").objects.create(at=NOW, actor="ada@example.com", via="admin")
    assert entry.pk
    cleaner.clean()
    assert not trail_of("auth_grpc").objects.exists()


def test_it_gives_back_what_the_apps_had_made(cleaner):
    before = contents("default")
    assert before.keys() >= MADE
    Group.objects.get(name=Role.KITCHEN).permissions.clear()
    Group.objects.get(name=Role.MANAGER).delete()
    Group.objects.filter(name=Role.DISPATCH).update(name="x")
    Permission.objects.filter(codename="view_order").delete()
    ContentType.objects.create(app_label="x", model="y")
    cleaner.clean()
    assert contents("default") == before


def test_it_gives_back_a_table_that_was_emptied(cleaner):
    before = contents("default")
    ContentType.objects.all().delete()
    Group.objects.all().delete()
    assert not MADE & contents("default").keys()
    cleaner.clean()
    assert contents("default") == before


def test_it_writes_nothing_again_that_no_test_changed(cleaner):
    user(1).groups.set([])
    Group.objects.filter(name="group-1").delete()
    with CaptureQueriesContext(connections["default"]) as queries:
        cleaner.clean()
    statements = [query["sql"] for query in queries]
    assert any("auth_grpc_user" in sql for sql in statements)
    assert not [sql for sql in statements if sql.startswith("INSERT")]
    assert not User.objects.exists()


def test_it_gives_no_number_a_second_time(cleaner):
    """As Django's flush: a row's number of an earlier test must not pass for a later one's."""
    first = ContentType.objects.create(app_label="x", model="y").pk
    cleaner.clean()
    assert ContentType.objects.create(app_label="x", model="y").pk > first
