"""What the dashboard's tests stand on: a Tuesday at noon, and books of the days before."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

from django.contrib.auth.models import Permission

from auth_grpc.models import User
from restaurant.staff.dashboard import rollup
from tests.staff import random_books

NOW = datetime(2026, 11, 24, 12, 37, 21, tzinfo=UTC)
PAGE = "/admin/dashboard/"
LOOK = f"{PAGE}look/"
CSV, XLSX = (f"{PAGE}export/{kind}/" for kind in ("csv", "xlsx"))


def person(*permissions: str, is_staff: bool = True) -> User:
    user = User.objects.create_user("somebody@example.com", is_staff=is_staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def texts(answer: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def fill() -> random_books.Books:
    made = random_books.fill(NOW - timedelta(days=16), NOW, count=160, seed=11)
    rollup.catch_up(now=NOW - timedelta(minutes=1))
    return made
