"""Values drawn from a schema of the served OpenAPI: mostly what it asks for, sometimes anything else."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from random import Random
from typing import Any

Schemas = Mapping[str, Any]

NAMES = ("web", "api", "db", "a", "x-1", "web.example.com", "default", "kube-system", "system:node", "n" * 63)
ODD_TEXTS = (
    "", " ", ".", "..", "-", "/", "a/b", "Ünïcode-名前", "x" * 300, "%", "{}", "[]", "null", "\u0000", "\ud83d\ude00",
    "$(sleep 1)", "'; DROP TABLE", "../../etc/passwd", "a=b,c", "!", "1e999", "0x10", "\n\r\t", "\u202e", "{{.}}",
)  # fmt: skip
TEXTS = (
    "10.0.0.1",
    "fd00::1",
    "10.0.0.0/8",
    "100m",
    "1Gi",
    "1h",
    "80",
    "http",
    "*/5 * * * *",
    "Always",
    "app",
    "nginx",
)
ODD_NUMBERS = (0, -1, 1, 65536, 2**31, -(2**31) - 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 0.5, -0.0, 1e308)
ODD_VALUES: tuple[Any, ...] = (None, True, False, [], {}, [[]], [None], {"": None}, {"a": {"a": {}}}, "text", 7, -1.5)
DEEPEST = 7


class Values:
    """Draws values; the same random numbers give the same ones. `oddness` is how often something does not fit."""

    def __init__(self, schemas: Schemas, random: Random, oddness: float):
        self._schemas = schemas
        self._random = random
        self._oddness = oddness

    def is_odd(self) -> bool:
        return self._random.random() < self._oddness

    def of(self, schema: Mapping[str, Any], depth: int = 0, field: str = "") -> Any:
        """Return a value for a schema."""
        if self.is_odd():
            return self.odd()
        schema = self._resolved(schema)
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        kinds = {"object": self._object, "array": self._array}
        kind = schema.get("type") or ("object" if "properties" in schema else "any")
        if kind in kinds:
            return kinds[kind](schema, depth)
        if kind == "string":
            return self._text(schema, field)
        if kind in ("integer", "number"):
            return self._random.choice(ODD_NUMBERS) if self.is_odd() else self._random.randrange(100)
        return self._random.random() < 0.5 if kind == "boolean" else self.odd()

    def odd(self) -> Any:
        """Return a value that hardly ever fits."""
        draw = self._random.choice
        return copy.deepcopy(draw((draw(ODD_TEXTS), draw(ODD_NUMBERS), draw(ODD_VALUES))))

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        for _ in range(5):
            parts = schema.get("allOf") or schema.get("oneOf") or schema.get("anyOf")
            reference = schema.get("$ref") or (self._random.choice(parts).get("$ref") if parts else None)
            if parts and reference is None:
                return {**schema, **self._random.choice(parts), "allOf": None, "oneOf": None, "anyOf": None}
            if reference is None:
                return schema
            schema = self._schemas.get(reference.rpartition("/")[2], {})
        return schema

    def _object(self, schema: Mapping[str, Any], depth: int) -> Any:
        fields = schema.get("properties") or {}
        required = set(schema.get("required") or ())
        chance = 0.5 if depth < 2 else 0.25 if depth < DEEPEST else 0.0
        found = {
            name: self.of(one, depth + 1, name)
            for name, one in fields.items()
            if name in required or self._random.random() < chance
        }
        more = schema.get("additionalProperties")
        if isinstance(more, Mapping) and depth < DEEPEST:
            for _ in range(self._random.randrange(3)):
                found[self._random.choice((*NAMES, *TEXTS))] = self.of(more, depth + 1)
        return found

    def _array(self, schema: Mapping[str, Any], depth: int) -> Any:
        if depth >= DEEPEST:
            return []
        return [self.of(schema.get("items") or {}, depth + 1) for _ in range(self._random.randrange(3))]

    def _text(self, schema: Mapping[str, Any], field: str) -> str:
        draw = self._random.choice
        if self.is_odd():
            return draw(ODD_TEXTS)
        if schema.get("format") == "date-time":
            return draw(("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000001Z", "yesterday"))
        if schema.get("format") == "byte":
            return draw(("YQ==", "", "not base64!"))
        return draw(NAMES) if field.lower().endswith("name") else draw((*NAMES, *TEXTS))
