"""`make bench`: each figure beside its baseline, taken in the same run on the same servers.

    python -m tests.benchmarks                  every row; filling the pasts of `dashboard` and
                                                `lists` takes longer than the others together
    python -m tests.benchmarks intake relay     some rows
    python -m tests.benchmarks --quick          every row, shorter and once: for a first look
    python -m tests.benchmarks --database=sqlite lists dashboard
                                                those that can be measured on SQLite, too

Exits 1 when an aim is not reached.
"""

import argparse
import os
import sys
from importlib import import_module

from rich.console import Console
from rich.table import Table

from tests.benchmarks.figures import Figure
from tests.benchmarks.system import System

ROWS = (
    "intake",
    "cached_read",
    "relay",
    "journey",
    "ticket",
    "kitchens",
    "verify_token",
    "timers",
    "first_order",
    "live",
    "board",
    # On the past that it lays out, the next one looks too.
    "lists",
    "dashboard",
)
ON_SQLITE = {"dashboard", "lists"}


def main() -> int:
    options = _options()
    # Wide enough for a row a line where the output is kept in a file.
    console = Console(width=None if sys.stdout.isatty() else 150)
    system = System(database=options.database)
    is_embedded = system.kafka.is_embedded
    try:
        system.start()
        os.environ["DJANGO_SETTINGS_MODULE"] = "restaurant.settings"
        import django

        django.setup()
        figures: list[Figure] = []
        for row in options.rows or ROWS:
            with console.status(row):
                measure = import_module(f"tests.benchmarks.{row}").measure
                figures += measure(system, runs=options.runs, quick=options.quick)
    finally:
        system.close()
    broker = "the embedded broker (no Java and Maven here)" if is_embedded else "real Kafka"
    title = f"{system.databases.title}, {broker}, {os.cpu_count()} cores"
    console.print(_table(figures, title=title))
    return 0 if all(figure.is_reached for figure in figures) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="row", help=", ".join(ROWS))
    parser.add_argument("--runs", type=int, help="medians are of so many runs (default 3)")
    parser.add_argument("--quick", action="store_true", help="shorter, and one run unless told")
    parser.add_argument("--database", choices=["postgres", "sqlite"], default="postgres")
    options = parser.parse_args()
    if unknown := set(options.rows) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    if options.database == "sqlite" and set(options.rows or ROWS) - ON_SQLITE:
        parser.error(f"on SQLite: {', '.join(sorted(ON_SQLITE))}")
    options.runs = options.runs or (1 if options.quick else 3)
    return options


def _table(figures: list[Figure], *, title: str) -> Table:
    table = Table("", "measured", "beside", "ratio", "aim", "", title=title)
    for figure in figures:
        mark = "[green]✓" if figure.is_reached else "[red]✗"
        table.add_row(figure.what, figure.measured, figure.baseline, figure.ratio, figure.aim, mark)
    return table


if __name__ == "__main__":
    sys.exit(main())
