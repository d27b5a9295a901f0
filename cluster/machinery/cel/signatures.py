"""Functions of CEL as a line of text and the Python function behind it: `string.charAt(int) string`.

Before the dot stands the type the function is called on; a name with a dot that is no type is a namespace
(`sets.contains(list<T>, list<T>) bool`). `T` is any type, the same at each place. Capitalised types are
Kubernetes' own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.machinery.cel.values import MATCHERS, no_overload

OPAQUE: Mapping[str, str] = {
    "Quantity": "kubernetes.Quantity",
    "URL": "kubernetes.URL",
    "IP": "net.IP",
    "CIDR": "net.CIDR",
    "Semver": "kubernetes.Semver",
    "Format": "kubernetes.NamedFormat",
    "Authorizer": "kubernetes.authorization.Authorizer",
    "PathCheck": "kubernetes.authorization.PathCheck",
    "GroupCheck": "kubernetes.authorization.GroupCheck",
    "ResourceCheck": "kubernetes.authorization.ResourceCheck",
    "Decision": "kubernetes.authorization.Decision",
}
_LINE = re.compile(r"^(?:([A-Za-z_]+(?:<[^(]*>)?)\.)?([\w.@+<>=!\[\]?-]+)\((.*)\) (\S+)$")
_PARAMETERS = re.compile(r"^([A-Za-z_]+)(?:<(.*)>)?$")


@dataclass(frozen=True, slots=True)
class Type:
    name: str
    parameters: tuple[Type, ...] = ()

    @property
    def declared(self) -> dict[str, Any]:
        """Return the type as the front end's configuration writes it."""
        if self.name == "T":
            return {"type_name": "T", "is_type_param": True}
        shown: dict[str, Any] = {"type_name": OPAQUE.get(self.name, self.name)}
        if self.parameters:
            shown["params"] = [parameter.declared for parameter in self.parameters]
        return shown

    def matches(self) -> Callable[[Any], bool]:
        """Return the test whether a value is of this type; what is inside lists and maps is not looked at."""
        wanted = OPAQUE.get(self.name)
        if wanted is None:
            return MATCHERS[self.name]
        return lambda value: getattr(value, "TYPE", "") == wanted


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature of a function and what it does; `declared` is False where the front end knows it already."""

    name: str
    receiver: Type | None
    arguments: tuple[Type, ...]
    result: Type
    does: Callable[..., Any]
    declared: bool = True

    @property
    def types(self) -> tuple[Type, ...]:
        return (self.receiver, *self.arguments) if self.receiver else self.arguments


def read_type(text: str) -> Type:
    match = _PARAMETERS.match(text.strip())
    if match is None:
        raise ValueError(f"unreadable type {text!r}")
    return Type(match[1], tuple(read_type(part) for part in _split(match[2] or "")))


def _split(text: str) -> list[str]:
    """Split at the commas that stand in no angle brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "<") - (letter == ">")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part for part in parts if part.strip()]


def overload(line: str, does: Callable[..., Any], *, declared: bool = True) -> Overload:
    match = _LINE.match(line)
    if match is None:
        raise ValueError(f"unreadable signature {line!r}")
    receiver, name = match[1], match[2]
    if receiver and receiver.partition("<")[0] not in MATCHERS and receiver not in OPAQUE:
        receiver, name = None, f"{receiver}.{name}"
    arguments = tuple(read_type(part) for part in _split(match[3]))
    return Overload(name, read_type(receiver) if receiver else None, arguments, read_type(match[4]), does, declared)


def library(functions: Iterable[tuple[str, Callable[..., Any]]], *, declared: bool = True) -> tuple[Overload, ...]:
    """Read the lines of one library; a line may hold several signatures of one function, split by `; `."""
    return tuple(
        overload(line.strip(), does, declared=declared) for lines, does in functions for line in lines.split(";")
    )


Key = tuple[str, bool, int]  # name, called on something, number of values with that something


def dispatchers(overloads: Sequence[Overload]) -> Mapping[Key, Callable[..., Any]]:
    """Return the functions by how they are called; each picks its overload by the values it gets."""
    grouped: dict[Key, list[Overload]] = {}
    for one in overloads:
        grouped.setdefault((one.name, one.receiver is not None, len(one.types)), []).append(one)
    return {key: _dispatcher(found) for key, found in grouped.items()}


def _dispatcher(found: Sequence[Overload]) -> Callable[..., Any]:
    choices = [(tuple(type_.matches() for type_ in one.types), one.does) for one in found]

    def call(*values: Any) -> Any:
        for tests, does in choices:
            if all(test(value) for test, value in zip(tests, values, strict=True)):
                return does(*values)
        raise no_overload()

    return call
