"""What is written to users."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from auth_grpc import services
from auth_grpc.models import User


def send_password_link(user: User, language: str) -> None:
    """Mail a user the link to a new password. Raises `OSError` when the server is away."""
    context = {
        "user": user,
        "link": services.password_link(user),
        "site": settings.PUBLIC_URL,
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
    }
    with translation.override(language):
        send_mail(
            _("Choose a new password"),
            render_to_string("auth_grpc/password_link.txt", context),
            None,
            [user.email],
        )
