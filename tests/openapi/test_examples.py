"""Each example of the schema is sent to a running house, and answered as the schema says.

A new operation needs an example in `restaurant/openapi/examples.yaml` and a step of this day.
"""

from typing import Any

import httpx
import pytest

from tests.openapi.people import Town
from tests.openapi.schema import Json, Operation, media_of, misfits, operations

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.timeout(400)]


class Player:
    """Sends examples, and holds the answers to the schema and to the examples of answers."""

    def __init__(self) -> None:
        self.operations = {operation.id: operation for operation in operations()}
        self.played: set[str] = set()

    def play(
        self, client: httpx.Client, name: str, *, instead: Json | None = None, **path: Any
    ) -> Any:
        """Send an operation's example; `instead` has values that no example can know."""
        operation = self.operations[name]
        body = next(media_of(operation.told.get("requestBody", {})), None)
        json = None if body is None else {**body["example"], **(instead or {})}
        url = operation.path.format(**path)
        answer = client.request(operation.method.upper(), url, json=json)
        assert answer.is_success, (name, answer.status_code, answer.text)
        self.played.add(name)
        return _held(operation, answer)


def _held(operation: Operation, answer: httpx.Response) -> Any:
    told = operation.told["responses"][str(answer.status_code)]
    media = next(media_of(told), None)
    if media is None:
        assert answer.content == b""
        return None
    value = answer.json()
    assert misfits(value, media["schema"]) == [], operation.id
    assert is_like(value, media["example"]), (operation.id, value)
    return value


def is_like(value: Any, example: Any) -> bool:
    """Tell whether a value has the names of an example; of lists, look at the first entries."""
    if isinstance(value, dict) and isinstance(example, dict):
        return value.keys() == example.keys() and all(is_like(value[k], example[k]) for k in value)
    if isinstance(value, list) and isinstance(example, list):
        return all(is_like(one, other) for one, other in zip(value[:1], example[:1], strict=False))
    return True


@pytest.fixture(scope="module")
def player(town: Town) -> Player:
    """Whoever plays a day at the house, by examples alone."""
    player, guest, staff = Player(), town.nobody(), town.staff()
    _order(player, guest)
    work = town.make_work()
    _run_kitchen(player, staff, work)
    _run_delivery(player, staff, work)
    _ride(player, town.courier(), work)
    player.play(staff, "menu_set_availability", sku="COLA")
    return player


def _order(player: Player, guest: httpx.Client) -> None:
    player.play(guest, "root_retrieve")
    player.play(guest, "auth_register")
    tokens = player.play(guest, "auth_login")
    tokens = player.play(guest, "auth_refresh", instead={"refresh": tokens["refresh"]})
    guest.headers["Authorization"] = f"Bearer {tokens['access']}"
    player.play(guest, "menu_retrieve")
    order = player.play(guest, "orders_create")["id"]
    player.play(guest, "orders_list")
    player.play(guest, "orders_retrieve", order_id=order)
    player.play(guest, "orders_retrieve_timeline", order_id=order)
    player.play(guest, "orders_list_events", order_id=order)
    player.play(guest, "orders_cancel", order_id=order)
    player.play(guest, "auth_logout", instead={"refresh": tokens["refresh"]})


def _run_kitchen(player: Player, staff: httpx.Client, work: Json) -> None:
    player.play(staff, "kitchen_tickets_list")
    for move in ("start", "bump", "recall"):
        player.play(staff, f"kitchen_tickets_{move}", id=work["ticket"])
    player.play(staff, "kitchen_tickets_retrieve", id=work["ticket"])
    player.play(staff, "kitchen_tickets_acknowledge", id=work["cancelled"])
    player.play(staff, "kitchen_stations_list")
    for move in ("close", "open"):
        player.play(staff, f"kitchen_stations_{move}", code="oven")
    player.play(staff, "kitchen_stations_retrieve", code="oven")


def _run_delivery(player: Player, staff: httpx.Client, work: Json) -> None:
    courier = player.play(staff, "delivery_couriers_list")["results"][0]
    player.play(staff, "delivery_couriers_retrieve", id=courier["id"])
    player.play(staff, "delivery_deliveries_list")
    player.play(staff, "delivery_deliveries_retrieve", order_id=work["deliveries"][0])


def _ride(player: Player, courier: httpx.Client, work: Json) -> None:
    player.play(courier, "delivery_couriers_retrieve_me")
    one, other = work["deliveries"]
    for order_id, end in ((one, "deliver"), (other, "fail")):
        player.play(courier, "delivery_deliveries_pick_up", order_id=order_id)
        player.play(courier, f"delivery_deliveries_{end}", order_id=order_id)
    for move in ("end", "start"):
        player.play(courier, f"delivery_couriers_{move}_shift")


@pytest.mark.parametrize("operation", list(operations()), ids=lambda one: one.id)
def test_its_example_is_answered_as_the_schema_says(player: Player, operation: Operation) -> None:
    assert operation.id in player.played, "give it a step"


@pytest.mark.parametrize(
    ("value", "example", "like"),
    [
        ({"id": 1}, {"id": 2}, True),
        ({"id": 1}, {"key": 1}, False),
        ({"id": 1, "new": 1}, {"id": 1}, False),
        ([{"id": 1}], [], True),
        ([{"id": 1}], [{"key": 1}], False),
    ],
)
def test_its_comparison_looks_at_names(value: Any, example: Any, like: bool) -> None:
    assert is_like(value, example) is like
