"""Write the errors' page of the documentation."""

from typing import Any

from django.core.management.base import BaseCommand

from restaurant.problems.reference import PAGE, page


class Command(BaseCommand):
    help = "Write docs/reference/errors.md from the catalogue of errors. Example: document_errors"

    def handle(self, *args: Any, **options: Any) -> None:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page())
        self.stdout.write(f"wrote {PAGE}")
