"""Who may do what to whose account: the one place that says so.

Three rules. A right opens the deed. Only superusers touch superusers. And nobody else touches an
account that has a right which they lack: to sign it out, or to shut it out, is for those above or
beside it. Changing a user's fields, e-mail and rights is not looked at here: for staff's accounts
it is left to superusers (`admin.users`), since who changes an e-mail can have a link sent there.
"""

from django.contrib.auth.models import Permission
from django.db.models import Q

from auth_grpc.models import User

MANAGE = "auth_grpc.manage_user"
RESET_FACTOR = "auth_grpc.reset_second_factor"


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
