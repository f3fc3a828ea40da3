from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from auth_grpc import services


class Command(BaseCommand):
    help = (
        "Sign tokens with a new key from now on; the old one verifies until its tokens are gone. "
        "Running servers follow within 10 s. Example: manage.py rotate_signing_key"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        kid = services.rotate_keys(now=timezone.now())
        self.stdout.write(f"signing with {kid}")
