"""What the groups of staff may do, and what each `migrate` gives them and withdraws."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.migrations.state import StateApps

from auth_grpc import roles
from auth_grpc.models import Role, RoleGrant, User

pytestmark = pytest.mark.django_db


def may(role: str) -> set[str]:
    found = Permission.objects.filter(group__name=role)
    return {
        f"{app}.{code}" for app, code in found.values_list("content_type__app_label", "codename")
    }


def test_it_makes_a_group_for_each_role() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(Role)
    assert may("customer") == set()
    assert may("courier") == {"delivery.carry_delivery"}


def test_it_gives_each_role_its_own_pages() -> None:
    assert {"kitchen.view_ticket", "kitchen.change_ticket", "kitchen.change_station"} <= may(
        "kitchen"
    )
    assert {"delivery.view_delivery", "delivery.change_courier"} <= may("dispatch")
    assert {"orders.change_menuitem", "orders.set_availability", "kitchen.change_station"} <= may(
        "manager"
    )
    assert {name for name in may("kitchen") if not name.startswith("kitchen.")} == {
        "orders.set_availability"
    }
    assert {name.partition(".")[0] for name in may("dispatch")} == {"delivery"}
    assert all(".view_" in name for name in may("support"))
    assert not any(".delete_" in name or name.endswith("_user") for name in may("kitchen"))
    assert "auth_grpc.change_user" not in may("manager")


@pytest.mark.parametrize("role", sorted(roles.STAFF_ROLES))
def test_it_gives_nobody_the_plumbing(role: str) -> None:
    codes = {name.partition(".")[2] for name in may(role)}
    assert not {code for code in codes if code.partition("_")[2] in roles.PLUMBING}


def migrate() -> None:
    """Do what each `migrate` does after it."""
    for config in apps.get_app_configs():
        roles.grant(config, using="default")


def right(name: str) -> Permission:
    app, _dot, code = name.partition(".")
    return Permission.objects.get(codename=code, content_type__app_label=app)


def test_a_second_time_changes_nothing() -> None:
    before = {role: may(role) for role in Role}
    remembered = list(RoleGrant.objects.values_list())
    migrate()
    assert {role: may(role) for role in Role} == before
    assert list(RoleGrant.objects.values_list()) == remembered
    assert Group.objects.count() == len(Role)


def test_it_leaves_what_was_given_by_hand() -> None:
    support, own = Group.objects.get(name="support"), Group.objects.create(name="night shift")
    support.permissions.add(right("orders.change_order"))
    own.permissions.add(right("orders.delete_order"))
    before = may("support")
    migrate()
    assert may("support") == before >= {"orders.change_order"}
    assert may("night shift") == {"orders.delete_order"}


def test_it_gives_again_what_was_taken_by_hand() -> None:
    before = may("support")
    Group.objects.get(name="support").permissions.remove(right("orders.view_order"))
    migrate()
    assert may("support") == before


def test_it_withdraws_what_it_gave_and_gives_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    support, own = Group.objects.get(name="support"), Group.objects.create(name="night shift")
    support.permissions.add(right("orders.change_order"))
    own.permissions.set(support.permissions.all())
    before, others = may("support"), {role: may(role) for role in Role if role != "support"}
    narrowed = {"orders": ("view_order",), "kitchen": ("view",), "delivery": ("view",)}
    monkeypatch.setitem(roles.GRANTS, Role.SUPPORT, narrowed)
    migrate()
    # An app that it has no more part in, too.
    assert before - may("support") == {
        name for name in before if name.startswith(("orders.view_", "auth_grpc.", "staff."))
    } - {"orders.view_order"}
    assert "orders.change_order" in may("support")
    assert may("night shift") == before
    assert {role: may(role) for role in others} == others


def test_it_gives_by_hand_what_was_withdrawn_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    support = Group.objects.get(name="support")
    monkeypatch.setitem(roles.GRANTS, Role.SUPPORT, {"orders": ("view_order",)})
    migrate()
    assert "kitchen.view_ticket" not in may("support")
    support.permissions.add(right("kitchen.view_ticket"))
    migrate()
    assert "kitchen.view_ticket" in may("support")


def test_it_withdraws_of_the_apps_alone_that_were_migrated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = may("support")
    monkeypatch.setitem(roles.GRANTS, Role.SUPPORT, {})
    roles.grant(apps.get_app_config("kitchen"), using="kitchen")
    assert may("support") == before
    roles.grant(apps.get_app_config("kitchen"), using="default")
    assert may("support") == {name for name in before if not name.startswith("kitchen.")}


def test_it_waits_for_its_table() -> None:
    """Not all migrations are applied yet where somebody stops in between."""
    RoleGrant.objects.all().delete()
    nothing = StateApps([], {})
    for config in apps.get_app_configs():
        roles.grant(config, using="default", apps=nothing)
    assert not RoleGrant.objects.exists()


def test_it_withdraws_what_earlier_versions_gave() -> None:
    """An installation from before there was a memory of it."""
    RoleGrant.objects.all().delete()
    kitchen, manager = (Group.objects.get(name=name) for name in ("kitchen", "manager"))
    before = may("kitchen"), may("manager")
    formerly = ["kitchen.view_outboxmessage", "kitchen.view_deadletter"]
    by_hand = ["kitchen.delete_ticket", "orders.view_order"]
    kitchen.permissions.add(*map(right, [*formerly, *by_hand]))
    manager.permissions.add(right("orders.change_idempotencykey"))
    migration = import_module("auth_grpc.migrations.0008_former_grants")
    migration.remember(apps, connection.schema_editor())
    migrate()
    assert may("kitchen") == before[0] | set(by_hand)
    assert may("manager") == before[1]
    migrate()
    assert may("kitchen") == before[0] | set(by_hand)


MIGRATE_AND_COUNT = """
from django.contrib.auth.models import Group
from django.core.management import call_command
from auth_grpc.models import RoleGrant
call_command("migrate_services", services=["auth_grpc"], verbosity=0)
kitchen = Group.objects.get(name="kitchen")
print(kitchen.permissions.count(), RoleGrant.objects.filter(group=kitchen).count())
"""


@pytest.mark.once
@pytest.mark.parametrize("services", ["auth_grpc", "auth_grpc,kitchen"])
def test_it_needs_no_other_service(services: str, tmp_path: Path) -> None:
    """A process that serves some of them brings up the same rights, with users' database alone."""
    unset = {f"{name}_DATABASE_URL": "" for name in ("AUTH", "ORDERS", "KITCHEN", "DELIVERY")}
    environment = {**os.environ, **unset, "SERVICES": services, "VAR_DIR": str(tmp_path)}
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", MIGRATE_AND_COUNT]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    count = str(len(may("kitchen")))
    assert done.stdout.split() == [count, count]
    assert sorted(path.name for path in tmp_path.glob("*.sqlite3")) == ["auth.sqlite3"]


@pytest.mark.parametrize("given", ["Ada@Example.COM", " ada@example.com ", "\uff41da@example.com"])
def test_it_keeps_an_email_in_one_form(given: str) -> None:
    user = User.objects.create_user(given)
    assert user.email == "ada@example.com"
    assert User.objects.get_by_natural_key(given) == user


def test_it_keeps_the_form_in_the_database_too() -> None:
    from django.db import IntegrityError

    user = User.objects.create_user("ada@example.com")
    with pytest.raises(IntegrityError):
        User.objects.filter(pk=user.pk).update(email="Ada@example.com")
