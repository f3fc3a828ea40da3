"""Which changes to the contracts would break a reader or a writer that runs an older version."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorSet,
    ServiceDescriptorProto,
)

from proto import event_pb2


def breaks(old: FileDescriptorSet, new: FileDescriptorSet) -> list[str]:
    """Name what of the old contracts the new ones no longer keep."""
    before, after = dict(_things(old)), dict(_things(new))
    found = [f"{name} is gone" for name in before if name not in after]
    for name in before.keys() & after.keys():
        found += [f"{name}{reason}" for reason in _compare(before[name], after[name])]
    return sorted(found)


def _things(files: FileDescriptorSet) -> Iterator[tuple[str, Any]]:
    """Give every message, enum and service by its full name."""
    for file in files.file:
        for enum in file.enum_type:
            yield f"{file.package}.{enum.name}", enum
        for service in file.service:
            yield f"{file.package}.{service.name}", service
        for message in file.message_type:
            yield from _messages(f"{file.package}.{message.name}", message)


def _messages(name: str, message: DescriptorProto) -> Iterator[tuple[str, Any]]:
    yield name, message
    for enum in message.enum_type:
        yield f"{name}.{enum.name}", enum
    for nested in message.nested_type:
        yield from _messages(f"{name}.{nested.name}", nested)


def _compare(old: Any, new: Any) -> Iterator[str]:
    if type(old) is not type(new):
        yield " became something else"
    elif isinstance(old, DescriptorProto):
        yield from _compare_messages(old, new)
    elif isinstance(old, EnumDescriptorProto):
        yield from _compare_enums(old, new)
    elif isinstance(old, ServiceDescriptorProto):
        yield from _compare_services(old, new)


def _compare_messages(old: DescriptorProto, new: DescriptorProto) -> Iterator[str]:
    fields = {field.number: field for field in new.field}
    for field in old.field:
        if field.number not in fields:
            if not _reserves(new, field):
                yield f".{field.name} is gone, and its number and name are not reserved"
        else:
            yield from _compare_fields(field, fields[field.number], old, new)
    for span in old.reserved_range:
        if not all(_holds(new, number) for number in range(span.start, span.end)):
            yield " no longer reserves what it reserved"
    for name, option in (("topic", event_pb2.topic), ("key", event_pb2.key)):
        if old.options.Extensions[option] != new.options.Extensions[option]:
            yield f" changed its {name}"


def _compare_fields(
    old: FieldDescriptorProto,
    new: FieldDescriptorProto,
    old_message: DescriptorProto,
    new_message: DescriptorProto,
) -> Iterator[str]:
    if old.name != new.name:
        yield f".{old.name}: its number is used again, by {new.name}"
    elif (old.type, old.type_name) != (new.type, new.type_name):
        yield f".{old.name} changed its type"
    elif old.label != new.label:
        yield f".{old.name} changed between one and many"
    elif _group(old, old_message) != _group(new, new_message):
        yield f".{old.name} changed its oneof"


def _group(field: FieldDescriptorProto, message: DescriptorProto) -> str:
    return message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else ""


def _reserves(message: DescriptorProto, field: FieldDescriptorProto) -> bool:
    return _holds(message, field.number) and field.name in message.reserved_name


def _holds(message: DescriptorProto, number: int) -> bool:
    return any(span.start <= number < span.end for span in message.reserved_range)


def _compare_enums(old: EnumDescriptorProto, new: EnumDescriptorProto) -> Iterator[str]:
    names = {value.number: value.name for value in new.value}
    for value in old.value:
        if names.get(value.number) != value.name:
            yield f".{value.name} is gone, or another has its number"


def _compare_services(old: ServiceDescriptorProto, new: ServiceDescriptorProto) -> Iterator[str]:
    methods = {method.name: method for method in new.method}
    for method in old.method:
        if (found := methods.get(method.name)) is None:
            yield f".{method.name} is gone"
        elif _signature(method) != _signature(found):
            yield f".{method.name} takes or gives something else"


def _signature(method: Any) -> tuple[object, ...]:
    return method.input_type, method.output_type, method.client_streaming, method.server_streaming
