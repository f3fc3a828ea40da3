from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.errors import MenuRefused
from orders.menu.changes import Changes
from orders.menu.importing import import_menu


class Command(BaseCommand):
    help = (
        "Make the menu what a YAML or JSON file says, whole or not at all. Items are known by SKU;"
        " what the file does not name leaves the menu. The format is described by"
        " orders/menu/schema.json. Example: manage.py import_menu menu.yaml --dry-run"
    )
    # They would load every page of the web process, and need its secret.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the menu, as YAML or JSON")
        parser.add_argument("--dry-run", action="store_true", help="only tell what would change")

    def handle(self, *, file: Path, dry_run: bool, **_: Any) -> None:
        try:
            changes = import_menu(file, dry_run=dry_run)
        except MenuRefused as error:
            count = len(error.problems)
            told = "\n".join(error.problems)
            raise CommandError(f"{told}\n{count} problem(s); the menu is unchanged") from error
        self.stdout.write(_report(changes, dry_run=dry_run))


def _report(changes: Changes, *, dry_run: bool) -> str:
    lines = [
        *(f"+ {name}" for name in changes.added),
        *(f"~ {name}" for name in changes.changed),
        *(f"- {name}" for name in changes.removed),
    ]
    would = "would be " if dry_run else ""
    counts = f"{len(changes.added)} added, {len(changes.changed)} changed"
    return "\n".join([*lines, f"{would}{counts}, {len(changes.removed)} removed"])
