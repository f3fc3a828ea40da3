"""An order brought to the door by devices alone: the customer hears of what they press."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from restaurant.demo.http import Answer
    from tests.flow.house import Guest, House

pytestmark = pytest.mark.slow
PASSWORD = "correct horse battery 7"
# Nobody but devices moves anything: stations are bumped by hand, and one courier is on shift.
STAFFED = f"""
from django.contrib.auth.models import Group
from auth_grpc import services
from delivery.models import Courier
from kitchen.models import Station
services.create_staff(email="cook@example.com", password={PASSWORD!r}, role="kitchen", name="Cleo")
ada = services.register(email="ada@example.com", password={PASSWORD!r}, name="Ada")
ada.groups.set([Group.objects.get(name="courier")])
Courier.objects.update(on_shift=False)
Courier.objects.create(name="Ada", user_id=ada.pk, mode="manual", on_shift=True)
for code in ("oven", "bar"):
    Station.objects.update_or_create(code=code, defaults={{"name": code, "mode": "manual"}})
"""


class Device:
    """A screen at a station or in a courier's hand, logged in."""

    def __init__(self, house: House, email: str) -> None:
        from restaurant.demo.http import Api

        self.api = Api(house.up.url)
        answer = self.api.call("POST", "auth/login/", {"email": email, "password": PASSWORD})
        self.headers = {"Authorization": f"Bearer {answer.body['access']}"}

    def look(self, path: str) -> list[dict[str, Any]]:
        answer = self.api.call("GET", path, None, self.headers)
        assert answer.status == 200, answer
        return list(answer.body["results"])

    def press(self, path: str, body: Any = None) -> Answer:
        return self.api.call("POST", path, body or {}, self.headers)


def test_it_brings_an_order_to_the_door_by_devices_alone(house: House, guest: Guest) -> None:
    from tests.servers.wait import wait_until

    house.shell(STAFFED)
    cook, courier = Device(house, "cook@example.com"), Device(house, "ada@example.com")
    order_id = guest.order("MARGHERITA", "SIZE-M")

    tickets = f"kitchen/tickets/?order={order_id}&status=cooking&sort=oldest"
    (ticket,) = wait_until(lambda: cook.look(tickets), seconds=30)
    bumped = cook.press(f"kitchen/tickets/{ticket['id']}/bump/")
    assert (bumped.status, bumped.body["status"]) == (200, "done")
    late = cook.press(f"kitchen/tickets/{ticket['id']}/recall/")
    assert (late.status, late.body["code"]) == (409, "order_cooked")
    guest.wait_for(order_id, "cooked")

    mine = "delivery/deliveries/?status=assigned&sort=oldest"
    (delivery,) = wait_until(lambda: courier.look(mine), seconds=30)
    assert delivery["order_id"] == order_id
    assert courier.press(f"delivery/deliveries/{order_id}/picked-up/").status == 200
    guest.wait_for(order_id, "out_for_delivery")
    assert courier.press(f"delivery/deliveries/{order_id}/delivered/").status == 200
    guest.wait_for(order_id, "delivered")

    told = [entry["type"] for entry in guest.timeline(order_id)]
    assert told == [
        *("order_created", "order_accepted", "order_cooking", "order_cooked"),
        *("order_dispatched", "order_delivered"),
    ]
    assert wait_until(lambda: house.audit() == [], seconds=10)
