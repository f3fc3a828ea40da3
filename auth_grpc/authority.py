"""Who may do what to whose account: the one place that says so.

Who may see users sees all of them; who may look customers up sees customers alone, and of them what
an order is about (`admin.users`).

Of deeds there are three rules. A right opens the deed. Only superusers touch superusers. And nobody
else touches an account that has a right which they lack: to sign it out, or to shut it out, is for
those above or beside it. Changing a user's fields, e-mail and rights is not looked at here: for
staff's accounts it is left to superusers (`admin.users`), since who changes an e-mail can have a
link sent there.
"""

from django.contrib.auth.models import Group, Permission
from django.db.models import Exists, OuterRef, Q, QuerySet

from auth_grpc.models import Role, User

VIEW, CHANGE = "auth_grpc.view_user", "auth_grpc.change_user"
VIEW_CUSTOMER = "auth_grpc.view_customer"
MANAGE = "auth_grpc.manage_user"
RESET_FACTOR = "auth_grpc.reset_second_factor"


def visible(actor: User) -> QuerySet[User]:
    """Give the users whom the actor may see."""
    if sees_customers_alone(actor):
        return _customers()
    return User.objects.all() if _sees_all(actor) else User.objects.none()


def sees_customers_alone(actor: User) -> bool:
    return actor.has_perm(VIEW_CUSTOMER) and not _sees_all(actor)


def _sees_all(actor: User) -> bool:
    # As on Django's pages, who may change a row may see it.
    return actor.has_perm(VIEW) or actor.has_perm(CHANGE)


def _customers() -> QuerySet[User]:
    """Give the users who do not work here: no staff, no couriers, nobody with a right."""
    working = Group.objects.filter(Q(name=Role.COURIER) | Q(permissions__isnull=False))
    return User.objects.filter(
        ~Exists(User.groups.through.objects.filter(user=OuterRef("pk"), group__in=working)),
        ~Exists(User.user_permissions.through.objects.filter(user=OuterRef("pk"))),
        is_staff=False,
        is_superuser=False,
    )


def may(actor: User, right: str, subject: User) -> bool:
    """Tell whether the actor has the right, and over this account."""
    return actor.has_perm(right) and is_over(actor, subject)


def is_over(actor: User, subject: User) -> bool:
    """Tell whether the actor may do at least what the subject may, or might when active."""
    if actor.is_superuser:
        return True
    return not subject.is_superuser and _rights(subject) <= actor.get_all_permissions()


def _rights(user: User) -> set[str]:
    """Give a user's rights as `User.get_all_permissions` does, but for the inactive ones too."""
    given = Permission.objects.filter(Q(user=user) | Q(group__user=user)).order_by()
    pairs = given.values_list("content_type__app_label", "codename").distinct()
    return {f"{app_label}.{codename}" for app_label, codename in pairs}
