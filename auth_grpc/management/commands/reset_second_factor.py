from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from auth_grpc import services
from auth_grpc.errors import NoFactor
from auth_grpc.management.operator import OPERATOR, user_by_email
from restaurant.trail import watch


class Command(BaseCommand):
    help = (
        "Take away a user's second factor, for an owner who has lost telephone and recovery codes. "
        "All the user's sessions end. Example: manage.py reset_second_factor owner@example.com"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--reason", default="", help="kept in the audit trail")

    def handle(self, *args: Any, email: str, reason: str, **options: Any) -> None:
        user, now = user_by_email(email), timezone.now()
        try:
            with watch(OPERATOR, user, action="reset_second_factor", now=now, reason=reason):
                services.remove_factor(user, now=now)
        except NoFactor:
            raise CommandError(f"{user} has no second factor") from None
        self.stdout.write(f"{user} has no second factor any more; their sessions ended")
