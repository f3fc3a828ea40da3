"""What the commands about a user share."""

from django.core.management.base import CommandError

from auth_grpc.models import User
from restaurant.trail import Person

# Whoever may run commands here; the machine knows who it was.
OPERATOR = Person(id=None, email="manage.py", via="command")


def user_by_email(email: str) -> User:
    """Give the user. Raises `CommandError` when there is none."""
    try:
        return User.objects.get_by_natural_key(email)
    except User.DoesNotExist:
        raise CommandError(f"no user has the e-mail {email}") from None
