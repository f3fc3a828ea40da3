"""What each role may do on the staff site and on staff's part of the API.

The groups and their permissions are made after each `migrate`. Done there, not in a migration,
because Django makes its permission rows only then.

What was given so is remembered (`RoleGrant`), and withdrawn when it is given here no more. What the
restaurant gives beyond this, to these groups or to its own, stays. What it takes from these groups
comes back: a role with fewer rights is a group of its own.
"""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q, QuerySet

from auth_grpc.models import Role, RoleGrant

# Role → app → the code names its group gets: an action on every model but the plumbing, or one
# permission.
GRANTS: dict[Role, dict[str, tuple[str, ...]]] = {
    # The board, and in a break what is behind it. Dishes are taken off the menu on the board.
    Role.KITCHEN: {
        "kitchen": (
            *("view_ticket", "change_ticket", "view_kitchenorder"),
            *("view_station", "change_station"),
        ),
        "orders": ("set_availability",),
    },
    # Whoever a courier's row names as its user; nobody else's deliveries.
    Role.COURIER: {"delivery": ("carry_delivery",)},
    Role.DISPATCH: {
        "delivery": (
            *("view_delivery", "change_delivery"),
            *("view_courier", "add_courier", "change_courier"),
        ),
    },
    Role.MANAGER: {
        "orders": (
            *("view", "add", "change", "set_availability"),
            *("delete_category", "delete_menuitem", "delete_optiongroup", "delete_option"),
        ),
        "kitchen": ("view", "add", "change"),
        "delivery": ("view", "add", "change"),
        "auth_grpc": ("view", "manage_user"),
        "staff": ("view_dashboard", "view_pipeline", "view_trail"),
    },
    Role.SUPPORT: {
        "orders": ("view",),
        "kitchen": ("view",),
        "delivery": ("view",),
        # Whose order it is. No staff's accounts, no sessions, no roles.
        "auth_grpc": ("view_customer",),
        "staff": ("view_pipeline",),
    },
}
STAFF_ROLES = frozenset(GRANTS) - {Role.COURIER}
ACTIONS = ("view", "add", "change", "delete")
# Tables that no role works on: the pipeline's page tells how they do, and the trail has its own.
PLUMBING = (
    *("outboxmessage", "inboxmessage", "idempotencykey", "trailentry"),
    *("signingkey", "secondfactor", "recoverycode", "staffsession", "rolegrant"),
)


def grant(app_config: AppConfig, using: str, apps: Any = installed, **_: Any) -> None:
    """Make the groups, and bring their permissions on an app's models up to date.

    `apps` is what is migrated so far: before there is a table of what was given, nothing is.
    """
    label = app_config.label
    if using != "default" or not _is_there(apps):
        return
    given = RoleGrant.objects.filter(permission__content_type__app_label=label)
    if not any(label in granted for granted in GRANTS.values()) and not given.exists():
        return
    with transaction.atomic(using="default"):
        for role in Role:
            group, _created = Group.objects.get_or_create(name=role)
            wanted = _permissions(label, GRANTS.get(role, {}).get(label, ()))
            _withdraw(group, given.filter(group=group).exclude(permission__in=wanted))
            group.permissions.add(*wanted)
            RoleGrant.objects.bulk_create(
                [RoleGrant(group=group, permission=one) for one in wanted], ignore_conflicts=True
            )


def _is_there(apps: Any) -> bool:
    try:
        apps.get_model("auth_grpc", "RoleGrant")
    except LookupError:
        return False
    return True


def _withdraw(group: Group, stale: QuerySet[RoleGrant]) -> None:
    group.permissions.remove(*stale.values_list("permission", flat=True))
    stale.delete()


def _permissions(app_label: str, names: tuple[str, ...]) -> list[Permission]:
    if not names:
        return []
    wanted = Q()
    for name in names:
        every = Q(codename__startswith=f"{name}_") & ~Q(content_type__model__in=PLUMBING)
        wanted |= every if name in ACTIONS else Q(codename=name)
    return list(Permission.objects.filter(wanted, content_type__app_label=app_label))
