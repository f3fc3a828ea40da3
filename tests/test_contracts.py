"""The contracts: complete, generated, and never breaking who speaks an older version of them."""

import shutil
import subprocess
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from proto import auth_pb2, delivery_pb2, event_pb2, generate, kitchen_pb2, orders_pb2
from restaurant.messaging import contracts
from restaurant.messaging.errors import InvalidMessage, NotAnEvent
from tests.compatibility import breaks, compile_contracts

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


def test_its_new_fields_do_not_trouble_an_old_reader() -> None:
    newer = orders_pb2.OrderCreated(order_id="1", note="no basil").SerializeToString()
    older = newer + b"\xc2\x3e\x05later"  # field 1000, a string
    assert orders_pb2.OrderCreated.FromString(older).note == "no basil"


def test_its_generated_code_is_not_stale(tmp_path: Path) -> None:
    generate.generate(tmp_path)
    made = {path.name: path.read_text() for path in (tmp_path / "proto").iterdir()}
    kept = {path.name: path.read_text() for path in ROOT.glob("proto/*_pb2*")}
    assert made == kept, "run `make proto`"


def test_it_keeps_what_its_last_two_versions_promised(tmp_path: Path) -> None:
    now = compiled(tmp_path, "now", {name: (ROOT / name).read_text() for name in sources()})
    for commit in last_commits(2):
        then = compiled(tmp_path, commit, at_commit(commit))
        assert breaks(then, now) == []


def sources() -> list[str]:
    return generate.contracts()


def last_commits(count: int) -> list[str]:
    """Name the last commits that changed a contract; none in a tree without history."""
    command = ["git", "log", f"-{count}", "--format=%H", "--", "proto/*.proto"]
    if shutil.which("git") is None:
        return []
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()


def at_commit(commit: str) -> dict[str, str]:
    def git(*arguments: str) -> str:
        command = ["git", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    names = git("ls-tree", "--name-only", commit, "proto/").split()
    return {name: git("show", f"{commit}:{name}") for name in names if name.endswith(".proto")}


def compiled(directory: Path, name: str, texts: dict[str, str]) -> FileDescriptorSet:
    root = directory / name
    (root / "proto").mkdir(parents=True)
    for path, text in texts.items():
        (root / path).write_text(text)
    return compile_contracts(root)


HEADER = """
syntax = "proto3";
package toy.v1;
import "proto/event.proto";
"""
TOY = """
message Served {
  option (restaurant.event.v1.topic) = "served";
  option (restaurant.event.v1.key) = "order_id";
  reserved 9;
  string order_id = 1;
  int32 table = 2;
  oneof by { string waiter = 3; }
  State state = 4;
  message Guest { string name = 1; }
}
enum State { COLD = 0; HOT = 1; }
service Waiters { rpc Call(Served) returns (Served); }
"""


@pytest.mark.parametrize(
    ("old", "new", "broken"),
    [
        ("int32 table = 2;", "string table = 2;", "Served.table changed its type"),
        ("State state = 4;", "Served state = 4;", "Served.state changed its type"),
        ("int32 table = 2;", "repeated int32 table = 2;", "Served.table changed between"),
        ("int32 table = 2;", "int32 seat = 2;", "Served.table: its number is used again"),
        ("int32 table = 2;", "", "Served.table is gone"),
        ("int32 table = 2;", "reserved 2;", "Served.table is gone"),
        ("oneof by { string waiter = 3; }", "string waiter = 3;", "Served.waiter changed its one"),
        ("reserved 9;", "", "Served no longer reserves"),
        ('= "served"', '= "brought"', "Served changed its topic"),
        ('= "order_id"', '= "waiter"', "Served changed its key"),
        ("message Guest { string name = 1; }", "", "Served.Guest is gone"),
        ("HOT = 1;", "", "State.HOT is gone"),
        ("HOT = 1;", "WARM = 1;", "State.HOT is gone"),
        ("rpc Call(Served) returns (Served);", "", "Waiters.Call is gone"),
        ("Call(Served)", "Call(stream Served)", "Waiters.Call takes or gives something else"),
        ("service Waiters {", "service Cooks {", "Waiters is gone"),
    ],
)
def test_its_checker_sees_each_kind_of_break(
    tmp_path: Path, old: str, new: str, broken: str
) -> None:
    assert old in TOY
    (found,) = toy_breaks(tmp_path, TOY.replace(old, new))
    assert found.startswith(f"toy.v1.{broken}")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("int32 table = 2;", "int32 table = 2; string note = 5;"),
        ("int32 table = 2;", 'reserved 2; reserved "table";'),
        ("HOT = 1;", "HOT = 1; BURNT = 2;"),
        ("message Served {", "message Cleared { string order_id = 1; }\nmessage Served {"),
        ("message Served {", "// Brought to the table.\nmessage Served {"),
    ],
)
def test_its_checker_lets_contracts_grow(tmp_path: Path, old: str, new: str) -> None:
    assert toy_breaks(tmp_path, TOY.replace(old, new)) == []


def toy_breaks(directory: Path, text: str) -> list[str]:
    event = (ROOT / "proto/event.proto").read_text()
    versions = [
        compiled(directory, name, {"proto/event.proto": event, "proto/toy.proto": HEADER + body})
        for name, body in (("old", TOY), ("new", text))
    ]
    return breaks(*versions)
