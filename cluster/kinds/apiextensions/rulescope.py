"""What a validation rule sees: `self` as its schema says, and `oldSelf`, optional where the rule asks for that.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.machinery.cel import CompileError, Compiler, Program
from cluster.machinery.cel.shapes import Declared, Maybe, Schema
from cluster.machinery.cel.typed import escaped_schema

Rule = Mapping[str, Any]

RULES = "x-kubernetes-validations"
_TEXT: Schema = {"type": "string"}
_OBJECT: Mapping[str, Schema] = {
    "apiVersion": _TEXT,
    "kind": _TEXT,
    "metadata": {"type": "object", "properties": {"name": _TEXT, "generateName": _TEXT}},
}


def seen(schema: Schema, *, whole: bool) -> Schema:
    """Return a schema as its rules see it; a `whole` object (the root, an embedded one) has its type and name."""
    if whole or schema.get("x-kubernetes-embedded-resource"):
        return {**schema, "properties": {**(schema.get("properties") or {}), **_OBJECT}}
    return schema


def has_rules(schema: Any) -> bool:
    """Say whether a schema has validation rules anywhere."""
    if isinstance(schema, Mapping):
        return RULES in schema or any(has_rules(inner) for inner in schema.values())
    return isinstance(schema, list) and any(has_rules(inner) for inner in schema)


class RuleScope:
    """Compiles the rules of one place of a schema."""

    def __init__(self, schema: Schema, *, whole: bool):
        self._schema = escaped_schema(seen(schema, whole=whole))
        self._compilers: dict[bool, Compiler] = {}

    def rule(self, rule: Rule) -> Program:
        """Compile the rule itself; raise CompileError."""
        program = self._compiler(rule).compile(rule["rule"])
        if not program.gives("bool"):
            raise CompileError("cel expression must evaluate to a bool")
        return program

    def message(self, rule: Rule) -> Program:
        """Compile its messageExpression; raise CompileError."""
        try:
            program = self._compiler(rule).compile(rule["messageExpression"])
        except CompileError as error:
            raise CompileError(f"messageExpression {error}") from None
        if not program.gives("string"):
            raise CompileError("messageExpression must evaluate to a string")
        return program

    def _compiler(self, rule: Rule) -> Compiler:
        optional = bool(rule.get("optionalOldSelf"))
        found = self._compilers.get(optional)
        if found is None:
            old: Declared = Maybe(self._schema) if optional else self._schema
            found = self._compilers[optional] = Compiler({"self": self._schema, "oldSelf": old})
        return found
