import getpass
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from auth_grpc import services
from auth_grpc.errors import EmailTaken, InvalidInput, Unavailable
from auth_grpc.roles import STAFF_ROLES

NOT_MIGRATED = "The accounts' tables are not there. Run `manage.py migrate_services` first."


class Command(BaseCommand):
    help = (
        "Make a user of the staff site, with one role.\n\n"
        "The password is asked for on a terminal, and otherwise read from the first line of\n"
        "standard input, or from STAFF_PASSWORD. Exit code: 0 made, 1 refused, 2 wrong arguments.\n"
        "\n"
        "  manage.py create_staff ada@example.com --role kitchen --name 'Ada Byron'\n"
        "  pass show ada | manage.py create_staff ada@example.com --role kitchen\n"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("email", help="whom to make; the e-mail is the name to log in by")
        parser.add_argument(
            "--role", required=True, choices=sorted(STAFF_ROLES), help="what the user works on"
        )
        parser.add_argument("--name", default="", help="how to address the user")

    def handle(self, *, email: str, role: str, name: str, **_: Any) -> None:
        try:
            user = services.create_staff(email=email, password=_password(), role=role, name=name)
        except InvalidInput as error:
            told = "\n".join(f"{found.field}: {found.detail}" for found in error.violations)
            raise CommandError(f"{told}\nNobody was made.") from None
        except EmailTaken:
            raise CommandError(f"There is an account with {email} already.") from None
        except Unavailable:
            raise CommandError("Too many passwords are being hashed; try again.") from None
        except (DatabaseError, Group.DoesNotExist):
            raise CommandError(NOT_MIGRATED) from None
        self.stdout.write(f"{user.email} may log in, as {role}.")


def _password() -> str:
    """Give the new user's password. Raises `CommandError` where there is none."""
    if settings.STAFF_PASSWORD:
        return str(settings.STAFF_PASSWORD)
    password = _asked() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise CommandError("No password was given. Nobody was made.")
    return password


def _asked() -> str:
    try:
        password = getpass.getpass("Password: ")
        again = getpass.getpass("Password (again): ")
    except (KeyboardInterrupt, EOFError):
        raise CommandError("Nobody was made.") from None
    if password != again:
        raise CommandError("The passwords differ. Nobody was made.")
    return password
