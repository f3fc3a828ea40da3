from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from auth_grpc import services
from auth_grpc.management.operator import OPERATOR, user_by_email
from restaurant.trail import record


class Command(BaseCommand):
    help = (
        "Print a link by which a user chooses a new password, to be handed over where no mail is "
        "sent. Good once, for PASSWORD_LINK_MINUTES. Example: manage.py password_link "
        "cook@example.com"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        user = user_by_email(email)
        if not user.is_active:
            raise CommandError(f"{user} is not active")
        with transaction.atomic(using="default"):
            record(OPERATOR, user, action="print_password_link", now=timezone.now())
        minutes = settings.PASSWORD_RESET_TIMEOUT // 60
        self.stdout.write(services.password_link(user))
        self.stderr.write(f"Good once, for {minutes} minutes. Who has it can log in as {user}.")
