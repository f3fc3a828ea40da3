"""What the groups of staff may do, and that a second `migrate` takes nothing away."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from auth_grpc import roles
from auth_grpc.models import Role, User

pytestmark = pytest.mark.django_db


def may(role: str) -> set[str]:
    found = Permission.objects.filter(group__name=role)
    return {
        f"{app}.{code}" for app, code in found.values_list("content_type__app_label", "codename")
    }


def test_it_makes_a_group_for_each_role() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(Role)
    assert may("customer") == may("courier") == set()


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


def test_it_only_adds() -> None:
    support = Group.objects.get(name="support")
    extra = Permission.objects.get(codename="change_order", content_type__app_label="orders")
    support.permissions.add(extra)
    before = may("support")
    for config in apps.get_app_configs():
        roles.grant(config, using="default")
    assert may("support") == before
    assert Group.objects.count() == len(Role)


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
