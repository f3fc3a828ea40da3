from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone
from django.utils.dateparse import parse_date

from restaurant.staff import books
from restaurant.staff.dashboard import hours, rollup

IMPOSSIBLE = 2


class Command(BaseCommand):
    help = (
        "Count the services' books for the dashboard: what is new, or with --since all from that "
        "day on, or with --all everything again. Celery does the first every minute. Exits 2 when "
        "a book cannot be read. Example: manage.py rollup --since 2026-11-01"
    )
    # They would load every page of the web process, and need its secret.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", metavar="DATE", help="count again from this day on")
        parser.add_argument("--all", action="store_true", help="count everything again")

    def handle(self, **options: Any) -> None:
        since = _moment(options["since"])
        try:
            if since or options["all"]:
                for service in books.PIPELINE:
                    if books.has(service):
                        rollup.rebuild(service, since=since)
            now = timezone.now()
            while not rollup.catch_up(now=now, seconds=1):
                self._tell_progress()
        except DatabaseError as error:
            raise CommandError(f"a database is away: {error}", returncode=IMPOSSIBLE) from None
        for service in books.missing():
            self.stdout.write(f"{service}: its database is not configured here")
        for service, counted in sorted(rollup.freshness().items()):
            until = f"counted until {counted.until:%Y-%m-%d %H:%M:%S} UTC" if counted.until else ""
            self.stdout.write(f"{service}: {until or 'empty'}")

    def _tell_progress(self) -> None:
        if self.stderr.isatty():
            untils = [c.until for c in rollup.freshness().values() if c.until]
            self.stderr.write(f"\r{min(untils):%Y-%m-%d}" if untils else "", ending="")


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise CommandError(f"{text!r} is no date; write it as 2026-11-24")
    return hours.start_of(day)
