"""The contracts: complete and generated."""

from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from proto import auth_pb2, delivery_pb2, event_pb2, generate, kitchen_pb2, orders_pb2
from restaurant.messaging import contracts
from restaurant.messaging.errors import InvalidMessage, NotAnEvent

ROOT = generate.ROOT
TOPICS = {
    *("order_created", "order_cancel_requested", "order_accepted", "order_rejected"),
    *("order_cooking", "order_cooked", "order_cancelled", "order_cancel_rejected"),
    *("order_dispatched", "order_delivered", "order_delivery_failed"),
}
NOTICES = {"kitchen_changed", "delivery_changed", "menu_changed"}


def events() -> list[Descriptor]:
    modules = (orders_pb2, kitchen_pb2, delivery_pb2)
    messages = [m for module in modules for m in module.DESCRIPTOR.message_types_by_name.values()]
    return [m for m in messages if m.GetOptions().Extensions[event_pb2.topic]]


def test_it_has_one_event_for_each_topic_of_the_design() -> None:
    topics = [event.GetOptions().Extensions[event_pb2.topic] for event in events()]
    assert sorted(topics) == sorted(TOPICS | NOTICES)


@pytest.mark.parametrize("event", events(), ids=lambda event: event.name)
def test_it_keys_each_event_by_the_order(event: Descriptor) -> None:
    key = event.GetOptions().Extensions[event_pb2.key]
    assert key == ("id" if contracts.is_notice(event.full_name) else "order_id")
    assert event.fields_by_name[key].type == FieldDescriptor.TYPE_STRING


def test_it_tells_notices_from_what_services_handle() -> None:
    told = {
        event.GetOptions().Extensions[event_pb2.topic]
        for event in events()
        if contracts.is_notice(event.full_name)
    }
    assert told == NOTICES
    assert not contracts.is_notice("restaurant.orders.v1.OrderPraised")


@pytest.mark.parametrize("event", events(), ids=lambda event: event.name)
def test_it_names_a_topic_as_its_event(event: Descriptor) -> None:
    words = "".join(f"_{c.lower()}" if c.isupper() else c for c in event.name).strip("_")
    assert event.GetOptions().Extensions[event_pb2.topic] == words


def test_it_tells_topic_key_and_type_of_a_message() -> None:
    message = orders_pb2.OrderCreated(order_id="an-order")
    assert contracts.topic_of(orders_pb2.OrderCreated) == "order_created"
    assert contracts.key_of(message) == "an-order"
    assert contracts.type_of(orders_pb2.OrderCreated) == "restaurant.orders.v1.OrderCreated"


@pytest.mark.parametrize("kind", [orders_pb2.OrderLine, auth_pb2.LoginRequest])
def test_it_refuses_to_publish_what_is_no_event(kind: type) -> None:
    with pytest.raises(NotAnEvent, match=kind.__name__):
        contracts.topic_of(kind)


def test_it_decodes_by_name() -> None:
    payload = orders_pb2.OrderCreated(order_id="1", number=7).SerializeToString()
    assert contracts.decode("restaurant.orders.v1.OrderCreated", payload).number == 7


@pytest.mark.parametrize(
    ("name", "payload"),
    [("restaurant.orders.v1.OrderPraised", b""), ("restaurant.orders.v1.OrderCreated", b"\xff")],
)
def test_it_says_what_it_cannot_decode(name: str, payload: bytes) -> None:
    with pytest.raises(InvalidMessage, match="Order"):
        contracts.decode(name, payload)


def test_its_generated_code_is_not_stale(tmp_path: Path) -> None:
    generate.generate(tmp_path)
    made = {path.name: path.read_text() for path in (tmp_path / "proto").iterdir()}
    kept = {path.name: path.read_text() for path in ROOT.glob("proto/*_pb2*")}
    assert made == kept, "run `make proto`"
