"""Validation rules of custom kinds, evaluated when an object is written.

A transition rule (one that reads `oldSelf`) looks only at what was there before. What an update leaves as it was is
not held against it: a rule that fails there is told as a warning (KEP-4008). Follows apiextensions-apiserver
`pkg/apiserver/schema/cel`.
https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cluster.kinds.apiextensions.rulescope import RULES, Rule, RuleScope, has_rules, seen
from cluster.machinery.cel import CelError, CompileError, Program, broken
from cluster.machinery.cel.shapes import Schema
from cluster.machinery.cel.typed import converts, typed
from cluster.machinery.cel.values import Optional
from cluster.machinery.fielderrors import INVALID, OMITTED, FieldError
from cluster.machinery.meta import Object

_LONGEST_MESSAGE = 5 * 1024
ABSENT = object()  # the old value of what was not there, or cannot be told


@dataclass(frozen=True, slots=True)
class Compiled:
    """One rule, ready to run."""

    given: Rule
    program: Program
    worded: Program | None

    @classmethod
    def of(cls, scope: RuleScope, given: Rule) -> Compiled:
        """Compile a stored rule; one that does not compile (an older lab may hold it) fails when it is run."""
        try:
            return cls(given, scope.rule(given), scope.message(given) if given.get("messageExpression") else None)
        except CompileError as error:
            return cls(given, broken(given["rule"], f"rule compile error: {error}"), None)

    @property
    def is_transition(self) -> bool:
        return "oldSelf" in self.program.names

    @property
    def optional(self) -> bool:
        return bool(self.given.get("optionalOldSelf"))

    @property
    def text(self) -> str:
        return str(self.given.get("message") or self.given["rule"]).strip()

    def failure(self, path: str, bindings: Mapping[str, Any]) -> FieldError | None:
        """Return what is wrong, None where the rule holds."""
        try:
            if self.program.evaluate(bindings) is True:
                return None
        except CelError as error:
            return FieldError(INVALID, path or "<nil>", OMITTED, _evaluating(str(error), self.text))
        place = f"{path}{self.given.get('fieldPath') or ''}".removeprefix(".")
        return FieldError(self.given.get("reason") or INVALID, place or "<nil>", OMITTED, self._said(bindings))

    def _said(self, bindings: Mapping[str, Any]) -> str:
        said = self._worded(bindings) or str(self.given.get("message") or "").strip()
        return said or f"failed rule: {self.text}"

    def _worded(self, bindings: Mapping[str, Any]) -> str:
        if self.worded is None:
            return ""
        try:
            said = self.worded.evaluate(bindings)
        except CelError:
            return ""
        usable = isinstance(said, str) and "\n" not in said.strip() and len(said.encode()) <= _LONGEST_MESSAGE
        return said.strip() if usable else ""


def _evaluating(error: str, rule: str) -> str:
    if error.startswith("no such overload"):
        why = "call arguments did not match a supported operator, function or macro signature for rule"
        return f"'{error}': {why}: {rule}"
    if error.startswith("operation cancelled"):
        why = "no further validation rules will be run due to call cost exceeds limit for rule"
        return f"'{error}': {why}: {rule}"
    return f"{error} evaluating rule: {rule}"


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a schema that has rules, or has some below it."""

    schema: Schema
    converts: bool
    rules: tuple[Compiled, ...]
    properties: Mapping[str, Place] = field(default_factory=dict)
    items: Place | None = None
    values: Place | None = None


def _place(schema: Any, *, whole: bool = False) -> Place | None:
    if not isinstance(schema, Mapping) or not has_rules(schema):
        return None
    known, scope = seen(schema, whole=whole), RuleScope(schema, whole=whole)
    inner = {name: _place(part) for name, part in (schema.get("properties") or {}).items()}
    return Place(
        known,
        converts(known),
        tuple(Compiled.of(scope, rule) for rule in schema.get(RULES) or ()),
        {name: part for name, part in inner.items() if part is not None},
        _place(schema.get("items")),
        _place(schema.get("additionalProperties")),
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold; `forgiven` where the value was so before."""

    error: FieldError
    forgiven: bool


class Rules:
    """The rules of one version's schema, compiled when the first object comes."""

    def __init__(self, schema: Schema):
        self._schema = schema
        self._root: Place | None = None
        self.exist = has_rules(schema)

    def errors(self, new: Object, old: Object | None = None) -> list[FieldError]:
        return [found.error for found in self._findings(new, old) if not found.forgiven]

    def warnings(self, new: Object, old: Object | None) -> list[str]:
        """Return the failures an update is forgiven, as warnings."""
        if old is None:
            return []
        return [str(found.error) for found in self._findings(new, old) if found.forgiven]

    def _findings(self, new: Object, old: Object | None) -> Iterator[Finding]:
        if not self.exist:
            return
        if self._root is None:
            self._root = _place(self._schema, whole=True)
        if self._root is not None:
            yield from _judged(self._root, "", new, ABSENT if old is None else old)


def _judged(place: Place, path: str, new: Any, old: Any) -> Iterator[Finding]:
    """Evaluate the rules of a place and of all below it; `old` is what stood there, if that can be told."""
    if new is None:
        return
    if place.rules:
        yield from _evaluated(place, path, new, old)
    if isinstance(new, dict):
        yield from _judged_fields(place, path, new, old if isinstance(old, dict) else {})
    elif isinstance(new, list) and place.items is not None:
        for position, (item, before) in enumerate(correlated(place.schema, new, old)):
            yield from _judged(place.items, f"{path}[{position}]", item, before)


def _evaluated(place: Place, path: str, new: Any, old: Any) -> Iterator[Finding]:
    same = old is not ABSENT and old == new
    value = typed(place.schema, new) if place.converts else new
    before = old if old is ABSENT or not place.converts else typed(place.schema, old)
    for rule in place.rules:
        bindings = {"self": value}
        if rule.is_transition:
            if before is ABSENT and not rule.optional:
                continue
            known = Optional() if before is ABSENT else Optional(before, True)
            bindings["oldSelf"] = known if rule.optional else before
        error = rule.failure(path, bindings)
        if error is not None:
            yield Finding(error, same and not rule.is_transition)


def _judged_fields(place: Place, path: str, new: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[Finding]:
    for name, inner in place.properties.items():
        if name in new:
            yield from _judged(inner, f"{path}.{name}" if path else name, new[name], old.get(name, ABSENT))
    if place.values is not None:
        for name, item in new.items():
            yield from _judged(place.values, f"{path}[{name}]", item, old.get(name, ABSENT))


def correlated(schema: Schema, new: list[Any], old: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each item of a list with what it was: told by its keys, which only lists of type map have."""
    keys = schema.get("x-kubernetes-list-map-keys") if schema.get("x-kubernetes-list-type") == "map" else None
    if not keys or not isinstance(old, list):
        yield from ((item, ABSENT) for item in new)
        return
    before = {_key(keys, item): item for item in old}
    for item in new:
        yield item, before.get(_key(keys, item), ABSENT)


def _key(keys: list[str], item: Any) -> tuple[str, ...]:
    return tuple(str(item.get(key)) for key in keys) if isinstance(item, dict) else ()
