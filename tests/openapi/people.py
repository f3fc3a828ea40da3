"""A running house, and people who ask it: customers, staff, a courier, and nobody in particular."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.flow import prepared
from tests.flow.house import PASSWORD, House, open_house

# Role → who has it. A manager may see and press everything.
STAFF = {role: f"{role}@house.example" for role in ("manager", "kitchen", "dispatch", "support")}
COURIER = "kim@house.example"
HIRE = f"""
from auth_grpc import services
for role, email in {STAFF!r}.items():
    services.create_staff(email=email, password={PASSWORD!r}, role=role)
from django.contrib.auth.models import Group
from delivery.models import Courier
kim = services.register(email={COURIER!r}, password={PASSWORD!r})
kim.groups.set([Group.objects.get(name="courier")])
Courier.objects.create(name="Kim", user_id=kim.pk, mode="manual", on_shift=True)
"""
# No worker runs, so that nothing moves but what a test presses.
WORK = """
import json
from django.utils import timezone
from delivery.models import Courier
from delivery.services import assign
from kitchen.models import Ticket
from tests.delivery.ground import plan_one
from tests.kitchen.ground import ask_to_cancel, cancel, line, option, take_one
now = timezone.now()
order = take_one(line("oven", options=[option("Large")]), line("bar"), now=now)
given_up = take_one(line("oven"), now=now)
ask_to_cancel(cancel(given_up.order_id), now=now)
kim = Courier.objects.get(name="Kim", mode="manual")
deliveries = [plan_one(now=now) for _ in range(2)]
for delivery in deliveries:
    assign(delivery_id=delivery.pk, courier_id=kim.pk, now=now)
print(json.dumps({
    "ticket": order.tickets.get(station__code="oven").pk,
    "cancelled": Ticket.objects.get(order=given_up).pk,
    "deliveries": [str(delivery.order_id) for delivery in deliveries],
}))
"""


class Town:
    """A house and those who know it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.url = house.up.url

    def make_work(self) -> dict[str, Any]:
        """Give the kitchen and a courier something; tells the ids of a ticket and the like."""
        found: dict[str, Any] = json.loads(self.house.shell(WORK))
        return found

    def nobody(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=30)

    def customer(self) -> httpx.Client:
        """Somebody new."""
        email = f"{uuid4().hex}@guests.example"
        account = {"email": email, "password": PASSWORD}
        with self.nobody() as client:
            client.post("/api/v1/auth/register/", json=account).raise_for_status()
        return self._logged_in(email)

    def staff(self, role: str = "manager") -> httpx.Client:
        return self._logged_in(STAFF[role])

    def courier(self) -> httpx.Client:
        """Kim, who has two deliveries to pick up once there is work."""
        return self._logged_in(COURIER)

    def _logged_in(self, email: str) -> httpx.Client:
        client = self.nobody()
        answer = client.post("/api/v1/auth/login/", json={"email": email, "password": PASSWORD})
        tokens: dict[str, Any] = answer.raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {tokens['access']}"
        return client


@contextmanager
def open_town(var_dir: Path) -> Iterator[Town]:
    """Start a web process and its accounts, on SQLite, without limits to requests."""
    prepared.copy_files(var_dir)
    with open_house(var_dir, "--only", "auth,web", env={"LIMITS": "false"}) as house:
        house.shell(HIRE)
        yield Town(house)
