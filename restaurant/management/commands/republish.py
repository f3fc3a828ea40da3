from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from restaurant.staff import books
from restaurant.staff.errors import BookMissing
from restaurant.staff.republish import republish_unfinished


class Command(BaseCommand):
    help = (
        "Publish the unfinished orders' events again, for a broker that lost its data. "
        "Readers drop what they have handled. Example: manage.py republish --all"
    )
    # They would load every page of the web process, and need its secret.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "services", nargs="*", metavar="SERVICE", help=f"any of {', '.join(books.PIPELINE)}"
        )
        parser.add_argument("--all", action="store_true", help="every service")

    def handle(self, *, services: list[str], **options: Any) -> None:
        chosen = self._chosen(services, everything=options["all"])
        try:
            sent = republish_unfinished(chosen)
        except BookMissing as error:
            raise CommandError(f"{error}; it alone knows which orders have not ended") from None
        for service, count in sent.items():
            self.stdout.write(f"{service}: {count} messages will be published again")
        for service in books.missing(chosen):
            self.stderr.write(f"{service}: not done, its database is not configured here")

    def _chosen(self, services: list[str], *, everything: bool) -> list[str]:
        if bool(services) == everything:
            raise CommandError("Name the services, or say --all.")
        if unknown := set(services) - set(books.PIPELINE):
            raise CommandError(f"No such service: {', '.join(sorted(unknown))}")
        return services or list(books.PIPELINE)
