"""Field validation: is every field known, and is every value of the field's type? In the words of Go's decoders.

Checks a decoded body against its schema. Unknown fields are errors under `fieldValidation=Strict`,
Warning headers under Warn; wrong types are always a 400. https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cluster.kinds import schema as schemas
from cluster.kinds.schema import Schema

_QUANTITY = re.compile(r"([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)")
_NUMBERS = {"int32": "int32", "int64": "int64", "double": "float64", "float": "float32"}
_TOO_MANY = 500


class WrongType(ValueError):
    """A value that Go could not decode; the text is the decoder's, `converter` what strategic merges say instead."""

    def __init__(self, text: str, converter: str = ""):
        super().__init__(text)
        self.converter = converter or text


@dataclass(slots=True)
class Findings:
    """Unknown fields in the order they stand, and whether items of lists or maps are null."""

    unknown: list[str] = field(default_factory=list)
    nulls: bool = False


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a place may hold: `go` is the Go type in messages, `kind` one of the words below."""

    kind: str  # struct, map, list, string, bool, integer, number, quantity, intorstring, bytes, time, any
    go: str
    fields: Mapping[str, Schema] = field(default_factory=dict)
    struct: str = ""
    inner: Schema | None = None
    open: bool = False


def check(schema: Schema, body: Any, name: str = "") -> Findings:
    """Return what is unknown in `body`, a kind called `name`; WrongType for the first value of a wrong type."""
    findings = Findings()
    _walk(schema, body, "", "", name, findings)
    return findings


def prune(schema: Schema, value: Any) -> None:
    """Drop the fields `check` found unknown, in place."""
    shape = _shape(schema)
    if isinstance(value, dict) and shape.kind == "struct":
        for key in [key for key in value if key not in shape.fields and not shape.open]:
            del value[key]
        for key, item in value.items():
            if key in shape.fields:
                prune(shape.fields[key], item)
    elif isinstance(value, dict) and shape.kind == "map":
        for item in value.values():
            prune(shape.inner or {}, item)
    elif isinstance(value, list) and shape.kind == "list":
        for item in value:
            prune(shape.inner or {}, item)


_ZEROS: Mapping[str, Any] = {"struct": {}, "string": "", "bool": False, "integer": 0, "quantity": "0", "bytes": ""}


def settle(schema: Schema, value: Any) -> None:
    """Put Go's zero value where an item of a list or map is null, in place."""
    shape = _shape(schema)
    if isinstance(value, dict) and shape.kind == "struct":
        for key, item in value.items():
            if key in shape.fields:
                settle(shape.fields[key], item)
    elif isinstance(value, (dict, list)) and shape.kind in ("map", "list"):
        inner = shape.inner or {}
        for key, item in value.items() if isinstance(value, dict) else list(enumerate(value)):
            if item is None and _shape(inner).kind in _ZEROS:
                zero = _ZEROS[_shape(inner).kind]
                value[key] = dict(zero) if zero == {} else zero
            else:
                settle(inner, item)


def _short(schema: Schema) -> str:
    return schemas.reference(schema).rpartition(".")[2]


def _go_name(schema: Schema) -> str:
    full = schemas.reference(schema)
    version, _, name = full.rpartition(".")
    return f"{version.rpartition('.')[2]}.{name}" if full else "map[string]interface {}"


def _shape(schema: Schema) -> _Shape:
    name = schemas.reference(schema)
    return _named(name) if name else _plain(schema)


@cache
def _named(name: str) -> _Shape:
    shape = _plain({"$ref": "#/definitions/" + name})
    return shape


def _plain(schema: Schema) -> _Shape:
    if schemas.is_quantity(schema):
        return _Shape("quantity", "resource.Quantity")
    if schemas.is_int_or_string(schema):
        return _Shape("intorstring", "intstr.IntOrString")
    resolved = schemas.resolve(schema)
    kind = resolved.get("type", "")
    if "properties" in resolved:
        open_ = bool(resolved.get("x-kubernetes-preserve-unknown-fields"))
        return _Shape("struct", _go_name(schema), resolved["properties"], _short(schema), None, open_)
    if kind == "array":
        inner = resolved.get("items") or {}
        return _Shape("list", "[]" + _shape(inner).go, inner=inner)
    if kind == "object" and isinstance(resolved.get("additionalProperties"), dict):
        inner = resolved["additionalProperties"]
        return _Shape("map", f"map[string]{_shape(inner).go}", inner=inner)
    return _scalar(resolved, kind)


def _scalar(resolved: Schema, kind: str) -> _Shape:
    format_ = resolved.get("format", "")
    if kind == "string":
        if format_ == "byte":
            return _Shape("bytes", "[]uint8")
        return _Shape("time", "string") if format_ == "date-time" else _Shape("string", "string")
    if kind == "boolean":
        return _Shape("bool", "bool")
    if kind in ("integer", "number"):
        return _Shape(kind, _NUMBERS.get(format_, "int64" if kind == "integer" else "float64"))
    return _Shape("any", "interface {}")


def word_of(value: Any) -> str:
    """Return what Go's JSON decoder calls a value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (int, float)):
        return "number"
    return "array" if isinstance(value, list) else "object"


def _wrong(value: Any, struct: str, path: str, go: str) -> WrongType:
    kind = word_of(value)
    shown = f"{kind} {value}" if kind == "number" and go.startswith("int") else kind
    where = f"Go struct field {struct}.{path}" if struct else "Go value"
    return WrongType(f"json: cannot unmarshal {shown} into {where} of type {go}", _unconverted(value, go))


def _unconverted(value: Any, go: str) -> str:
    """Say what apimachinery's converter from plain maps says of a value it cannot place."""
    found = {bool: "bool", str: "string", int: "int64", float: "float64", list: "slice"}.get(type(value), "map")
    if go.startswith(("map[", "[]")):
        return f"cannot restore {'map' if go.startswith('map[') else 'slice'} from {found}"
    if "." in go:
        return f"cannot restore struct from: {found}"
    is_number = found in ("int64", "float64")
    converts = is_number and (go in _NUMBERS.values() or (found == "int64" and go == "string"))
    return f"cannot convert {found} to {go}" if converts else f"unrecognized type: {go}"


def _walk(
    schema: Schema, value: Any, path: str, go_path: str, struct: str, findings: Findings, is_item: bool = False
) -> None:
    """Check one value; `path` names list items, `go_path` does not, `struct` is the struct it is a field of."""
    if value is None:
        findings.nulls = findings.nulls or is_item
        return
    shape = _shape(schema)
    if shape.kind == "struct":
        _struct(shape, value, path, go_path, struct, findings)
    elif shape.kind == "list":
        if not isinstance(value, list):
            raise _wrong(value, struct, go_path, shape.go)
        for position, item in enumerate(value):
            _walk(shape.inner or {}, item, f"{path}[{position}]", go_path, struct, findings, True)
    elif shape.kind == "map":
        if not isinstance(value, dict):
            raise _wrong(value, struct, go_path, shape.go)
        for key, item in value.items():
            _walk(shape.inner or {}, item, f"{path}.{key}" if path else key, go_path, struct, findings, True)
    else:
        _check_scalar(shape, value, go_path, struct)


def _struct(shape: _Shape, value: Any, path: str, go_path: str, struct: str, findings: Findings) -> None:
    if not isinstance(value, dict):
        raise _wrong(value, struct, go_path, shape.go)
    for key, item in value.items():
        inner = shape.fields.get(key)
        here = f"{path}.{key}" if path else key
        if inner is None:
            if not shape.open and len(findings.unknown) < _TOO_MANY:
                findings.unknown.append(here)
            continue
        _walk(inner, item, here, f"{go_path}.{key}" if go_path else key, shape.struct or struct, findings)


def _check_scalar(shape: _Shape, value: Any, go_path: str, struct: str) -> None:
    checker = _CHECKS.get(shape.kind)
    if checker is not None:
        checker(shape, value, go_path, struct)


def _string(shape: _Shape, value: Any, go_path: str, struct: str) -> None:
    if not isinstance(value, str):
        raise _wrong(value, struct, go_path, shape.go)


def _boolean(shape: _Shape, value: Any, go_path: str, struct: str) -> None:
    if not isinstance(value, bool):
        raise _wrong(value, struct, go_path, shape.go)


def _integer(shape: _Shape, value: Any, go_path: str, struct: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(value, struct, go_path, shape.go)
    limit = 1 << 31 if shape.go == "int32" else 1 << 63
    if isinstance(value, float) and not value.is_integer() or not -limit <= value < limit:
        raise _wrong(value, struct, go_path, shape.go)


def _number(shape: _Shape, value: Any, go_path: str, struct: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(value, struct, go_path, shape.go)


def _quantity(shape: _Shape, value: Any, go_path: str, struct: str) -> None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return
    if not isinstance(value, str):
        raise WrongType("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
    if not _QUANTITY.fullmatch(value):
        raise WrongType("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")


def _int_or_string(shape: _Shape, value: Any, go_path: str, struct: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise _wrong(value, struct, go_path, "int32" if isinstance(value, (bool, float)) else "string")


def _bytes(shape: _Shape, value: Any, go_path: str, struct: str) -> None:
    if not isinstance(value, str):
        raise _wrong(value, struct, go_path, shape.go)
    clean = value.replace("\r", "").replace("\n", "")
    try:
        base64.b64decode(clean, validate=True)
    except (binascii.Error, ValueError):
        raise WrongType(f"illegal base64 data at input byte {_first_bad(clean)}") from None


def _first_bad(text: str) -> int:
    match = re.match(r"[A-Za-z0-9+/]*", text)
    end = match.end() if match else 0
    return end if end < len(text) else len(text) // 4 * 4


def _time(shape: _Shape, value: Any, go_path: str, struct: str) -> None:
    if not isinstance(value, str):
        raise _wrong(value, struct, go_path, shape.go)
    if not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", value):
        raise WrongType(f'parsing time "{value}" as "2006-01-02T15:04:05Z07:00": cannot parse "{value}" as "2006"')


_CHECKS = {
    "string": _string,
    "bool": _boolean,
    "integer": _integer,
    "number": _number,
    "quantity": _quantity,
    "intorstring": _int_or_string,
    "bytes": _bytes,
    "time": _time,
}
