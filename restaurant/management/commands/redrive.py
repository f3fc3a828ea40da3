from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from restaurant.messaging import dead_letters
from restaurant.messaging.models import dead_letters_of
from restaurant.staff import books

# Who redrove a letter, as the staff site shows it.
BY = "command line"
# Letters sent in one transaction: what they hold is in memory meanwhile.
CHUNK = 1000


class Command(BaseCommand):
    help = (
        "List the messages that could not be handled; with --id, --topic or --all send them to "
        "their topics again. Example: manage.py redrive kitchen --topic order_created"
    )
    # They would load every page of the web process, and need its secret.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("service", nargs="?", choices=books.PIPELINE, help="default: all three")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--id", type=int, action="append", default=[], dest="ids")
        which.add_argument("--topic", default="")
        which.add_argument("--all", action="store_true", dest="everything")

    def handle(
        self, *, service: str | None, ids: list[int], topic: str, everything: bool, **options: Any
    ) -> None:
        if ids and service is None:
            raise CommandError("An id is a service's own: name the service.")
        for name in [service] if service else books.PIPELINE:
            if not books.has(name):
                self.stderr.write(f"{name}: left out, its database is not configured here")
                continue
            waiting = dead_letters_of(name).objects.waiting().order_by("pk")
            chosen = waiting.filter(**_narrow(ids, topic))
            if ids or topic or everything:
                self._redrive(name, chosen, ids)
            else:
                self._list(name, chosen)

    def _redrive(self, service: str, chosen: Any, asked: list[int]) -> None:
        found = list(chosen.values_list("pk", flat=True))
        sent = 0
        try:
            for start in range(0, len(found), CHUNK):
                chunk = found[start : start + CHUNK]
                sent += len(dead_letters.redrive(service, chunk, now=timezone.now(), by=BY))
        except DatabaseError as error:
            # Further lines may tell a row.
            why = str(error).partition("\n")[0]
            raise CommandError(f"{service}: {sent} redriven, and the others wait: {why}") from error
        self.stdout.write(f"{service}: {sent} redriven")
        if absent := sorted(set(asked) - set(found)):
            names = ", ".join(map(str, absent))
            raise CommandError(f"{service}: no dead letter waits under {names}")

    def _list(self, service: str, chosen: Any) -> None:
        self.stdout.write(f"{service}: {chosen.count()} dead letters")
        for letter in chosen.defer("payload", "traceback", "headers").iterator():
            self.stdout.write(f"  {letter.pk}  {letter.failed_at:%Y-%m-%d %H:%M:%S}Z  {letter}")


def _narrow(ids: list[int], topic: str) -> dict[str, Any]:
    return {**({"pk__in": ids} if ids else {}), **({"topic": topic} if topic else {})}
