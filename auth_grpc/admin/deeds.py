"""What staff may do to a user, beside editing the fields."""

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError
from unfold.enums import ActionVariant

from auth_grpc import authority, open_sessions, services, tasks
from auth_grpc.admin import dialogs
from auth_grpc.errors import AlreadySo, AuthError, MailAway, NoMailServer
from auth_grpc.models import User
from restaurant.admin_parts import Asked, Deed
from restaurant.trail import record


def _end_sessions(user: User, asked: Asked) -> None:
    ended = open_sessions.end(user, asked.data["sessions"], now=asked.now)
    if not ended:
        raise AlreadySo
    record(
        asked.data["person"],
        user,
        action="end_sessions",
        now=asked.now,
        after={"ended": [str(one) for one in ended]},
    )


def _send_link(user: User, asked: Asked) -> None:
    if not settings.MAIL_IS_CONFIGURED:
        raise NoMailServer
    services.count_link(email=user.email, now=asked.now)
    record(asked.data["person"], user, action="send_password_link", now=asked.now)
    try:
        tasks.mail_password_link.delay(user.email, get_language())
    except OperationalError:
        raise MailAway from None


def _has_open_sessions(user: User) -> bool:
    return bool(open_sessions.of(user, now=timezone.now()))


DEEDS = (
    Deed(
        name="end_sessions",
        title=_("End sessions"),
        question=_(
            "Tokens are refused everywhere within ten seconds. A browser is signed out at its"
            " next click, and its live boards stop within seconds."
        ),
        permission=authority.MANAGE,
        do=_end_sessions,
        refusal=AuthError,
        form=dialogs.EndSessionsDialog,
        offered=_has_open_sessions,
        icon="logout",
    ),
    Deed(
        name="send_password_link",
        title=_("Send password link"),
        question=_("The user gets a mail with a link to choose a new password."),
        permission=authority.MANAGE,
        do=_send_link,
        refusal=AuthError,
        form=dialogs.LinkDialog,
        offered=lambda user: user.is_active,
        icon="mail",
    ),
    Deed(
        name="reset_second_factor",
        title=_("Reset second factor"),
        question=_("Their telephone's codes are no longer asked for, nor taken."),
        permission=authority.RESET_FACTOR,
        do=lambda user, asked: services.remove_factor(user, now=asked.now),
        refusal=AuthError,
        form=dialogs.ResetFactorDialog,
        offered=lambda user: user.second_factor_since is not None,
        icon="phonelink_erase",
        variant=ActionVariant.DANGER,
    ),
    Deed(
        name="deactivate",
        title=_("Deactivate"),
        question=_("The user cannot log in any more, until somebody activates them again."),
        permission=authority.MANAGE,
        do=lambda user, asked: services.deactivate(user, by=asked.by, now=asked.now),
        refusal=AuthError,
        form=dialogs.DeactivateDialog,
        offered=lambda user: user.is_active,
        icon="person_off",
        variant=ActionVariant.DANGER,
    ),
    Deed(
        name="reactivate",
        title=_("Activate"),
        question=_("The user can log in again with the same password, roles and rights."),
        permission=authority.MANAGE,
        do=lambda user, asked: services.reactivate(user),
        refusal=AuthError,
        form=dialogs.ReasonDialog,
        offered=lambda user: not user.is_active,
        icon="person_check",
    ),
)
