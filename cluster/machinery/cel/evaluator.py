"""Turns a syntax tree into nested Python functions, and runs them.

Everything is a function of the bindings alone. Loops are counted, as the real server's cost budget does: an
expression that takes too many steps is given up in its words. Logical operators follow CEL: an error on one side
does not matter when the other side decides.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from cluster.machinery.cel.library.operators import OPERATORS
from cluster.machinery.cel.library.registry import FUNCTIONS
from cluster.machinery.cel.syntax import Call, Constant, Entry, Fold, ListNode, Name, Node, Select, Struct
from cluster.machinery.cel.values import CelError, Message, Optional, TypeName, no_overload

Env = dict[str, Any]
Step = Callable[[Env], Any]

STEPS = 200_000  # of all loops of one evaluation
_COUNT = "@steps"
_TYPES = {
    name: TypeName(name)
    for name in (
        *("bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type", "optional_type"),
        *("google.protobuf.Timestamp", "google.protobuf.Duration"),
    )
}


def run(step: Step, bindings: Mapping[str, Any]) -> Any:
    """Evaluate with these variables; raise CelError."""
    try:
        return step({**bindings, _COUNT: [STEPS]})
    except _OverBudget:
        raise CelError("operation cancelled: actual cost limit exceeded") from None
    except RecursionError:
        raise CelError("expression is nested too deeply") from None


def build(node: Node, variables: Collection[str]) -> Step:
    """Return the function of a tree whose free names are `variables` (names with dots among them)."""
    return _Builder(frozenset(variables)).build(node)


class _Builder:
    """Builds one expression; `variables` are those known at this place, loop variables included."""

    def __init__(self, variables: frozenset[str]):
        self.variables = variables

    def build(self, node: Node) -> Step:
        return _BUILDERS[type(node)](self, node)

    def constant(self, node: Constant) -> Step:
        value = node.value
        return lambda env: value

    def name(self, node: Name) -> Step:
        name = node.name
        if name not in self.variables and name in _TYPES:
            return self.constant(Constant(_TYPES[name]))

        def read(env: Env) -> Any:
            if name in env:
                value = env[name]
                if type(value) is CelError:
                    raise value
                return value() if type(value) is Lazy else value
            raise CelError(f"no such attribute(s): {name}")

        return read

    def select(self, node: Select) -> Step:
        path = _path(node)
        if path is not None and (path in self.variables or path in _TYPES):
            return self.name(Name(path))
        operand, field = self.build(node.operand), node.field
        if node.tests:
            return lambda env: _has(operand(env), field)
        return lambda env: _field(operand(env), field)

    def call(self, node: Call) -> Step:
        special = _SPECIAL.get(node.function)
        if special is not None:
            return special(self, node)
        operator = OPERATORS.get(node.function)
        if operator is not None:
            return _applied(operator, [self.build(one) for one in node.arguments])
        space = _path(node.target) if node.target is not None else None
        free = space is not None and space.partition(".")[0] not in self.variables
        if free and (f"{space}.{node.function}", False, len(node.arguments)) in FUNCTIONS:
            return self._function(f"{space}.{node.function}", None, node.arguments)
        return self._function(node.function, node.target, node.arguments)

    def _function(self, name: str, target: Node | None, arguments: tuple[Node, ...]) -> Step:
        nodes = arguments if target is None else (target, *arguments)
        function = FUNCTIONS.get((name, target is not None, len(nodes)), _unknown)
        return _applied(function, [self.build(one) for one in nodes])

    def list(self, node: ListNode) -> Step:
        items = [self.build(item) for item in node.items]
        if not node.optional:
            return lambda env: [item(env) for item in items]
        optional = node.optional

        def make(env: Env) -> Any:
            made: list[Any] = []
            for place, item in enumerate(items):
                value = item(env)
                if place not in optional:
                    made.append(value)
                elif value.has:
                    made.append(value.item)
            return made

        return make

    def struct(self, node: Struct) -> Step:
        entries = [self._entry(entry) for entry in node.entries]
        type_name = node.type_name.removeprefix(".")

        def make(env: Env) -> Any:
            made: dict[Any, Any] = {}
            for key, value, optional in entries:
                item = value(env)
                if not optional:
                    made[key(env)] = item
                elif item.has:
                    made[key(env)] = item.item
            return Message(type_name, made) if type_name else made

        return make

    def _entry(self, entry: Entry) -> tuple[Step, Step, bool]:
        key = self.constant(Constant(entry.key)) if isinstance(entry.key, str) else self.build(entry.key)
        return key, self.build(entry.value), entry.optional

    def fold(self, node: Fold) -> Step:
        inner = _Builder(self.variables | {node.variable, node.second, node.carried})
        if isinstance(node.range, ListNode) and not node.range.items:
            return self._bound(node, inner)
        whole, start = self.build(node.range), self.build(node.start)
        condition, step, result = inner.build(node.condition), inner.build(node.step), inner.build(node.result)
        variable, second, carried = node.variable, node.second, node.carried
        # A loop that may end early carries an error along: a later item may decide all the same.
        advance = step if isinstance(node.condition, Constant) else _kept(step)

        def loop(env: Env) -> Any:
            scope = dict(env)
            scope[carried] = start(env)
            for key, value in _pairs(whole(env), bool(second)):
                scope[variable], scope[second] = key, value
                if condition(scope) is False:
                    break
                _count(scope)
                scope[carried] = advance(scope)
            return result(scope)

        return loop

    def _bound(self, node: Fold, inner: _Builder) -> Step:
        """`cel.bind` is a loop over nothing that carries its value."""
        start, result, carried = self.build(node.start), inner.build(node.result), node.carried
        return lambda env: result({**env, carried: start(env)})

    def both(self, node: Call) -> Step:
        return self._logic(node, decides=False)

    def either(self, node: Call) -> Step:
        return self._logic(node, decides=True)

    def _logic(self, node: Call, *, decides: bool) -> Step:
        left, right = (self.build(one) for one in node.arguments)

        def judge(env: Env) -> Any:
            failed: CelError | None = None
            try:
                first = left(env)
                if first is decides:
                    return decides
                if first is not (not decides):
                    failed = no_overload()
            except CelError as error:
                failed = error
            second = right(env)
            if second is decides:
                return decides
            if failed is not None:
                raise failed
            if second is not (not decides):
                raise no_overload()
            return not decides

        return judge

    def choice(self, node: Call) -> Step:
        test, yes, no = (self.build(one) for one in node.arguments)

        def choose(env: Env) -> Any:
            found = test(env)
            if found is True:
                return yes(env)
            if found is False:
                return no(env)
            raise no_overload()

        return choose

    def negation(self, node: Call) -> Step:
        operand = self.build(node.arguments[0])

        def negate(env: Env) -> bool:
            value = operand(env)
            if value is True or value is False:
                return not value
            raise no_overload()

        return negate

    def lenient(self, node: Call) -> Step:
        """`@not_strictly_false`: an error does not end a loop."""
        operand = self.build(node.arguments[0])

        def judge(env: Env) -> bool:
            try:
                return operand(env) is not False
            except CelError:
                return True

        return judge

    def alternative(self, node: Call) -> Step:
        """`or` and `orValue` of optionals look at the other only when they must."""
        if node.target is None or len(node.arguments) != 1:
            return self._function(node.function, node.target, node.arguments)
        first, other, unwrap = self.build(node.target), self.build(node.arguments[0]), node.function == "orValue"

        def choose(env: Env) -> Any:
            value = first(env)
            if type(value) is not Optional:
                raise no_overload()
            if not value.has:
                return other(env)
            return value.item if unwrap else value

        return choose


class Lazy:
    """A variable whose value is worked out when it is first asked for, and kept."""

    __slots__ = ("_make", "_made")

    def __init__(self, make: Callable[[], Any]):
        self._make: Callable[[], Any] | None = make
        self._made: Any = None

    def __call__(self) -> Any:
        if self._make is not None:
            self._made = self._make()
            self._make = None
        return self._made


def _kept(step: Step) -> Step:
    """Return a step whose error is its value; reading that raises it."""

    def advance(env: Env) -> Any:
        try:
            return step(env)
        except CelError as error:
            return error

    return advance


def _path(node: Node) -> str | None:
    """Return `a.b.c` for a chain of names."""
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Select) and not node.tests:
        inner = _path(node.operand)
        return f"{inner}.{node.field}" if inner is not None else None
    return None


def _field(value: Any, field: str) -> Any:
    kind = type(value)
    if kind is dict:
        if field in value:
            found = value[field]
            return found() if type(found) is Lazy else found
        raise CelError(f"no such key: {field}")
    if kind is Message:
        if field in value.fields:
            return value.fields[field]
        raise CelError(f"no such key: {field}")
    if kind is Optional:
        return Optional(_field(value.item, field), True) if value.has and _has(value.item, field) else Optional()
    raise CelError(f"no such key: {field}")


def _has(value: Any, field: str) -> bool:
    if type(value) is Optional:
        return value.has and _has(value.item, field)
    if type(value) is Message:
        return field in value.fields
    return type(value) is dict and field in value


def _pairs(whole: Any, with_values: bool) -> Collection[tuple[Any, Any]]:
    if type(whole) is dict:
        return list(whole.items())
    if type(whole) is list:
        return list(enumerate(whole)) if with_values else [(item, None) for item in whole]
    raise no_overload()


def _count(env: Env) -> None:
    left = env[_COUNT]
    left[0] -= 1
    if left[0] < 0:
        raise _OverBudget


class _OverBudget(Exception):
    """Too many steps: no logical operator may swallow this, so it is no CelError yet."""


def _applied(function: Callable[..., Any], parts: list[Step]) -> Step:
    if len(parts) == 1:
        only = parts[0]
        return lambda env: function(only(env))
    if len(parts) == 2:
        left, right = parts
        return lambda env: function(left(env), right(env))
    return lambda env: function(*[part(env) for part in parts])


def _unknown(*values: Any) -> Any:
    raise no_overload()


_SPECIAL: Mapping[str, Callable[[_Builder, Call], Step]] = {
    "_&&_": _Builder.both,
    "_||_": _Builder.either,
    "_?_:_": _Builder.choice,
    "!_": _Builder.negation,
    "@not_strictly_false": _Builder.lenient,
    "or": _Builder.alternative,
    "orValue": _Builder.alternative,
}

_BUILDERS: Mapping[type, Callable[[_Builder, Any], Step]] = {
    Constant: _Builder.constant,
    Name: _Builder.name,
    Select: _Builder.select,
    Call: _Builder.call,
    ListNode: _Builder.list,
    Struct: _Builder.struct,
    Fold: _Builder.fold,
}
