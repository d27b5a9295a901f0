"""Parsing and type checking, by Google's CEL library; it is loaded when the first expression is compiled.

Only its parser and checker are used, so messages are those of cel-go (both share the grammar and most words; the rest
is put right here). Evaluation is ours: it needs values the library has no room for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cluster.machinery.cel.library.registry import OVERLOADS, REPLACED
from cluster.machinery.cel.literals import Plain
from cluster.machinery.cel.shapes import Declared, Maybe, Shapes
from cluster.machinery.cel.signatures import Overload, Type
from cluster.machinery.cel.syntax import Node, read


class CompileError(Exception):
    """An expression that does not parse or check: the text begins `ERROR: <input>:1:7: `, one block per error."""


_PREFIX = re.compile(r"^[A-Z_]+: (?=ERROR: )")
_SUFFIX = re.compile(r" \[[A-Z_]+\]$")
_BLOCK = re.compile(r"ERROR: <input>:(\d+):(\d+): ")
_REWORDED = (
    (re.compile(r"undefined field '([^']*)' not found in struct '[^']*'"), r"undefined field '\1'"),
    (
        re.compile(r"expression of type '([^']*)' cannot be the operand of a select operation"),
        r"type '\1' does not support field selection",
    ),
    (re.compile(r"cannot be the range of a comprehension"), "cannot be range of a comprehension"),
    (re.compile(r"has\(\) argument must be a field selection"), "invalid argument to has() macro"),
    (re.compile(r"\w+\(\) variable name must be a simple identifier"), "argument must be a simple name"),
)
_QUALIFIED = re.compile(r"^undeclared reference to '([\w.]+)\.\w+' \(in container ''\)$")


class FrontEnd:
    """Compiles expressions over the same variables."""

    def __init__(self, variables: Mapping[str, Declared]):
        from cel_expr_python import cel  # 12 MB that only labs with expressions need

        shapes = Shapes(cel.Type)
        types: dict[str, Any] = {}
        optional: dict[str, Type] = {}
        for name, declared in variables.items():
            if isinstance(declared, Maybe):
                optional[name] = Type("optional_type", (shapes.type_of(name, declared.schema),))
            else:
                types[name] = shapes.known(shapes.type_of(name, declared))
        config = _config_with(optional) if optional else _config()
        self._env: Any = cel.NewEnv(shapes.pool(), config=config, variables=types)

    def compile(self, expression: str) -> tuple[Node, str]:
        """Return the tree and the type of its result (`bool`, `list<string>`, `dyn`)."""
        plain = Plain(expression)
        try:
            parsed = self._env.compile(expression, disable_check=True)
            checked = self._env.compile(plain.text)
        except RuntimeError as error:
            raise CompileError(_worded(str(error), plain)) from None
        result = str(checked.return_type().name()).lower()
        return read(parsed.serialize()), "null_type" if result == "null" else result


@lru_cache(maxsize=1)
def _config() -> Any:
    return _config_with({})


def _config_with(optional: Mapping[str, Type]) -> Any:
    """Return the library's configuration; optional variables have no other way in."""
    from cel_expr_python import cel

    config = {**_languages(), "variables": [{"name": name, **type_.declared} for name, type_ in optional.items()]}
    return cel.NewEnvConfigFromYaml(json.dumps(config))


def _languages() -> dict[str, Any]:
    declared: dict[str, list[Overload]] = {}
    for one in OVERLOADS:
        if one.declared:
            declared.setdefault(one.name, []).append(one)
    return {
        "extensions": [{"name": name} for name in ("optional", "bindings", "two-var-comprehensions")],
        "stdlib": {"exclude_functions": [{"name": name} for name in REPLACED]},
        "functions": [
            {"name": name, "overloads": [_declaration(one) for one in found]} for name, found in declared.items()
        ],
    }


def _declaration(one: Overload) -> dict[str, Any]:
    types = "_".join(type_.name for type_ in one.types)
    inner = "_".join(part.name for type_ in one.types for part in type_.parameters)
    place = "on" if one.receiver else "of"
    shown: dict[str, Any] = {"id": f"{one.name}_{place}_{types}_{inner}", "return": one.result.declared}
    if one.receiver is not None:
        shown["target"] = one.receiver.declared
    return {**shown, "args": [type_.declared for type_ in one.arguments]}


def _worded(text: str, plain: Plain) -> str:
    """Return the library's errors in cel-go's words, at the places of the expression as written."""
    body = _SUFFIX.sub("", _PREFIX.sub("", text))
    parts = _BLOCK.split(body)
    if len(parts) < 4:
        return f"ERROR: {body}"
    blocks = zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    return "\n".join(_block(int(line), int(column), block, plain) for line, column, block in blocks)


def _block(line: int, column: int, block: str, plain: Plain) -> str:
    said = block.split("\n | ")[0].rstrip("\n")
    column = plain.column(line, column)
    for pattern, words in _REWORDED:
        said = pattern.sub(words, said)
    qualified = _QUALIFIED.match(said)
    if qualified is not None:
        # cel-go blames the first name, where this library blames the whole chain.
        column -= len(qualified[1])
        said = f"undeclared reference to '{qualified[1].partition('.')[0]}' (in container '')"
    source = plain.expression.split("\n")[line - 1]
    return f"ERROR: <input>:{line}:{column}: {said}\n | {source}\n | {'.' * (column - 1)}^"
