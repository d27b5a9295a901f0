"""JSONPath in the dialect of client-go `util/jsonpath`: templates with {range}, {end}, filters, unions, slices.

Follows https://kubernetes.io/docs/reference/kubectl/jsonpath/ with the library's own error texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson


class JsonPathError(ValueError):
    """A template that cannot be read, or an expression that does not fit the data."""


@dataclass(slots=True)
class Node:
    """`kind`: list text field array filter int float bool wildcard recursive union identifier."""

    kind: str
    value: Any = None
    nodes: list[Node] = field(default_factory=list)


# -- parsing ---------------------------------------------------------------------------------------------------------

_END = ""
_IDENTIFIER = re.compile(r"[A-Za-z0-9_]+$")
_ARRAY = re.compile(r"^(-?\d*)(:(-?\d*))?(:(-?\d*))?$")


class _Parser:
    """A hand-written scanner, as the original: it walks `text` and appends nodes to the current list."""

    def __init__(self, text: str):
        self.text = text
        self.pos = 0
        self.root = Node("list")

    def parse(self) -> Node:
        while self.pos < len(self.text):
            start = self.text.find("{", self.pos)
            literal = self.text[self.pos : start if start >= 0 else len(self.text)]
            if literal:
                self.root.nodes.append(Node("text", literal))
            if start < 0:
                break
            self.pos = start + 1
            action = Node("list")
            self.root.nodes.append(action)
            self._action(action)
        return self.root

    def _next(self) -> str:
        letter = self.text[self.pos] if self.pos < len(self.text) else _END
        self.pos += 1
        return letter

    def _peek(self) -> str:
        return self.text[self.pos] if self.pos < len(self.text) else _END

    def _action(self, current: Node) -> None:
        """Read until the closing brace."""
        while True:
            letter = self._next()
            if letter == "}":
                return
            if letter == _END or letter in "\n\r":
                raise JsonPathError("unclosed action")
            if letter == " " or letter in "@$":
                continue
            if letter == "[":
                self._array(current)
            elif letter in "\"'":
                self._quote(current, letter)
            elif letter == ".":
                self._field(current)
            elif letter in "+-" or letter.isdigit():
                self.pos -= 1
                self._number(current)
            elif letter.isalnum() or letter == "_":
                self.pos -= 1
                self._identifier(current)
            else:
                raise JsonPathError(f"unrecognized character in action: {_go_rune(letter)}")

    def _identifier(self, current: Node) -> None:
        start = self.pos
        while _terminator(self._peek()):
            self.pos += 1
        value = self.text[start : self.pos]
        if value in ("true", "false"):
            current.nodes.append(Node("bool", value == "true"))
        else:
            current.nodes.append(Node("identifier", value))

    def _number(self, current: Node) -> None:
        start = self.pos
        if self._peek() in "+-":
            self.pos += 1
        while self._peek() and (self._peek().isdigit() or self._peek() == "."):
            self.pos += 1
        value = self.text[start : self.pos]
        try:
            current.nodes.append(Node("int", int(value)) if "." not in value else Node("float", float(value)))
        except ValueError:
            raise JsonPathError(f"cannot parse number {value}") from None

    def _quote(self, current: Node, end: str) -> None:
        start = self.pos
        while True:
            letter = self._next()
            if letter == _END or letter == "\n":
                raise JsonPathError("unterminated quoted string")
            if letter == end and self.text[self.pos - 2] != "\\":
                break
        current.nodes.append(Node("text", unquote(self.text[start : self.pos - 1])))

    def _field(self, current: Node) -> None:
        if self._peek() == ".":
            self.pos += 1
            current.nodes.append(Node("recursive"))
            if self._peek() not in (_END, "[", "*", "}", "."):
                self._field_name(current)
            elif self._peek() == "*":
                self.pos += 1
                current.nodes.append(Node("wildcard"))
            return
        self._field_name(current)

    def _field_name(self, current: Node) -> None:
        value = ""
        while _terminator(self._peek()):
            letter = self._next()
            if letter == "\\":
                letter = self._next()
            value += letter
        if value == "*":
            current.nodes.append(Node("wildcard"))
        else:
            current.nodes.append(Node("field", value))

    def _array(self, current: Node) -> None:
        start = self.pos
        if self._peek() == "?":
            self.pos += 1
            if self._next() != "(":
                raise JsonPathError("unterminated filter")
            self._filter(current)
            return
        while True:
            letter = self._next()
            if letter == _END or letter == "\n":
                raise JsonPathError("unterminated array")
            if letter in "\"'":
                self._skip_quote(letter)
            if letter == "]":
                break
        self._array_text(current, self.text[start : self.pos - 1])

    def _skip_quote(self, end: str) -> None:
        while True:
            letter = self._next()
            if letter == _END:
                raise JsonPathError("unterminated array")
            if letter == end and self.text[self.pos - 2] != "\\":
                return

    def _array_text(self, current: Node, text: str) -> None:
        if text in ("*", ""):
            text = ":"
        quoted = re.fullmatch(r"'([^']*)'|\"([^\"]*)\"", text.strip())
        if quoted:
            path = Node("list")
            _Parser(f".{quoted[1] if quoted[1] is not None else quoted[2]}}}").into(path)._action(path)
            current.nodes += path.nodes
            return
        parts = _split_union(text)
        if len(parts) > 1:
            union = []
            for part in parts:
                inner = Node("list")
                _Parser("").into(inner)._array_text(inner, part.strip())
                union.append(inner)
            current.nodes.append(Node("union", union))
            return
        match = _ARRAY.match(text)
        if not match or text == "":
            raise JsonPathError(f"invalid array index {text}")
        current.nodes.append(Node("array", _bounds(match)))

    def into(self, root: Node) -> _Parser:
        self.root = root
        return self

    def _filter(self, current: Node) -> None:
        start = self.pos
        depth = 0
        while True:
            letter = self._next()
            if letter == _END or letter == "\n":
                raise JsonPathError("unterminated filter")
            if letter in "\"'":
                self._skip_quote(letter)
            elif letter == "(":
                depth += 1
            elif letter == ")":
                if depth == 0:
                    break
                depth -= 1
        text = self.text[start : self.pos - 1]
        if self._next() != "]":
            raise JsonPathError("unclosed array expect ]")
        current.nodes.append(_filter_node(text))


_OPERATOR = re.compile(r"^((?:[^!<>='\"]|'[^']*'|\"[^\"]*\")+?)\s*([!<>=]+)\s*(.+?)$", re.S)


def _filter_node(text: str) -> Node:
    match = _OPERATOR.match(text)
    if match is None:
        return Node("filter", ("exists", _inner(text), None))
    left, operator, right = match.groups()
    return Node("filter", (operator, _inner(left), _inner(right)))


def _inner(text: str) -> Node:
    node = Node("list")
    parser = _Parser(text.strip() + "}").into(node)
    parser._action(node)
    return node


def _terminator(letter: str) -> bool:
    """Whether a field name goes on."""
    return letter != _END and letter not in " \t\n\r.,[]()'\"@$|{}"


def _bounds(match: re.Match[str]) -> list[tuple[int, bool]]:
    """Return (value, known) of begin, end, step as the original's ParamsEntry."""
    text, first, has_end, step = match.group(0), match.group(1), match.group(2), match.group(5)
    begin = (int(first), True) if first not in ("", "-") else (0, False)
    if has_end is None:
        return [begin, (begin[0] + 1, True), (1, False)] if text else []
    end = (int(match.group(3)), True) if match.group(3) not in ("", "-", None) else (0, False)
    return [begin, end, (int(step), True) if step else (1, False), (1, True)]


def _split_union(text: str) -> list[str]:
    parts, here, quote = [], "", ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        if letter == "," and not quote:
            parts.append(here)
            here = ""
        else:
            here += letter
    return [*parts, here]


_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def unquote(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPED.get(match[1], match[0]), text)


def _go_rune(letter: str) -> str:
    return f"U+{ord(letter):04X} '{letter}'"


# -- evaluating ------------------------------------------------------------------------------------------------------


class JsonPath:
    """A parsed template. `allow_missing` makes absent keys print nothing instead of failing."""

    def __init__(self, template: str, *, allow_missing: bool = True, name: str = "out"):
        try:
            self.root = _Parser(template).parse()
        except RecursionError:
            raise JsonPathError("template is nested too deeply") from None
        self.allow_missing = allow_missing
        self.name = name

    def render(self, data: Any) -> str:
        """Return the text of the template."""
        return "".join(" ".join(map(show, group)) for group in self.results(data))

    def results(self, data: Any) -> list[list[Any]]:
        """Return one list of values for each action or literal, as FindResults does."""
        found: list[list[Any]] = []
        self._run(self.root.nodes, data, found)
        return found

    def _run(self, nodes: Sequence[Node], data: Any, found: list[list[Any]]) -> None:
        index = 0
        while index < len(nodes):
            node = nodes[index]
            if node.kind == "text":
                found.append([_Literal(node.value)])
            elif _is_keyword(node, "range"):
                end = _matching_end(nodes, index)
                values = self._evaluate(node.nodes[1:], [data])
                for value in values:
                    self._run(nodes[index + 1 : end], value, found)
                index = end
            elif _is_keyword(node, "end"):
                raise JsonPathError("not in range, nothing to end")
            else:
                found.append(self._evaluate(node.nodes, [data]))
            index += 1

    def _evaluate(self, nodes: Sequence[Node], values: list[Any]) -> list[Any]:
        for node in nodes:
            values = self._EVALUATORS[node.kind](self, node, values)
        return values

    def _field(self, node: Node, values: list[Any]) -> list[Any]:
        if not node.value:
            return values
        found = [value[node.value] for value in values if isinstance(value, dict) and node.value in value]
        if not found and not self.allow_missing:
            raise JsonPathError(f"{node.value} is not found")
        return found

    def _array(self, node: Node, values: list[Any]) -> list[Any]:
        found: list[Any] = []
        for value in values:
            if value is None or isinstance(value, dict) and not value:
                continue
            if not isinstance(value, list):
                raise JsonPathError(f"{go_type(value)} is not array or slice")
            found += self._sliced(node.value, value)
        return found

    def _sliced(self, bounds: list[tuple[int, bool]], value: list[Any]) -> list[Any]:
        size = len(value)
        (begin, _), (end, end_known), (step, _) = bounds[:3]
        single = len(bounds) == 3
        begin = begin + size if begin < 0 else begin
        if single:
            if not 0 <= begin < size:
                raise JsonPathError(f"array index out of bounds: index {bounds[0][0]}, length {size}")
            return [value[begin]]
        end = size if not end_known else (end + size if end <= 0 and bounds[1][0] < 0 else end)
        if step <= 0:
            raise JsonPathError("step must be > 0" if step < 0 else "step must be != 0")
        return value[max(begin, 0) : min(end, size) : step]

    def _wildcard(self, node: Node, values: list[Any]) -> list[Any]:
        found: list[Any] = []
        for value in values:
            if isinstance(value, list):
                found += value
            elif isinstance(value, dict):
                found += [value[key] for key in sorted(value)]
        return found

    def _recursive(self, node: Node, values: list[Any]) -> list[Any]:
        found: list[Any] = []
        for value in values:
            found += descend(value)
        return found

    def _union(self, node: Node, values: list[Any]) -> list[Any]:
        found: list[Any] = []
        for part in node.value:
            found += self._evaluate(part.nodes, values)
        return found

    def _filter(self, node: Node, values: list[Any]) -> list[Any]:
        operator, left, right = node.value
        found: list[Any] = []
        for value in values:
            if not isinstance(value, (list, dict)):
                raise JsonPathError(f"{go_show(value)} is not array or slice and cannot be filtered")
            items = value if isinstance(value, list) else [value[key] for key in sorted(value)]
            found += [item for item in items if self._holds(operator, left, right, item)]
        return found

    def _holds(self, operator: str, left: Node, right: Node | None, item: Any) -> bool:
        lefts = self._quietly(left, item)
        if operator == "exists":
            return bool(lefts)
        rights = self._quietly(right, item) if right is not None else []
        if not lefts:
            return False
        if len(lefts) > 1:
            raise JsonPathError("can only compare one element at a time")
        if not rights:
            return False
        compare = _OPERATORS.get(operator)
        if compare is None:
            raise JsonPathError(f"unrecognized filter operator {operator}")
        return compare(lefts[0], rights[0])

    def _quietly(self, node: Node, item: Any) -> list[Any]:
        """Evaluate inside a filter, where what is missing is no failure."""
        outer, self.allow_missing = self.allow_missing, True
        try:
            return self._evaluate(node.nodes, [item])
        except JsonPathError:
            return []
        finally:
            self.allow_missing = outer

    def _constant(self, node: Node, values: list[Any]) -> list[Any]:
        return [_Literal(node.value) if isinstance(node.value, str) else node.value for _ in values] or [node.value]

    def _identifier(self, node: Node, values: list[Any]) -> list[Any]:
        raise JsonPathError(f"unrecognized identifier {node.value}")

    _EVALUATORS: dict[str, Callable[[JsonPath, Node, list[Any]], list[Any]]] = {
        "field": _field, "array": _array, "wildcard": _wildcard, "recursive": _recursive, "union": _union,
        "filter": _filter, "int": _constant, "float": _constant, "bool": _constant, "text": _constant,
        "identifier": _identifier,
    }


class _Literal(str):
    """Text of the template, as opposed to a value that is text."""


def _is_keyword(node: Node, word: str) -> bool:
    return bool(node.nodes) and node.nodes[0].kind == "identifier" and node.nodes[0].value == word


def _matching_end(nodes: Sequence[Node], start: int) -> int:
    depth = 0
    for index in range(start + 1, len(nodes)):
        if _is_keyword(nodes[index], "range"):
            depth += 1
        elif _is_keyword(nodes[index], "end"):
            if depth == 0:
                return index
            depth -= 1
    return len(nodes)


def descend(value: Any) -> Iterator[Any]:
    """Yield the value and everything below it, parents first."""
    yield value
    if isinstance(value, dict):
        for key in sorted(value):
            yield from descend(value[key])
    elif isinstance(value, list):
        for item in value:
            yield from descend(item)


def _comparable(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return isinstance(left, bool) and isinstance(right, bool)
    if isinstance(left, str) or isinstance(right, str):
        return isinstance(left, str) and isinstance(right, str)
    return isinstance(left, (int, float)) and isinstance(right, (int, float))


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: _comparable(left, right) and bool(left == right),
    "!=": lambda left, right: _comparable(left, right) and bool(left != right),
    "<": lambda left, right: _comparable(left, right) and bool(left < right),
    "<=": lambda left, right: _comparable(left, right) and bool(left <= right),
    ">": lambda left, right: _comparable(left, right) and bool(left > right),
    ">=": lambda left, right: _comparable(left, right) and bool(left >= right),
}


def show(value: Any) -> str:
    """Print one value: text bare, maps and lists as compact JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    return str(value)


def go_type(value: Any) -> str:
    if isinstance(value, dict):
        return "map[string]interface {}"
    if isinstance(value, str):
        return "string"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int64"
    return "float64" if isinstance(value, float) else "[]interface {}"


def go_show(value: Any) -> str:
    """Print as Go's %v."""
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{go_show(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(go_show, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "<nil>" if value is None else str(value)


_RELAXED = re.compile(r"^\{\.?([^{}]+)\}$|^\.?([^{}]+)$")


def relaxed(expression: str) -> str:
    """Accept `x.y`, `.x.y`, `{x.y}` and `{.x.y}`, as sort-by and custom-columns do (RelaxedJSONPathExpression)."""
    if not expression:
        return expression
    match = _RELAXED.match(expression)
    if match is None:
        raise JsonPathError(
            "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or "
            "'{.name1.name2}'"
        )
    return "{." + (match[1] or match[2]) + "}"
