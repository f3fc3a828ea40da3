from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from restaurant.demo.past import NotEmpty, Past, fill
from restaurant.staff import books

IMPOSSIBLE = 2


class Command(BaseCommand):
    help = (
        "Fill empty databases with a past: so many orders with all that the services would have "
        "kept of them, the last ones still on their way. For trying pages and measuring; outside "
        "DEBUG only with --force, and never where there are orders. Exits 2 when refused. "
        "Example: manage.py fill --orders 1000000"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--orders", type=_count, default=100_000, metavar="N", help="so many (100000)"
        )
        parser.add_argument(
            "--days", type=_count, default=90, metavar="N", help="placed in so many days (90)"
        )
        parser.add_argument("--seed", type=int, default=0, metavar="N", help="what chance makes")
        parser.add_argument(
            "--force", action="store_true", help="also outside DEBUG, with known passwords"
        )

    def handle(self, *, orders: int, days: int, seed: int, force: bool, **options: Any) -> None:
        self._told = 0
        if not (settings.DEBUG or force):
            text = "This is no place for made-up orders and known passwords: DEBUG is off. --force?"
            raise CommandError(text, returncode=IMPOSSIBLE)
        for service in books.missing(("auth_grpc", *books.PIPELINE)):
            raise CommandError(f"{service}: no database is configured", returncode=IMPOSSIBLE)
        past = Past(orders=orders, days=days, now=timezone.now(), seed=seed)
        try:
            rows = fill(past, progress=self._progress)
        except NotEmpty as error:
            text = f"There are orders already ({error}): a past is only put before nothing."
            raise CommandError(text, returncode=IMPOSSIBLE) from None
        except DatabaseError as error:
            raise CommandError(f"nothing is filled: {error}", returncode=IMPOSSIBLE) from None
        self.stdout.write(f"{orders} orders, {rows} rows. The dashboard: manage.py rollup")

    def _progress(self, orders: int) -> None:
        self._told += orders
        if self.stderr.isatty():
            self.stderr.write(f"\r{self._told} orders", ending="")


def _count(text: str) -> int:
    if (number := int(text)) < 1:
        raise ArgumentTypeError("must be at least 1")
    return number
