"""Contracts never break who speaks an older version of them, or a newer one."""

from pathlib import Path

import pytest
from google.protobuf import text_format
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from proto import generate
from tests.compatibility import breaks

pytestmark = pytest.mark.once

ROOT = generate.ROOT


def released() -> FileDescriptorSet:
    return text_format.Parse(generate.RELEASED.read_text(), FileDescriptorSet())


def test_it_keeps_what_was_released() -> None:
    assert breaks(released(), generate.described()) == [], "see docs/operations.md, Upgrade"


def test_what_was_released_has_every_event() -> None:
    # Else nothing would be held to it.
    names = {f"{file.package}.{m.name}" for file in released().file for m in file.message_type}
    assert "restaurant.orders.v1.OrderCreated" in names
    assert len(names) > 20


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
        compiled(directory / name, {"proto/event.proto": event, "proto/toy.proto": HEADER + body})
        for name, body in (("old", TOY), ("new", text))
    ]
    return breaks(*versions)


def compiled(root: Path, texts: dict[str, str]) -> FileDescriptorSet:
    (root / "proto").mkdir(parents=True)
    for path, text in texts.items():
        (root / path).write_text(text)
    return generate.described(root)
