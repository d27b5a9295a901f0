"""The OpenAPI v2 document in gnostic's protobuf form, which kubectl up to 1.28 asks for.

Field numbers are those of gnostic's OpenAPIv2.proto. What kubectl never reads (security, contact) is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _text(number: int, value: Any) -> bytes:
    return _field(number, str(value).encode()) if value else b""


def _texts(number: int, values: Iterable[str]) -> bytes:
    return b"".join(_field(number, value.encode()) for value in values)


def _flag(number: int, value: Any) -> bytes:
    return _varint(number << 3) + b"\x01" if value else b""


def encode(document: Mapping[str, Any]) -> bytes:
    """Return the `openapi.v2.Document` message."""
    info = _text(1, document["info"]["title"]) + _text(2, document["info"]["version"])
    paths = b"".join(_field(2, _named(path, _path_item(item))) for path, item in document["paths"].items())
    definitions = b"".join(_field(1, _named(name, _schema(one))) for name, one in document["definitions"].items())
    return _text(1, document["swagger"]) + _field(2, info) + _field(8, paths) + _field(9, definitions)


def _named(name: str, value: bytes) -> bytes:
    return _field(1, name.encode()) + _field(2, value)


_METHODS = {"get": 2, "put": 3, "post": 4, "delete": 5, "options": 6, "head": 7, "patch": 8}


def _path_item(item: Mapping[str, Any]) -> bytes:
    out = b"".join(_field(number, _operation(item[method])) for method, number in _METHODS.items() if method in item)
    return out + b"".join(_field(9, _parameter(one)) for one in item.get("parameters", ()))


def _operation(operation: Mapping[str, Any]) -> bytes:
    responses = b"".join(
        _field(1, _named(code, _field(1, _response(one)))) for code, one in operation["responses"].items()
    )
    return (
        _texts(1, operation["tags"])
        + _text(3, operation["description"])
        + _text(5, operation["operationId"])
        + _texts(6, operation["produces"])
        + _texts(7, operation["consumes"])
        + b"".join(_field(8, _parameter(one)) for one in operation["parameters"])
        + _field(9, responses)
        + _texts(10, operation["schemes"])
        + _extensions(13, operation)
    )


def _response(response: Mapping[str, Any]) -> bytes:
    out = _text(1, response["description"])
    if "schema" in response:
        out += _field(2, _field(1, _schema(response["schema"])))
    return out


def _parameter(parameter: Mapping[str, Any]) -> bytes:
    """Return a ParametersItem."""
    if parameter["in"] == "body":
        body = _text(2, parameter["name"]) + _text(3, "body") + _flag(4, parameter.get("required"))
        return _field(1, _field(1, body + _field(5, _schema(parameter["schema"]))))
    if parameter["in"] == "path":
        path = _flag(1, True) + _text(2, "path") + _text(4, parameter["name"]) + _text(5, parameter["type"])
        return _field(1, _field(2, _field(4, path)))
    query = _text(2, "query") + _text(4, parameter["name"]) + _text(6, parameter["type"])
    return _field(1, _field(2, _field(3, query)))


def _schema(schema: Mapping[str, Any]) -> bytes:
    out = _text(1, schema.get("$ref")) + _text(2, schema.get("format")) + _text(4, schema.get("description"))
    out += _texts(19, schema.get("required", ()))
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        out += _field(21, _field(1, _schema(extra)))
    elif extra:
        out += _field(21, _flag(2, True))
    if isinstance(schema.get("type"), str):
        out += _field(22, _text(1, schema["type"]))
    if isinstance(schema.get("items"), dict):
        out += _field(23, _field(1, _schema(schema["items"])))
    properties = schema.get("properties")
    if properties:
        out += _field(25, b"".join(_field(1, _named(name, _schema(one))) for name, one in properties.items()))
    return out + _extensions(31, schema)


def _extensions(number: int, holder: Mapping[str, Any]) -> bytes:
    """Return the `x-…` words as NamedAny with YAML text; JSON is YAML."""
    return b"".join(
        _field(number, _named(word, _text(2, orjson.dumps(value).decode() + "\n")))
        for word, value in holder.items()
        if word.startswith("x-")
    )
