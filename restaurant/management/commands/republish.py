from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from restaurant.messaging.errors import BrokerUnavailable
from restaurant.staff import books
from restaurant.staff.errors import BookMissing, StillBusy
from restaurant.staff.republish import republish_unfinished
from restaurant.staff.restored import RECALLED, catch_up
from restaurant.staff.restored.quiet import when_quiet


class Command(BaseCommand):
    help = (
        "Publish the unfinished orders' events again, for a broker that lost its data. "
        "Readers drop what they have handled. Example: manage.py republish --all. With --restored, "
        "for a service whose database was set back to an older copy and whose workers are stopped: "
        "its book is first written forward by what orders was told. "
        "Example: manage.py republish --restored kitchen"
    )
    # They would load every page of the web process, and need its secret.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "services", nargs="*", metavar="SERVICE", help=f"any of {', '.join(books.PIPELINE)}"
        )
        parser.add_argument("--all", action="store_true", help="every service")
        parser.add_argument(
            "--restored",
            choices=sorted(RECALLED),
            help="a service that has an older database since; then every service publishes again",
        )

    def handle(self, *, services: list[str], restored: str | None, **options: Any) -> None:
        if restored and (services or options["all"]):
            raise CommandError("--restored goes alone.")
        chosen = self._chosen(services, everything=options["all"] or bool(restored))
        if restored:
            self._catch_up(restored)
        try:
            sent = republish_unfinished(chosen)
        except BookMissing as error:
            raise CommandError(f"{error}; it alone knows which orders have not ended") from None
        for service, count in sent.items():
            self.stdout.write(f"{service}: {count} messages will be published again")
        for service in books.missing(chosen):
            self.stderr.write(f"{service}: not done, its database is not configured here")

    def _catch_up(self, service: str) -> None:
        for book in books.missing({service, "orders"}):
            raise CommandError(str(BookMissing(book)))
        try:
            behind = when_quiet(service, lambda: catch_up(service, now=timezone.now()))
        except (StillBusy, BrokerUnavailable) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{service}: {behind} orders were behind, and are not any more")

    def _chosen(self, services: list[str], *, everything: bool) -> list[str]:
        if bool(services) == everything:
            raise CommandError("Name the services, or say --all.")
        if unknown := set(services) - set(books.PIPELINE):
            raise CommandError(f"No such service: {', '.join(sorted(unknown))}")
        return services or list(books.PIPELINE)
