"""Compiled expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cluster.machinery.cel.evaluator import Step, build, run
from cluster.machinery.cel.frontend import CompileError, FrontEnd
from cluster.machinery.cel.shapes import Declared
from cluster.machinery.cel.syntax import names
from cluster.machinery.cel.values import CelError


@dataclass(frozen=True, slots=True)
class Program:
    """One expression, ready to run. `result` is the type the checker found: `bool`, `list<string>`, `dyn` …"""

    expression: str
    result: str
    step: Step
    names: frozenset[str]  # the variables it mentions

    def evaluate(self, bindings: Mapping[str, Any]) -> Any:
        """Return the value for these variables, JSON values or those of `values`; raise CelError."""
        return run(self.step, bindings)

    def gives(self, *types: str) -> bool:
        """Say whether the result is, or may turn out to be, of one of these types."""
        return self.result in (*types, "dyn", "any")


def broken(expression: str, why: str) -> Program:
    """Return the program of an expression that does not compile: evaluating it says why."""

    def fail(env: dict[str, Any]) -> Any:
        raise CelError(why)

    return Program(expression, "dyn", fail, frozenset())


class Compiler:
    """Compiles expressions over one set of variables."""

    def __init__(self, variables: Mapping[str, Declared]):
        self.variables = variables
        self._front = FrontEnd(variables)

    def compile(self, expression: str) -> Program:
        """Return the program; raise CompileError with `compilation failed: ERROR: <input>:1:7: …`."""
        try:
            node, result = self._front.compile(expression)
        except CompileError as error:
            raise CompileError(f"compilation failed: {error}") from None
        return Program(expression, result, build(node, self.variables), names(node))


def compile(expression: str, variables: Mapping[str, Declared]) -> Program:  # noqa: A001 - what it does
    """Compile one expression; whoever has several over the same variables keeps a `Compiler`."""
    return Compiler(variables).compile(expression)


@lru_cache(maxsize=256)
def _loose(expression: str, names: tuple[str, ...]) -> Program:
    return compile(expression, dict.fromkeys(names, "dyn"))


def evaluate(expression: str, bindings: Mapping[str, Any]) -> Any:
    """Compile (once) and evaluate an expression over JSON values of any type; raise CompileError or CelError."""
    return _loose(expression, tuple(sorted(bindings))).evaluate(bindings)
