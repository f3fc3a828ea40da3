import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from restaurant.staff.audit import Finding, audit
from restaurant.staff.errors import BookMissing

# Lines printed; JSON has all.
SHOWN = 100
IMPOSSIBLE = 2


class Command(BaseCommand):
    help = (
        "Compare the services' books: every order is delivered, ended or in flight, each effect "
        "happened once, no message is stuck. Exits 0 when clean, 1 with the orders named when "
        "not, 2 when a book cannot be read. Example: manage.py audit --json"
    )
    # They would load every page of the web process, and need its secret.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on one line")

    def handle(self, **options: Any) -> None:
        self._looked = 0
        try:
            found = audit(progress=self._progress)
        except BookMissing as error:
            raise CommandError(str(error), returncode=IMPOSSIBLE) from None
        except DatabaseError as error:
            raise CommandError(f"a database is away: {error}", returncode=IMPOSSIBLE) from None
        self._tell_json(found) if options["json"] else self._tell(found)
        if found:
            raise SystemExit(1)

    def _progress(self, orders: int) -> None:
        self._looked += orders
        if self.stderr.isatty():
            self.stderr.write(f"\r{self._looked} orders", ending="")

    def _tell_json(self, found: list[Finding]) -> None:
        body = {"orders": self._looked, "findings": [finding.as_dict() for finding in found]}
        self.stdout.write(json.dumps(body))

    def _tell(self, found: list[Finding]) -> None:
        if self.stderr.isatty():
            self.stderr.write("")
        for finding in found[:SHOWN]:
            self.stdout.write(str(finding))
        if len(found) > SHOWN:
            self.stdout.write(f"… and {len(found) - SHOWN} more (--json lists all)")
        verdict = f"{len(found)} findings" if found else "clean"
        self.stdout.write(f"{self._looked} orders: {verdict}")
