"""Field selectors: `metadata.name=web,status.phase!=Running`, over the fields a kind declares.

Follows k8s.io/apimachinery `fields`: only =, == and != exist, joined by commas; `\\` escapes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_TERM = re.compile(r"((?:\\.|[^\\])*?)(!=|==|=)(.*)", re.DOTALL)
_SPLIT = re.compile(r"(?<!\\),")


class FieldSelectorError(ValueError):
    """A field selector that cannot be read."""


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """One comparison of one field."""

    field: str
    value: str
    equal: bool

    def matches(self, fields: Mapping[str, str]) -> bool:
        return (fields.get(self.field, "") == self.value) is self.equal


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """A conjunction of comparisons."""

    terms: tuple[FieldTerm, ...] = ()

    def matches(self, fields: Mapping[str, str]) -> bool:
        return all(term.matches(fields) for term in self.terms)

    def required(self, field: str) -> str:
        """Return the one value `field` must have, '' when it may have several."""
        return next((term.value for term in self.terms if term.field == field and term.equal), "")


ANY = FieldSelector()


def parse(text: str) -> FieldSelector:
    """Return the selector `text` stands for; FieldSelectorError in the real words."""
    if not text:
        return ANY
    terms = [_term(part) for part in _SPLIT.split(text) if part]
    return FieldSelector(tuple(sorted(terms, key=lambda term: term.field)))


def _term(text: str) -> FieldTerm:
    match = _TERM.fullmatch(text)
    if not match:
        raise FieldSelectorError(f"invalid selector: '{text}'; can't understand '{text}'")
    field, operator, value = match.groups()
    return FieldTerm(field, re.sub(r"\\(.)", r"\1", value), operator != "!=")
