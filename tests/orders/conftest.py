"""A menu on file and in the database, and a customer. Django is imported late: it is not set up
yet when pytest reads this."""

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from rest_framework.test import APIClient

    from auth_grpc.authentication import TokenUser


@pytest.fixture
def menu_file(tmp_path: Path) -> Callable[[Any], Path]:
    """Write a menu, or any text, to a file and give its path."""

    def write(menu: Any) -> Path:
        path = tmp_path / f"{uuid.uuid4()}.json"
        path.write_text(menu if isinstance(menu, str) else json.dumps(menu))
        return path

    return write


@pytest.fixture
def menu(menu_file: Callable[[Any], Path]) -> None:
    from orders.menu.importing import import_menu
    from tests.orders.people import MENU

    import_menu(menu_file(MENU))


@pytest.fixture(autouse=True)
def _fresh_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test did to Redis is not remembered in the next."""
    from orders.cache import order_cache

    monkeypatch.setattr(order_cache, "_away_until", 0.0)
    monkeypatch.setattr(order_cache, "_missed_since", None)


@pytest.fixture(scope="session", autouse=True)
def _stop_intake(django_db_setup: None) -> Iterator[None]:
    """The writer's connection must be gone before its database is."""
    from orders import intake

    yield
    intake.stop()


@pytest.fixture
def customer() -> "TokenUser":
    from tests.orders.people import user

    return user()


@pytest.fixture
def api(customer: "TokenUser") -> "APIClient":
    """The customer's client."""
    from tests.orders.people import client_of

    return client_of(customer)


@pytest.fixture
def placed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders are written by the test's own thread, so that its transaction takes them back."""
    from django.utils import timezone

    from orders import intake, placing

    def place(draft: placing.Draft) -> placing.Placed:
        outcome = placing.commit([draft], now=timezone.now())[draft]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(intake, "place", place)
