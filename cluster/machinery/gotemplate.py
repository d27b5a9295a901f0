"""Go's text/template, as far as `kubectl -o go-template` and charts need it.

Actions, pipelines, variables, if/else/range/with/define/template/block/break/continue, trim markers, comments,
parentheses, field chains, and the built-in functions; further functions are handed in. Method calls and
channels have no meaning on JSON data.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cluster.machinery.jsonpath import go_show


class TemplateError(ValueError):
    """A template that cannot be parsed, or that fails on its data."""


class _Break(Exception):
    pass


class _Continue(Exception):
    pass


@dataclass(slots=True)
class Node:
    """`kind`: text, pipe, if, range, with, define, template, break, continue."""

    kind: str
    value: Any = None
    body: list[Node] = field(default_factory=list)
    other: list[Node] = field(default_factory=list)
    line: int = 1


@dataclass(slots=True)
class Pipe:
    """`declared` names what receives the value; each command is a list of operands."""

    declared: list[str]
    assign: bool
    commands: list[list[Any]]


@dataclass(frozen=True, slots=True)
class Operand:
    """`kind`: literal, field (a chain from the dot), variable (a chain from $x), call (a function), pipe, dot."""

    kind: str
    value: Any
    chain: tuple[str, ...] = ()


_ACTION = re.compile(r"\{\{(?:-(?=\s))?\s*(/\*.*?\*/\s*|(?:\"(?:\\.|[^\"\\])*\"|`[^`]*`|'(?:\\.|[^'\\])*'|.)*?)"
                     r"\s*(?:(?<=\s)-)?\}\}", re.S)
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:\\.|[^"\\\n])*"|`[^`]*`)|(?P<char>'(?:\\.|[^'\\\n])+')|(?P<number>[-+]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+))
    |(?P<variable>\$[A-Za-z0-9_]*)|(?P<field>\.[A-Za-z_][A-Za-z0-9_]*)|(?P<dot>\.)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<assign>:=|=)|(?P<mark>[|(),]))""", re.X)


def _split(text: str) -> list[tuple[str, str, int]]:
    """Cut into ("text"|"action", content, line), trim markers applied."""
    found: list[tuple[str, str, int]] = []
    position, trim_next = 0, False
    while True:
        start = text.find("{{", position)
        literal = text[position : start if start >= 0 else len(text)]
        if trim_next:
            literal = literal.lstrip()
        line = text.count("\n", 0, start if start >= 0 else len(text)) + 1
        if start < 0:
            found.append(("text", literal, line))
            return found
        match = _ACTION.match(text, start)
        if match is None:
            raise TemplateError(f"output:{line}: unclosed action")
        raw = match.group(0)
        if re.match(r"\{\{-\s", raw):
            literal = literal.rstrip()
        found.append(("text", literal, line))
        content = raw[2:-2]
        content = content[1:] if re.match(r"-\s", content) else content
        trim_next = bool(re.search(r"\s-$", content))
        content = content[:-1] if trim_next else content
        found.append(("action", content.strip(), line))
        position = match.end()


_FUNCTIONS_WITHOUT_BODY = ("break", "continue")


class _Parser:
    def __init__(self, text: str, functions: Mapping[str, Any], name: str):
        try:
            self.parts = _split(text)
        except TemplateError as problem:
            raise TemplateError(f"template: {str(problem).replace('output', name, 1)}") from None
        self.position = 0
        self.functions = functions
        self.name = name
        self.defined: dict[str, list[Node]] = {}

    def fail(self, line: int, problem: str) -> TemplateError:
        return TemplateError(f"template: {self.name}:{line}: {problem}")

    def parse(self) -> list[Node]:
        body, ending, line = self._body()
        if ending:
            raise self.fail(line, f"unexpected {{{{{ending}}}}}")
        return body

    def _body(self) -> tuple[list[Node], str, int]:
        """Read nodes until {{end}} or {{else…}}; return what ended them."""
        nodes: list[Node] = []
        while self.position < len(self.parts):
            kind, content, line = self.parts[self.position]
            self.position += 1
            if kind == "text":
                if content:
                    nodes.append(Node("text", content))
                continue
            word = content.split(None, 1)[0] if content else ""
            if word in ("end", "else"):
                return nodes, content, line
            if not content.startswith("/*"):
                self._action(nodes, word, content, line)
        return nodes, "", self.parts[-1][2] if self.parts else 1

    def _action(self, nodes: list[Node], word: str, content: str, line: int) -> None:
        rest = content[len(word) :].strip()
        if word in ("if", "range", "with"):
            nodes.append(self._block(word, rest, line))
        elif word in ("define", "block"):
            name, _, argument = _first_string(rest)
            self.defined[name], _, _ = self._body()
            if word == "block":
                nodes.append(Node("template", (name, self._pipe(argument, line) if argument else None), line=line))
        elif word == "template":
            name, _, argument = _first_string(rest)
            nodes.append(Node("template", (name, self._pipe(argument, line) if argument else None), line=line))
        elif word in _FUNCTIONS_WITHOUT_BODY:
            nodes.append(Node(word, line=line))
        elif not content:
            raise self.fail(line, "missing value for command")
        else:
            nodes.append(Node("pipe", self._pipe(content, line), line=line))

    def _block(self, word: str, rest: str, line: int) -> Node:
        if not rest:
            raise self.fail(line, f"missing value for {word}")
        node = Node(word, self._pipe(rest, line), line=line)
        node.body, ending, end_line = self._body()
        if not ending:
            raise self.fail(end_line, "unexpected EOF")
        if ending.startswith("else"):
            again = ending[4:].strip()
            if again:
                inner = again.split(None, 1)[0]
                node.other = [self._block(inner, again[len(inner) :].strip(), end_line)]
            else:
                node.other, ending, end_line = self._body()
                if not ending:
                    raise self.fail(end_line, "unexpected EOF")
        return node

    # pipelines

    def _pipe(self, text: str, line: int) -> Pipe:
        tokens = self._tokens(text, line)
        pipe, rest = self._pipe_tokens(tokens, line)
        if rest:
            raise self.fail(line, f"unexpected {rest[0][1]!r} in operand")
        return pipe

    def _tokens(self, text: str, line: int) -> list[tuple[str, str, bool]]:
        tokens: list[tuple[str, str, bool]] = []
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if match is None or match.end() == position:
                letter = text[position:].strip()[:1]
                raise self.fail(line, f"unexpected {letter!r} in command")
            kind = str(match.lastgroup)
            spaced = match.start(kind) > position or position == 0
            tokens.append((kind, match.group(kind), spaced))
            position = match.end()
        return tokens

    def _pipe_tokens(self, tokens: list[tuple[str, str, bool]], line: int) -> tuple[Pipe, list[tuple[str, str, bool]]]:
        declared, assign, tokens = _declaration(tokens)
        pipe = Pipe(declared, assign, [[]])
        while tokens:
            kind, text, spaced = tokens[0]
            if kind == "mark" and text == ")":
                break
            if kind == "mark" and text == "|":
                tokens = tokens[1:]
                pipe.commands.append([])
                continue
            operand, tokens = self._operand(tokens, line)
            pipe.commands[-1].append(operand)
        if not all(pipe.commands):
            raise self.fail(line, "missing value for command")
        return pipe, tokens

    def _operand(self, tokens: list[tuple[str, str, bool]], line: int) -> tuple[Operand, list[tuple[str, str, bool]]]:
        kind, text, _ = tokens[0]
        tokens = tokens[1:]
        if kind == "mark" and text == "(":
            inner, tokens = self._pipe_tokens(tokens, line)
            if not tokens or tokens[0][1] != ")":
                raise self.fail(line, "unclosed left paren")
            chain, tokens = _chain(tokens[1:])
            return Operand("pipe", inner, chain), tokens
        if kind == "field":
            chain, tokens = _chain(tokens)
            return Operand("field", None, (text[1:], *chain)), tokens
        if kind == "variable":
            chain, tokens = _chain(tokens)
            return Operand("variable", text, chain), tokens
        if kind == "dot":
            return Operand("dot", None), tokens
        if kind == "word":
            return self._word(text, line), tokens
        if kind in ("string", "char", "number"):
            return Operand("literal", _literal(kind, text)), tokens
        raise self.fail(line, f'unexpected "{text}" in operand')

    def _word(self, text: str, line: int) -> Operand:
        constants: dict[str, Any] = {"true": True, "false": False, "nil": None}
        if text in constants:
            return Operand("literal", constants[text])
        if text not in self.functions:
            raise self.fail(line, f'function "{text}" not defined')
        return Operand("call", text)


def _declaration(tokens: list[tuple[str, str, bool]]) -> tuple[list[str], bool, list[tuple[str, str, bool]]]:
    kinds = [kind for kind, _, _ in tokens[:4]]
    if kinds[:2] == ["variable", "assign"]:
        return [tokens[0][1]], tokens[1][1] == "=", tokens[2:]
    if kinds[:4] == ["variable", "mark", "variable", "assign"] and tokens[1][1] == ",":
        return [tokens[0][1], tokens[2][1]], False, tokens[4:]
    return [], False, tokens


def _chain(tokens: list[tuple[str, str, bool]]) -> tuple[tuple[str, ...], list[tuple[str, str, bool]]]:
    found: list[str] = []
    while tokens and tokens[0][0] == "field" and not tokens[0][2]:
        found.append(tokens[0][1][1:])
        tokens = tokens[1:]
    return tuple(found), tokens


def _first_string(text: str) -> tuple[str, str, str]:
    match = _TOKEN.match(text)
    if match is None or match.lastgroup != "string":
        raise TemplateError("template: missing name")
    return str(_literal("string", match.group("string"))), "", text[match.end() :].strip()


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def _literal(kind: str, text: str) -> Any:
    if kind == "string":
        if text[0] == "`":
            return text[1:-1]
        return re.sub(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", _unescape, text[1:-1])
    if kind == "char":
        return ord(_ESCAPES.get(text[2], text[2]) if text[1] == "\\" else text[1])
    return int(text, 0) if re.fullmatch(r"[-+]?(0[xX][0-9a-fA-F]+|\d+)", text) and not re.fullmatch(
        r"[-+]?0\d+", text) else float(text)


def _unescape(match: re.Match[str]) -> str:
    word = match[1]
    return chr(int(word[1:], 16)) if word[0] in "ux" and len(word) > 1 else _ESCAPES.get(word, word)


# -- execution -------------------------------------------------------------------------------------------------------

NO_VALUE = "<no value>"


class _Missing:
    """What a missing map key gives: false in tests, `<no value>` when printed."""

    def __bool__(self) -> bool:
        return False


MISSING = _Missing()


class Template:
    """A parsed template. `missing_key`: default, or error."""

    def __init__(
        self, text: str, *, functions: Mapping[str, Callable[..., Any]] | None = None, missing_key: str = "default",
        name: str = "output",
    ):
        self.functions: dict[str, Any] = {**BUILTINS, **(functions or {})}
        parser = _Parser(text, self.functions, name)
        self.name = name
        self.nodes = parser.parse()
        self.defined = parser.defined
        self.missing_key = missing_key

    def render(self, data: Any) -> str:
        out: list[str] = []
        self._run(self.nodes, data, [{"$": data}], out)
        return "".join(out)

    def _run(self, nodes: Sequence[Node], dot: Any, scopes: list[dict[str, Any]], out: list[str]) -> None:
        for node in nodes:
            if node.kind == "text":
                out.append(node.value)
            elif node.kind == "pipe":
                value = self._pipe(node.value, dot, scopes)
                if not node.value.declared:
                    out.append(_printed(value))
            elif node.kind in ("if", "with"):
                self._test(node, dot, scopes, out)
            elif node.kind == "range":
                self._range(node, dot, scopes, out)
            elif node.kind == "template":
                self._template(node, dot, scopes, out)
            else:
                raise _Break if node.kind == "break" else _Continue

    def _test(self, node: Node, dot: Any, scopes: list[dict[str, Any]], out: list[str]) -> None:
        inner = [*scopes, {}]
        value = self._pipe(node.value, dot, inner)
        if truth(value):
            self._run(node.body, value if node.kind == "with" else dot, inner, out)
        else:
            self._run(node.other, dot, inner, out)

    def _range(self, node: Node, dot: Any, scopes: list[dict[str, Any]], out: list[str]) -> None:
        pipe: Pipe = node.value
        value = self._pipe(Pipe([], False, pipe.commands), dot, scopes)
        pairs = self._pairs(value, node)
        for key, item in pairs:
            names = {} if not pipe.declared else (
                {pipe.declared[0]: item} if len(pipe.declared) == 1 else
                {pipe.declared[0]: key, pipe.declared[1]: item})
            try:
                self._run(node.body, item, [*scopes, names], out)
            except _Break:
                break
            except _Continue:
                continue
        if not pairs:
            self._run(node.other, dot, scopes, out)

    def _pairs(self, value: Any, node: Node) -> list[tuple[Any, Any]]:
        if isinstance(value, dict):
            return [(key, value[key]) for key in sorted(value)]
        if isinstance(value, (list, tuple)):
            return list(enumerate(value))
        if isinstance(value, int) and not isinstance(value, bool):
            return [(number, number) for number in range(value)]
        if value is None or value is MISSING:
            return []
        raise self._fail(node, f"range can't iterate over {go_show(value)}")

    def _fail(self, node: Node, problem: str) -> TemplateError:
        return TemplateError(f"template: {self.name}:{node.line}: executing \"{self.name}\": {problem}")

    def _template(self, node: Node, dot: Any, scopes: list[dict[str, Any]], out: list[str]) -> None:
        name, pipe = node.value
        if name not in self.defined:
            raise self._fail(node, f'template "{name}" not defined')
        data = self._pipe(pipe, dot, scopes) if pipe else None
        self._run(self.defined[name], data, [{"$": data}], out)

    def _pipe(self, pipe: Pipe, dot: Any, scopes: list[dict[str, Any]]) -> Any:
        value: Any = _NOTHING
        for command in pipe.commands:
            value = self._command(command, value, dot, scopes)
        for name in pipe.declared:
            if pipe.assign:
                for scope in reversed(scopes):
                    if name in scope:
                        scope[name] = value
                        break
            else:
                scopes[-1][name] = value
        return value

    def _command(self, command: list[Operand], given: Any, dot: Any, scopes: list[dict[str, Any]]) -> Any:
        head = command[0]
        extra = [] if given is _NOTHING else [given]
        if head.kind != "call":
            if len(command) > 1 or extra:
                raise TemplateError(f"template: {self.name}:1: can't give argument to non-function")
            return self._value(head, dot, scopes)
        if head.value in ("and", "or"):
            return self._short(head.value, command[1:], extra, dot, scopes)
        arguments = [self._value(operand, dot, scopes) for operand in command[1:]] + extra
        try:
            return self.functions[head.value](*[None if one is MISSING else one for one in arguments])
        except (TypeError, ValueError, KeyError, IndexError) as problem:
            raise TemplateError(
                f'template: {self.name}:1: executing "{self.name}" at <{head.value}>: error calling {head.value}: '
                f"{problem}") from None

    def _short(self, word: str, operands: list[Operand], extra: list[Any], dot: Any, scopes: list[dict[str, Any]]
               ) -> Any:
        value: Any = None
        for operand in operands:
            value = self._value(operand, dot, scopes)
            if truth(value) == (word == "or"):
                return value
        return extra[0] if extra else value

    def _value(self, operand: Operand, dot: Any, scopes: list[dict[str, Any]]) -> Any:
        if operand.kind == "literal":
            return operand.value
        if operand.kind == "dot":
            return dot
        if operand.kind == "call":
            return self._command([operand], _NOTHING, dot, scopes)
        if operand.kind == "field":
            return self._walk(dot, operand.chain)
        if operand.kind == "pipe":
            return self._walk(self._pipe(operand.value, dot, scopes), operand.chain)
        for scope in reversed(scopes):
            if operand.value in scope:
                return self._walk(scope[operand.value], operand.chain)
        raise TemplateError(f'template: {self.name}:1: undefined variable "{operand.value}"')

    def _walk(self, value: Any, chain: Sequence[str]) -> Any:
        for word in chain:
            if isinstance(value, dict):
                if word in value:
                    value = value[word]
                elif self.missing_key == "error":
                    raise TemplateError(f'template: {self.name}:1: executing "{self.name}" at <.{word}>: map has no '
                                        f'entry for key "{word}"')
                else:
                    value = MISSING
            elif value is None or value is MISSING:
                value = MISSING
            else:
                raise TemplateError(f'template: {self.name}:1: executing "{self.name}" at <.{".".join(chain)}>: '
                                    f"can't evaluate field {word} in type interface {{}}")
        return value


_NOTHING: Any = object()


def truth(value: Any) -> bool:
    return bool(value)


def _printed(value: Any) -> str:
    if value is None or value is MISSING:
        return NO_VALUE
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return value if isinstance(value, str) else go_show(value)


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, (list, str)):
            if not 0 <= key < len(value):
                raise ValueError(f"index out of range: {key}")
            value = value[key]
        elif value is None:
            raise ValueError("index of untyped nil")
        else:
            raise ValueError(f"can't index item of type {type(value).__name__}")
    return value


def _compare(check: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        if isinstance(left, str) != isinstance(right, str):
            raise ValueError("incompatible types for comparison")
        return check(left, right)

    return compare


def _equal(first: Any, *others: Any) -> bool:
    return any(first == other and isinstance(first, bool) == isinstance(other, bool) for other in others)


def _printf(form: str, *values: Any) -> str:
    queue = list(values)

    def one(match: re.Match[str]) -> str:
        flags, verb = match.groups()
        if verb == "%":
            return "%"
        if not queue:
            return f"%!{verb}(MISSING)"
        value = queue.pop(0)
        if verb in "sv":
            return f"%{flags}s" % _printed(value) if value is not None else "<nil>"
        if verb == "q":
            return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        if verb == "t":
            return "true" if value else "false"
        if verb == "T":
            return type(value).__name__
        return str(f"%{flags}{verb}" % value)

    return re.sub(r"%([-+# 0]*\d*(?:\.\d+)?)([a-zA-Z%])", one, form)


def _print(*values: Any) -> str:
    out = ""
    for index, value in enumerate(values):
        if index and not isinstance(value, str) and not isinstance(values[index - 1], str):
            out += " "
        out += _printed(value)
    return out


def _length(value: Any) -> int:
    if value is None:
        raise ValueError("len of nil pointer")
    return len(value.encode()) if isinstance(value, str) else len(value)


def _slice(value: Any, *bounds: int) -> Any:
    return value[slice(*bounds)] if len(bounds) > 1 else value[bounds[0] :] if bounds else value


def _exists(value: Any, *keys: Any) -> bool:
    try:
        return _index(value, *keys) is not None
    except (ValueError, TypeError):
        return False


def _base64decode(text: str) -> str:
    import base64

    return base64.b64decode(text).decode(errors="replace")


BUILTINS: dict[str, Callable[..., Any]] = {
    "and": lambda *values: values, "or": lambda *values: values, "not": lambda value: not truth(value),
    "eq": _equal, "ne": lambda left, right: not _equal(left, right),
    "lt": _compare(lambda left, right: left < right), "le": _compare(lambda left, right: left <= right),
    "gt": _compare(lambda left, right: left > right), "ge": _compare(lambda left, right: left >= right),
    "len": _length, "index": _index, "slice": _slice, "print": _print, "printf": _printf,
    "println": lambda *values: " ".join(map(_printed, values)) + "\n",
    "html": lambda *values: html.escape(_print(*values)), "js": lambda *values: _print(*values),
    "urlquery": lambda *values: _print(*values), "exists": _exists, "base64decode": _base64decode,
}
