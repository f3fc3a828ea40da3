"""What each role may do on the staff site and on staff's part of the API.

The groups and their permissions are made after each `migrate`, never taken away: what the
restaurant grants beyond this stays. Done there, not in a migration, because Django makes its
permission rows only then.
"""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from auth_grpc.models import Role

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
        "staff": ("view_pipeline",),
    },
}
STAFF_ROLES = frozenset(GRANTS)
ACTIONS = ("view", "add", "change", "delete")
# Tables that no role works on: the pipeline's page tells how they do, and the trail has its own.
PLUMBING = (
    *("outboxmessage", "inboxmessage", "idempotencykey", "trailentry"),
    *("signingkey", "secondfactor", "recoverycode", "staffsession"),
)


def grant(app_config: AppConfig, using: str, **_: Any) -> None:
    """Make the groups, and give them their permissions on an app's models."""
    if using != "default" or not any(app_config.label in apps for apps in GRANTS.values()):
        return
    for role in Role:
        group, _created = Group.objects.get_or_create(name=role)
        if names := GRANTS.get(role, {}).get(app_config.label):
            group.permissions.add(*_permissions(app_config.label, names))


def _permissions(app_label: str, names: tuple[str, ...]) -> list[Permission]:
    wanted = Q()
    for name in names:
        every = Q(codename__startswith=f"{name}_") & ~Q(content_type__model__in=PLUMBING)
        wanted |= every if name in ACTIONS else Q(codename=name)
    return list(Permission.objects.filter(wanted, content_type__app_label=app_label))
