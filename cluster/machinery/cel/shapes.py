"""Declared types: what the checker may know of a variable, from a type's name or an OpenAPI schema.

A schema becomes message types, so that `self.replicsa` is an `undefined field`. As in the real server, fields that
the schema does not name cannot be reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cluster.machinery.cel.signatures import OPAQUE, Type, read_type

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Maybe:
    """An optional value of a schema (`oldSelf` with `optionalOldSelf`)."""

    schema: Schema


Declared = str | Schema | Maybe  # `dyn`, `map<string,dyn>`, `Authorizer`; or a schema

DYN: Schema = {"type": "dyn"}

_SCALARS: Mapping[str, tuple[str, int]] = {  # CEL's name, the field type of a message
    "string": ("string", 9),
    "integer": ("int", 3),
    "number": ("double", 1),
    "boolean": ("bool", 8),
}
_FORMATS: Mapping[str, str] = {
    "date-time": "google.protobuf.Timestamp",
    "date": "google.protobuf.Timestamp",
    "duration": "google.protobuf.Duration",
}
_SHORT = {"google.protobuf.Timestamp": "timestamp", "google.protobuf.Duration": "duration"}
_MESSAGE, _BYTES, _OPTIONAL, _REPEATED = 11, 12, 1, 3
_VALUE = "google.protobuf.Value"


def is_map(schema: Schema) -> bool:
    return schema.get("type") == "object" and not is_object(schema)


def is_object(schema: Schema) -> bool:
    return schema.get("type") == "object" and not isinstance(schema.get("additionalProperties"), Mapping)


def is_free(schema: Schema) -> bool:
    """Say whether a value can be anything."""
    return bool(schema.get("x-kubernetes-int-or-string")) or schema.get("type") == "dyn" or bool(schema.get("nullable"))


def is_hidden(schema: Schema) -> bool:
    """Say whether expressions cannot reach a value: what has no type has no name either."""
    return not schema.get("type") and not schema.get("x-kubernetes-int-or-string")


class Shapes:
    """The types of one set of variables; `types` is the library's `Type`."""

    def __init__(self, types: Any):
        self._types = types
        self._file: Any = None

    def type_of(self, name: str, declared: str | Schema) -> Type:
        """Return the type of a variable, with the messages it needs in the pool."""
        if isinstance(declared, str):
            return read_type(declared)
        return self._of_schema(f"{name}Type".replace(".", "_"), declared)

    def known(self, type_: Type) -> Any:
        """Return the library's form of a type."""
        if type_.name == "list":
            return self._types.List(self.known(type_.parameters[0]))
        if type_.name == "map":
            return self._types.Map(*(self.known(one) for one in type_.parameters))
        if type_.name in OPAQUE:
            return self._types.AbstractType(OPAQUE[type_.name], [])
        return getattr(self._types, type_.name.upper(), None) or self._types(type_.name)

    def _of_schema(self, name: str, schema: Schema) -> Type:
        if is_free(schema) or is_hidden(schema):
            return Type("dyn")
        if schema["type"] == "array":
            return Type("list", (self._of_schema(f"{name}_items", schema.get("items") or DYN),))
        if is_map(schema):
            return Type("map", (Type("string"), self._of_schema(f"{name}_values", schema["additionalProperties"])))
        kind, typed = self._field_type(name, schema)
        if kind == _MESSAGE:
            return Type("dyn" if typed == _VALUE else _SHORT.get(typed, typed))
        return Type("bytes" if kind == _BYTES else _SCALARS[schema["type"]][0])

    def pool(self) -> Any:
        """Return the message types made so far; None when there are none."""
        if self._file is None:
            return None
        from google.protobuf import descriptor_pool, duration_pb2, struct_pb2, timestamp_pb2

        pool = descriptor_pool.DescriptorPool()
        for known in (duration_pb2, struct_pb2, timestamp_pb2):
            pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
        pool.AddSerializedFile(self._file.SerializeToString())
        return pool

    def _message(self, name: str) -> Any:
        from google.protobuf import descriptor_pb2

        if self._file is None:
            self._file = descriptor_pb2.FileDescriptorProto(name="declared.proto", syntax="proto2")
            self._file.dependency.extend(f"google/protobuf/{one}.proto" for one in ("duration", "struct", "timestamp"))
        return self._file.message_type.add(name=name)

    def _field_type(self, name: str, schema: Schema) -> tuple[int, str]:
        """Return (field type, message name) of one value."""
        if is_free(schema) or schema.get("type") == "array" or is_map(schema):
            return _MESSAGE, _VALUE
        if is_object(schema):
            self._object(name, schema)
            return _MESSAGE, name
        if schema["type"] == "string" and schema.get("format") in _FORMATS:
            return _MESSAGE, _FORMATS[schema["format"]]
        if schema["type"] == "string" and schema.get("format") == "byte":
            return _BYTES, ""
        return _SCALARS[schema["type"]][1], ""

    def _object(self, name: str, schema: Schema) -> None:
        message = self._message(name)
        number = 0
        for field, inner in sorted((schema.get("properties") or {}).items()):
            if field.isidentifier() and field.isascii() and not is_hidden(inner):
                number += 1
                self._add_field(message, field, number, f"{name}_{field}", inner)

    def _add_field(self, message: Any, field: str, number: int, name: str, schema: Schema) -> None:
        label, mapped = _OPTIONAL, False
        if not is_free(schema) and schema.get("type") == "array":
            label, schema = _REPEATED, schema.get("items") or DYN
        elif not is_free(schema) and is_map(schema):
            label, schema, mapped = _REPEATED, schema["additionalProperties"], True
        schema = DYN if is_hidden(schema) else schema
        kind, typed = self._field_type(name, schema)
        if mapped:
            kind, typed = _MESSAGE, self._entry(message, field, kind, typed)
        added = message.field.add(name=field, number=number, label=label, type=kind)
        if typed:
            added.type_name = f".{typed}"

    def _entry(self, message: Any, field: str, kind: int, typed: str) -> str:
        """Add the nested type of a map's entries; return its full name."""
        name = "".join(part[:1].upper() + part[1:] for part in field.split("_")) + "Entry"
        entry = message.nested_type.add(name=name)
        entry.options.map_entry = True
        entry.field.add(name="key", number=1, label=_OPTIONAL, type=9)
        value = entry.field.add(name="value", number=2, label=_OPTIONAL, type=kind)
        if typed:
            value.type_name = f".{typed}"
        return f"{message.name}.{name}"
