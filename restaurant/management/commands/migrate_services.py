from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from restaurant import databases, migrate


class Command(BaseCommand):
    help = (
        "Bring the services' databases up to date; safe to run twice, or twice at once. "
        "Example: manage.py migrate_services --service kitchen"
    )
    # They would load every page of the web process, and need its secret.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--service",
            action="append",
            dest="services",
            metavar="SERVICE",
            choices=[name_of(alias) for alias in databases.URL_VARIABLES],
            help="one service alone (may be repeated); without it, every configured database",
        )

    def handle(self, *, services: list[str] | None, **options: Any) -> None:
        configured = databases.configured(settings.DATABASES)
        aliases = [databases.alias_of(name) for name in services] if services else None
        if missing := sorted(set(aliases or []) - configured):
            variables = ", ".join(databases.URL_VARIABLES[alias] for alias in missing)
            raise CommandError(f"No database is configured: set {variables}.")
        lacked = migrate.migrate(aliases or [a for a in databases.URL_VARIABLES if a in configured])
        for alias, count in lacked.items():
            if count and options["verbosity"]:
                self.stdout.write(f"{name_of(alias)}: {count} applied")


def name_of(alias: str) -> str:
    """Name the service whose database an alias is."""
    return "auth_grpc" if alias == "default" else alias
