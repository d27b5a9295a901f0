"""CEL's values in Python, their types, equality and order. https://github.com/google/cel-spec/blob/master/doc/langdef.md

JSON is itself: null, bool, int, float, str, list and dict stand for null_type, bool, int, double, string, list and
map. The classes here are what JSON does not have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

LEAST, MOST = -(2**63), 2**63 - 1
T = TypeVar("T")


class CelError(Exception):
    """An expression that cannot be evaluated: the text is the one cel-go gives."""


class UInt(int):
    """An unsigned integer."""


@dataclass(frozen=True, slots=True, order=True)
class Timestamp:
    """An instant, in nanoseconds since the epoch."""

    nanos: int


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A span, in nanoseconds."""

    nanos: int


@dataclass(frozen=True, slots=True)
class TypeName:
    """What `type(x)` answers."""

    name: str


@dataclass(frozen=True, slots=True)
class Optional(Generic[T]):
    """A value that may be missing (`optional.none()`)."""

    item: T | None = None
    has: bool = False


NONE: Optional[Any] = Optional()


@dataclass(frozen=True, slots=True)
class Message:
    """An object written with its type: `Object.spec{replicas: 3}`."""

    type_name: str
    fields: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Opaque:
    """Base of the values that libraries add; `TYPE` is the name CEL knows them by."""

    TYPE: ClassVar[str] = ""


_NAMES: Mapping[type, str] = {
    type(None): "null_type",
    bool: "bool",
    int: "int",
    UInt: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    list: "list",
    dict: "map",
    Timestamp: "google.protobuf.Timestamp",
    Duration: "google.protobuf.Duration",
    TypeName: "type",
    Optional: "optional_type",
}
_NUMBERS = frozenset({int, UInt, float})


def type_name(value: Any) -> str:
    """Return the name of a value's type."""
    known = _NAMES.get(type(value))
    if known is not None:
        return known
    return value.type_name if isinstance(value, Message) else str(getattr(value, "TYPE", "dyn"))


def equal(left: Any, right: Any) -> bool:
    """Compare as `==` does: numbers across their types, everything else only within its own."""
    one, other = type(left), type(right)
    if one in _NUMBERS and other in _NUMBERS:
        return bool(left == right)
    if one is not other:
        return False
    if one is list:
        return len(left) == len(right) and all(map(equal, left, right))
    if one is dict:
        return len(left) == len(right) and all(key in right and equal(item, right[key]) for key, item in left.items())
    if one is Message:
        return bool(left.type_name == right.type_name) and equal(dict(left.fields), dict(right.fields))
    return bool(left == right)


_ORDERED = frozenset({bool, str, bytes, Timestamp, Duration})


def less(left: Any, right: Any) -> bool:
    """Say whether `left` comes before `right`; raise where the two have no order."""
    one, other = type(left), type(right)
    if (one in _NUMBERS and other in _NUMBERS) or (one is other and one in _ORDERED):
        return bool(left < right)
    raise no_overload()


def no_overload() -> CelError:
    return CelError("no such overload")


def whole(value: int) -> int:
    """Return a sum or product that fits an int."""
    if LEAST <= value <= MOST:
        return value
    raise CelError("integer overflow")


def unsigned(value: int) -> UInt:
    if 0 <= value < 2**64:
        return UInt(value)
    raise CelError("unsigned integer overflow")


MATCHERS: Mapping[str, Callable[[Any], bool]] = {
    "dyn": lambda value: True,
    "T": lambda value: True,
    "null_type": lambda value: value is None,
    "bool": lambda value: type(value) is bool,
    "int": lambda value: type(value) is int,
    "uint": lambda value: type(value) is UInt,
    "double": lambda value: type(value) is float,
    "string": lambda value: type(value) is str,
    "bytes": lambda value: type(value) is bytes,
    "list": lambda value: type(value) is list,
    "map": lambda value: type(value) is dict,
    "timestamp": lambda value: type(value) is Timestamp,
    "duration": lambda value: type(value) is Duration,
    "type": lambda value: type(value) is TypeName,
    "optional_type": lambda value: type(value) is Optional,
}
