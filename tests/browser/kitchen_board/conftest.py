"""Screens of the kitchen's board, and a kitchen that is as a test needs it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page

from tests.browser.kitchen_board.ground import BOARD, Open, live

if TYPE_CHECKING:
    from tests.flow.house import House


@pytest.fixture
def clean_kitchen(house: House) -> None:
    """Cook what earlier tests left."""
    house.shell("""
from django.utils import timezone
from kitchen import services
from kitchen.models import Ticket
for ticket in Ticket.objects.filter(status="queued"):
    services.start_ticket(ticket_id=ticket.pk, now=timezone.now())
for ticket in Ticket.objects.filter(status="cooking"):
    services.bump(ticket_id=ticket.pk, now=timezone.now())
for ticket in Ticket.objects.filter(status="cancelled", acknowledged_at=None):
    services.acknowledge(ticket_id=ticket.pk, now=timezone.now())
""")


@pytest.fixture
def one_at_a_time(house: House) -> Iterator[None]:
    """Let each station cook a single ticket."""
    limit = "from kitchen.models import Station; Station.objects.update(capacity={})"
    house.shell(limit.format(1))
    yield
    house.shell(limit.format(None))


@pytest.fixture
def board(page_of: Open) -> Page:
    return live(page_of("kitchen", BOARD))


@pytest.fixture
def other(page_of: Open) -> Page:
    """A second screen, of somebody else."""
    return live(page_of("manager", BOARD))
