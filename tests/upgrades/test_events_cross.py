"""An event written by one version is read by another, older or newer."""

from typing import Any

import pytest
from google.protobuf import descriptor_pool, json_format, message_factory, text_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import DESCRIPTOR as OPTIONS
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorSet
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import DESCRIPTOR as TIMESTAMP
from google.type.money_pb2 import DESCRIPTOR as MONEY

from proto import delivery_pb2, event_pb2, generate, kitchen_pb2, orders_pb2

pytestmark = pytest.mark.once

EVENTS = [
    message
    for module in (orders_pb2, kitchen_pb2, delivery_pb2)
    for message in module.DESCRIPTOR.message_types_by_name.values()
    if message.GetOptions().Extensions[event_pb2.topic]
]


def versions(*, grown: bool) -> descriptor_pool.DescriptorPool:
    """Give the released contracts; `grown`, with a further field in each event."""
    files = text_format.Parse(generate.RELEASED.read_text(), FileDescriptorSet())
    pool = descriptor_pool.DescriptorPool()
    for known in (OPTIONS, TIMESTAMP, MONEY):
        pool.AddSerializedFile(known.serialized_pb)
    for file in sorted(files.file, key=lambda file: file.name != "proto/event.proto"):
        for message in file.message_type if grown else ():
            message.field.add(
                name="later",
                number=900,
                type=FieldDescriptorProto.TYPE_STRING,
                label=FieldDescriptorProto.LABEL_OPTIONAL,
            )
        pool.Add(file)
    return pool


def class_of(name: str, pool: descriptor_pool.DescriptorPool) -> Any:
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def filled(message: Any) -> Any:
    """Give the message with something in each of its fields."""
    descriptor: Descriptor = message.DESCRIPTOR
    for field in descriptor.fields:
        if field.is_repeated:
            values = getattr(message, field.name)
            if field.message_type:
                filled(values.add())
            else:
                values.append(sample(field))
        elif field.message_type:
            filled(getattr(message, field.name))
        else:
            setattr(message, field.name, sample(field))
    return message


def sample(field: FieldDescriptor) -> Any:
    if field.enum_type:
        return field.enum_type.values[-1].number
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return b"bytes" if field.type == FieldDescriptor.TYPE_BYTES else f"{field.name} ✓"
    return True if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL else field.number


def told(message: Message) -> dict[str, Any]:
    found = json_format.MessageToDict(message, preserving_proto_field_name=True)
    return dict(without_later(found))


def without_later(found: Any) -> Any:
    """Leave out what only a grown version knows, at any depth."""
    if isinstance(found, dict):
        return {name: without_later(part) for name, part in found.items() if name != "later"}
    return [without_later(part) for part in found] if isinstance(found, list) else found


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_new_code_reads_what_old_code_wrote(event: Descriptor) -> None:
    old = filled(class_of(event.full_name, versions(grown=False))())
    read = message_factory.GetMessageClass(event).FromString(old.SerializeToString())
    assert told(read) == told(old)
    assert len(told(old)) == len(old.DESCRIPTOR.fields)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_old_code_reads_what_new_code_wrote(event: Descriptor) -> None:
    new = filled(message_factory.GetMessageClass(event)())
    old = class_of(event.full_name, versions(grown=False)).FromString(new.SerializeToString())
    known = {field.name for field in old.DESCRIPTOR.fields}
    assert told(old) == {name: part for name, part in told(new).items() if name in known}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_this_code_bears_a_field_that_a_later_one_adds(event: Descriptor) -> None:
    grown = class_of(event.full_name, versions(grown=True))
    later = filled(grown())
    assert later.later
    read = message_factory.GetMessageClass(event).FromString(later.SerializeToString())
    assert told(read) == told(later)
    # Nothing is lost on the way through, as from a dead letter to its topic.
    assert grown.FromString(read.SerializeToString()) == later
    earlier = filled(message_factory.GetMessageClass(event)())
    assert grown.FromString(earlier.SerializeToString()).later == ""
