"""Label selectors: equality- and set-based, from text and from `metav1.LabelSelector`.

Follows https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ and
k8s.io/apimachinery `labels`, wording of errors included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_OPERATORS = ("in", "notin", "=", "==", "!=", "gt", "lt")
_SYMBOLS = {"=": "=", "==": "=", "!=": "!=", ">": "gt", "<": "lt", "in": "in", "notin": "notin"}
_TOKEN = re.compile(r"\s*(==|!=|[=!(),<>]|[^=!(),<>\s]+)")
_SPECIAL = frozenset({"=", "==", "!=", "!", "(", ")", ",", "<", ">"})
_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_DOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_NAME_HINT = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', "
    "regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_VALUE_HINT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', "
    "regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)


class SelectorError(ValueError):
    """A selector that cannot be read; the text is the real one, for a 400 answer."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition: `operator` is exists, !exists, in, notin, =, !=, gt or lt."""

    key: str
    operator: str
    values: tuple[str, ...] = ()
    _set: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_set", frozenset(self.values))

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.key)
        if self.operator in ("=", "in"):
            return value in self._set
        if self.operator in ("!=", "notin"):
            return value is None or value not in self._set
        if self.operator == "exists":
            return value is not None
        if self.operator == "!exists":
            return value is None
        return _compares(value, self.operator, self.values[0])

    def __str__(self) -> str:
        if self.operator in ("in", "notin"):
            return f"{self.key} {self.operator} ({','.join(sorted(self.values))})"
        if self.operator == "exists":
            return self.key
        if self.operator == "!exists":
            return f"!{self.key}"
        symbol = {"gt": ">", "lt": "<"}.get(self.operator, self.operator)
        return f"{self.key}{symbol}{self.values[0]}"


def _compares(value: str | None, operator: str, bound: str) -> bool:
    try:
        number, limit = int(value or ""), int(bound)
    except ValueError:
        return False
    return number > limit if operator == "gt" else number < limit


@dataclass(frozen=True, slots=True)
class Selector:
    """A conjunction. With `nothing` set it matches no object at all (a nil `LabelSelector`)."""

    requirements: tuple[Requirement, ...] = ()
    nothing: bool = False

    def matches(self, labels: Mapping[str, str] | None) -> bool:
        if self.nothing:
            return False
        known = labels or {}
        return all(requirement.matches(known) for requirement in self.requirements)

    def matches_object(self, obj: Mapping[str, Any]) -> bool:
        return self.matches((obj.get("metadata") or {}).get("labels"))

    @property
    def is_empty(self) -> bool:
        """Whether it matches everything."""
        return not self.requirements and not self.nothing

    def __str__(self) -> str:
        return ",".join(str(requirement) for requirement in self.requirements)


EVERYTHING = Selector()
NOTHING = Selector(nothing=True)


def from_map(labels: Mapping[str, str] | None) -> Selector:
    """Return the selector of a Service or ReplicationController: all of these labels."""
    return Selector(tuple(Requirement(key, "=", (value,)) for key, value in sorted((labels or {}).items())))


_SET_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!exists"}


def from_label_selector(selector: Mapping[str, Any] | None) -> Selector:
    """Return what a `metav1.LabelSelector` means: nil matches nothing, empty matches everything."""
    if selector is None:
        return NOTHING
    found = list(from_map(selector.get("matchLabels")).requirements)
    for expression in selector.get("matchExpressions") or ():
        operator = _SET_OPERATORS.get(expression.get("operator", ""))
        if operator is None:
            raise SelectorError(f'"{expression.get("operator", "")}" is not a valid label selector operator')
        found.append(Requirement(expression["key"], operator, tuple(expression.get("values") or ())))
    return Selector(tuple(sorted(found, key=lambda requirement: requirement.key)))


def parse(text: str) -> Selector:
    """Return the selector written as `app=web,tier in (a, b),!old`."""
    if not text.strip():
        return EVERYTHING
    return Selector(tuple(sorted(_Parser(text).parse(), key=lambda requirement: requirement.key)))


class _Parser:
    """The grammar of apimachinery's `labels.Parse`."""

    def __init__(self, text: str):
        self._tokens = _TOKEN.findall(text)
        self._at = 0

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def parse(self) -> list[Requirement]:
        found: list[Requirement] = []
        while token := self._peek():
            if token in _SPECIAL and token != "!":
                raise SelectorError(f"found '{token}', expected: !, identifier, or 'end of string'")
            found.append(self._requirement())
            separator = self._next()
            if not separator:
                break
            if separator != ",":
                raise SelectorError(f"found '{separator}', expected: ',' or 'end of string'")
            following = self._peek()
            if not _is_identifier(following) and following != "!":
                raise SelectorError(f"found '{following}', expected: identifier after ','")
        return found

    def _requirement(self) -> Requirement:
        try:
            return self._read_requirement()
        except SelectorError as error:
            raise SelectorError(f"unable to parse requirement: {error}") from None

    def _read_requirement(self) -> Requirement:
        token = self._next()
        negated = token == "!"
        key = self._next() if negated else token
        if not _is_identifier(key):
            raise SelectorError(f"found '{key}', expected: identifier")
        _check_key(key)
        if self._peek() in ("", ",") or negated:
            return Requirement(key, "!exists" if negated else "exists")
        symbol = self._next()
        operator = _SYMBOLS.get(symbol)
        if operator is None:
            raise SelectorError(f"found '{symbol}', expected: {', '.join(_OPERATORS)}")
        values = self._values() if operator in ("in", "notin") else self._exact_value()
        _check_values(key, operator, values)
        return Requirement(key, operator, tuple(values))

    def _exact_value(self) -> list[str]:
        if self._peek() in ("", ","):
            return [""]
        token = self._next()
        if not _is_identifier(token):
            raise SelectorError(f"found '{token}', expected: identifier")
        return [token]

    def _values(self) -> list[str]:
        token = self._next()
        if token != "(":
            raise SelectorError(f"found '{token}' expected: '('")
        first = self._peek()
        if first == ")":
            self._next()
            return [""]
        if not _is_identifier(first) and first != ",":
            raise SelectorError(f"found '{first}', expected: ',', ')' or identifier")
        found: list[str] = []
        expects_value = True
        while (token := self._next()) != ")":
            if token == "," and expects_value:
                found.append("")
            elif _is_identifier(token) and expects_value:
                found.append(token)
                expects_value = False
            elif token == ",":
                expects_value = True
            else:
                expected = "',', or identifier" if expects_value else "',' or ')'"
                raise SelectorError(f"found '{token}', expected: {expected}")
        return [*found, ""] if expects_value else found


def _is_identifier(token: str) -> bool:
    return bool(token) and token not in _SPECIAL


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def key_errors(key: str) -> list[str]:
    """Return what makes `key` no qualified name, in the real words."""
    prefix, slash, name = key.rpartition("/")
    errors = []
    if slash and not prefix:
        errors.append("prefix part must be non-empty")
    elif slash and not _DOMAIN.fullmatch(prefix):
        errors.append(
            "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
            "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation "
            "is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
        )
    if not name:
        errors.append("name part must be non-empty")
    elif len(name) > 63:
        errors.append("name part must be no more than 63 bytes")
    if not _NAME.fullmatch(name):
        errors.append(_NAME_HINT)
    return errors


def value_errors(value: str) -> list[str]:
    """Return what makes `value` no label value, in the real words."""
    errors = ["must be no more than 63 bytes"] if len(value) > 63 else []
    if value and not _NAME.fullmatch(value):
        errors.append(_VALUE_HINT)
    return errors


def _check_key(key: str) -> None:
    if errors := key_errors(key):
        raise SelectorError(f"<nil>: Invalid value: {_quoted(key)}: {'; '.join(errors)}")


def _check_values(key: str, operator: str, values: Sequence[str]) -> None:
    if operator in ("gt", "lt"):
        _check_number(operator, values[0])
    for position, value in enumerate(sorted(values)):
        if errors := value_errors(value):
            raise SelectorError(f"values[{position}][{key}]: Invalid value: {_quoted(value)}: {'; '.join(errors)}")


def _check_number(operator: str, value: str) -> None:
    if not re.fullmatch(r"[+-]?[0-9]+", value):
        raise SelectorError(
            f"values[0]: Invalid value: {_quoted(value)}: for 'Gt', 'Lt' operators, the value must be an integer"
        )


def select(selector: Selector, objects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the objects `selector` matches, in the order given."""
    if selector.is_empty:
        return list(objects)
    return [obj for obj in objects if selector.matches_object(obj)]
