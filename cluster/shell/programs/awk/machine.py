"""Running an awk program over its input. Values are str, float, or `Given` (text from input that may be a number)."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cluster.shell.calls import ShellCall
from cluster.shell.programs.awk.grammar import AwkFault, Node, Program, unescape
from cluster.shell.programs.regexes import python_regex

escapes = unescape
_NUMBER = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_STEPS = 2_000_000


_BINARY: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
    "^": operator.pow,
}


class Given(str):
    """Text from input: compares as a number when it looks like one."""

    __slots__ = ()


UNSET = Given("")  # a variable never assigned: both 0 and ""


class _Signal(Exception):
    def __init__(self, kind: str, value: Any = None):
        self.kind = kind
        self.value = value
        super().__init__(kind)


def number(value: Any) -> float:
    if isinstance(value, float):
        return value
    match = _NUMBER.match(str(value))
    return float(match.group()) if match else 0.0


class Machine:
    def __init__(self, call: ShellCall, program: Program):
        self.call = call
        self.program = program
        self.variables: dict[str, Any] = {
            "FS": " ", "OFS": " ", "ORS": "\n", "RS": "\n", "NR": 0.0, "NF": 0.0, "FNR": 0.0, "SUBSEP": "\x1c",
            "FILENAME": "", "CONVFMT": "%.6g", "OFMT": "%.6g", "RSTART": 0.0, "RLENGTH": -1.0,
            "ENVIRON": {name: Given(value) for name, value in call.environ.items()},
        }  # fmt: skip
        self.locals: list[dict[str, Any]] = []
        self.record = ""
        self.fields: list[Any] | None = []
        self.ranges: set[int] = set()
        self.written: set[str] = set()
        self.steps = 0
        self.seed = 0

    def given(self, text: str) -> Given:
        return Given(text)

    # -- running -----------------------------------------------------------------------------------

    def run(self, inputs: Sequence[tuple[str, bytes]], assigns: Sequence[str]) -> int:
        code = 0
        try:
            for body in self.program.begin:
                self.do(body)
            for word in assigns:
                name, _, value = word.partition("=")
                self.variables[name] = Given(unescape(value))
            self._records(inputs)
        except _Signal as signal:
            if signal.kind != "exit":
                raise AwkFault(f"{signal.kind} is not allowed here") from None
            code = int(number(signal.value)) if signal.value is not None else 0
        try:
            for body in self.program.end:
                self.do(body)
        except _Signal as signal:
            code = int(number(signal.value)) if signal.value is not None else code
        return code

    def _records(self, inputs: Sequence[tuple[str, bytes]]) -> None:
        for name, data in inputs:
            self.variables["FILENAME"] = "" if name == "-" else name
            self.variables["FNR"] = 0.0
            for line in self._split_records(data.decode("utf-8", "surrogateescape")):
                self.variables["NR"] += 1
                self.variables["FNR"] += 1
                self.set_record(line)
                try:
                    self._rules()
                except _Signal as signal:
                    if signal.kind != "next":
                        raise

    def _split_records(self, text: str) -> list[str]:
        separator = str(self.variables["RS"])
        if separator == "":
            return [part for part in re.split(r"\n\n+", text.strip("\n")) if part]
        parts = text.split(separator) if len(separator) == 1 else re.split(separator, text)
        return parts[:-1] if parts and parts[-1] in ("", "\n") else parts

    def _rules(self) -> None:
        for pattern, body in self.program.rules:
            if pattern is None or self._selected(pattern):
                self.do(body)

    def _selected(self, pattern: Node) -> bool:
        if pattern[0] != "range":
            return self.truth(pattern)
        _, key, first, last = pattern
        if key not in self.ranges and not self.truth(first):
            return False
        self.ranges.add(key)
        if self.truth(last):
            self.ranges.discard(key)
        return True

    # -- records and fields ------------------------------------------------------------------------

    def set_record(self, text: str) -> None:
        self.record = text
        self.fields = None
        self.variables["NF"] = float(len(self.split_fields()))

    def split_fields(self) -> list[Any]:
        if self.fields is None:
            self.fields = [Given(part) for part in self.split(self.record, self.text(self.variables["FS"]))]
        return self.fields

    def split(self, text: str, separator: str) -> list[str]:
        if separator == " ":
            return text.split()
        if text == "":
            return []
        if len(separator) == 1 and separator not in "\\|.^$*+?()[{":
            return text.split(separator)
        if separator == "":
            return list(text)
        return re.split(self.pattern(separator) if len(separator) > 1 else re.escape(separator), text)

    def field(self, index: int) -> Any:
        if index == 0:
            return Given(self.record)
        fields = self.split_fields()
        return fields[index - 1] if 0 < index <= len(fields) else Given("")

    def set_field(self, index: int, value: Any) -> None:
        if index == 0:
            self.set_record(self.text(value))
            return
        fields = self.split_fields()
        fields += [Given("")] * (index - len(fields))
        fields[index - 1] = value
        self._rebuild()

    def _rebuild(self) -> None:
        fields = self.split_fields()
        self.variables["NF"] = float(len(fields))
        self.record = self.text(self.variables["OFS"]).join(self.text(field) for field in fields)

    # -- values ------------------------------------------------------------------------------------

    def text(self, value: Any, form: str = "CONVFMT") -> str:
        if isinstance(value, float):
            if value == int(value) if math.isfinite(value) else False:
                return str(int(value))
            return str(self.variables[form]) % value if math.isfinite(value) else str(value)
        if isinstance(value, dict):
            raise AwkFault("can't use array in scalar context")
        return str(value)

    def pattern(self, text: str) -> str:
        return python_regex(text, extended=True)

    def expression(self, node: Node) -> str:
        """Return the regular expression an operand stands for."""
        return self.pattern(node[1] if node[0] == "regex" else self.text(self.value(node)))

    def truth(self, node: Node) -> bool:
        value = self.value(node)
        if isinstance(value, float):
            return bool(value != 0)
        if isinstance(value, Given) and _NUMBER.fullmatch(value.rstrip()):
            return number(value) != 0
        return bool(value != "")

    def scope(self, name: str) -> dict[str, Any]:
        return self.locals[-1] if self.locals and name in self.locals[-1] else self.variables

    def array(self, name: str) -> dict[str, Any]:
        scope = self.scope(name)
        found = scope.get(name)
        if not isinstance(found, dict):
            if found not in (None, ""):
                raise AwkFault(f"can't use scalar {name} as array")
            found = scope[name] = {}
        return found

    def key(self, index: Sequence[Node]) -> str:
        return str(self.variables["SUBSEP"]).join(self.text(self.value(one)) for one in index)

    def value(self, node: Node) -> Any:
        self.steps += 1
        if self.steps > _STEPS:
            raise AwkFault("the program runs too long")
        return _VALUES[node[0]](self, node)

    def assign(self, target: Node, value: Any) -> Any:
        if target[0] == "var":
            self.scope(target[1])[target[1]] = value
            if target[1] == "NF":
                fields = self.split_fields()
                del fields[int(number(value)) :]
                fields += [Given("")] * (int(number(value)) - len(fields))
                self._rebuild()
        elif target[0] == "index":
            self.array(target[1])[self.key(target[2])] = value
        else:
            self.set_field(int(number(self.value(target[1]))), value)
        return value

    def compare(self, op: str, left: Any, right: Any) -> float:
        if all(self._numeric(one) for one in (left, right)):
            a: Any = number(left)
            b: Any = number(right)
        else:
            a, b = self.text(left), self.text(right)
        found = {"<": a < b, "<=": a <= b, "==": a == b, "!=": a != b, ">=": a >= b, ">": a > b}[op]
        return float(found)

    def _numeric(self, value: Any) -> bool:
        if isinstance(value, Given):
            return value is UNSET or _NUMBER.fullmatch(value.strip() or "x") is not None
        return isinstance(value, float)

    def binary(self, op: str, left: float, right: float) -> float:
        if op in "/%" and right == 0:
            raise AwkFault("division by zero" + (" in %" if op == "%" else ""))
        return float(_BINARY[op](left, right))

    # -- statements --------------------------------------------------------------------------------

    def do(self, node: Node) -> None:
        self.steps += 1
        if self.steps > _STEPS:
            raise AwkFault("the program runs too long")
        _STATEMENTS[node[0]](self, node)

    def write(self, node: Node, text: str) -> None:
        _, _, mode, target = node
        if not mode:
            self.call.write(text)
            return
        name = self.text(self.value(target))
        if mode == "|":
            raise AwkFault("output to a command is not simulated")
        if name in ("/dev/stderr", "/dev/stdout"):
            (self.call.error if name == "/dev/stderr" else self.call.write)(text)
            return
        append = mode == ">>" or name in self.written
        self.written.add(name)
        self.call.place.files.write(self.call.path(name), text.encode("utf-8", "surrogateescape"), append=append)

    def loop(self, body: Node) -> bool:
        """Run a loop's body; False when it was left by `break`."""
        try:
            self.do(body)
        except _Signal as signal:
            if signal.kind == "break":
                return False
            if signal.kind != "continue":
                raise
        return True

    def format(self, values: Sequence[Any]) -> str:
        rest = list(values[1:])

        def put(match: re.Match[str]) -> str:
            flags, width, precision, kind = match.groups()
            if kind == "%":
                return "%"
            width = str(int(number(rest.pop(0)))) if width == "*" and rest else width or ""
            value = rest.pop(0) if rest else ""
            spec = f"%{flags}{width}{precision or ''}"
            if kind in "diouxX":
                return f"{spec}{'d' if kind in 'iu' else kind}" % int(number(value))
            if kind in "fFeEgG":
                return f"{spec}{kind}" % number(value)
            if kind == "c":
                return f"{spec}s" % (chr(int(value)) if isinstance(value, float) else self.text(value)[:1])
            return f"{spec}s" % self.text(value)

        return re.sub(r"%([-+ #0]*)(\*|\d+)?(\.\d+)?([a-zA-Z%])", put, self.text(values[0]))

    def function(self, name: str, arguments: Sequence[Node]) -> Any:
        if name not in self.program.functions:
            raise AwkFault(f"calling undefined function {name}")
        params, body = self.program.functions[name]
        if len(self.locals) > 200:
            raise AwkFault("function calls too deep")
        scope: dict[str, Any] = {}
        for i, param in enumerate(params):
            given = arguments[i] if i < len(arguments) else None
            if given is not None and given[0] == "var" and isinstance(self.scope(given[1]).get(given[1]), dict):
                scope[param] = self.array(given[1])
            else:
                scope[param] = self.value(given) if given is not None else Given("")
        self.locals.append(scope)
        try:
            self.do(body)
        except _Signal as signal:
            if signal.kind != "return":
                raise
            return signal.value if signal.value is not None else Given("")
        finally:
            self.locals.pop()
        return Given("")


def _block(m: Machine, node: Node) -> None:
    for one in node[1]:
        m.do(one)


def _if(m: Machine, node: Node) -> None:
    if m.truth(node[1]):
        m.do(node[2])
    elif node[3] is not None:
        m.do(node[3])


def _while(m: Machine, node: Node) -> None:
    while m.truth(node[1]) and m.loop(node[2]):
        pass


def _do_while(m: Machine, node: Node) -> None:
    while m.loop(node[1]) and m.truth(node[2]):
        pass


def _for(m: Machine, node: Node) -> None:
    _, first, test, step, body = node
    if first is not None:
        m.do(first)
    while test is None or m.truth(test):
        if not m.loop(body):
            return
        if step is not None:
            m.do(step)


def _for_in(m: Machine, node: Node) -> None:
    _, name, array, body = node
    for key in list(m.array(array)):
        m.scope(name)[name] = Given(key)
        if not m.loop(body):
            return


def _print(m: Machine, node: Node) -> None:
    texts = [m.text(m.value(one), "OFMT") for one in node[1]] if node[1] else [m.record]
    m.write(node, m.text(m.variables["OFS"]).join(texts) + m.text(m.variables["ORS"]))


def _raise(m: Machine, node: Node) -> None:
    value = m.value(node[1]) if len(node) > 1 and node[1] is not None else None
    raise _Signal(node[0], value)


def _delete(m: Machine, node: Node) -> None:
    array = m.array(node[1])
    if node[2] is None:
        array.clear()
    else:
        array.pop(m.key(node[2]), None)


_STATEMENTS: Mapping[str, Callable[[Machine, Node], Any]] = {
    "block": _block,
    "if": _if,
    "while": _while,
    "do": _do_while,
    "for": _for,
    "forin": _for_in,
    "print": _print,
    "printf": lambda m, node: m.write(node, m.format([m.value(one) for one in node[1]])),
    "expr": lambda m, node: m.value(node[1]),
    "delete": _delete,
    **dict.fromkeys(("next", "break", "continue", "exit", "return"), _raise),
}


def _assign(m: Machine, node: Node) -> Any:
    _, op, target, source = node
    value = m.value(source)
    if op:
        value = m.binary("^" if op == "**" else op, number(m.value(target)), number(value))
    return m.assign(target, value)


def _step(m: Machine, node: Node) -> Any:
    kind, op, target = node
    before = number(m.value(target))
    after = before + (1 if op == "++" else -1)
    m.assign(target, after)
    return after if kind == "pre" else before


def _match(m: Machine, node: Node) -> float:
    found = re.search(m.expression(node[2]), m.text(m.value(node[1]))) is not None
    return float(found == (node[0] == "~"))


_VALUES: dict[str, Callable[[Machine, Node], Any]] = {
    "const": lambda m, node: node[1],
    "regex": lambda m, node: float(re.search(m.pattern(node[1]), m.record) is not None),
    "var": lambda m, node: m.scope(node[1]).get(node[1], UNSET),
    "index": lambda m, node: m.array(node[1]).setdefault(m.key(node[2]), UNSET),
    "field": lambda m, node: m.field(int(number(m.value(node[1])))),
    "group": lambda m, node: m.key(node[1]),
    "assign": _assign,
    "?": lambda m, node: m.value(node[2] if m.truth(node[1]) else node[3]),
    "||": lambda m, node: float(m.truth(node[1]) or m.truth(node[2])),
    "&&": lambda m, node: float(m.truth(node[1]) and m.truth(node[2])),
    "in": lambda m, node: float(m.key(node[1]) in m.array(node[2])),
    "~": _match,
    "!~": _match,
    "compare": lambda m, node: m.compare(node[1], m.value(node[2]), m.value(node[3])),
    "concat": lambda m, node: m.text(m.value(node[1])) + m.text(m.value(node[2])),
    "binary": lambda m, node: m.binary(node[1], number(m.value(node[2])), number(m.value(node[3]))),
    "unary": lambda m, node: (
        float(not m.truth(node[2])) if node[1] == "!" else (-1 if node[1] == "-" else 1) * number(m.value(node[2]))
    ),
    "pre": _step,
    "post": _step,
}


def _substitute(m: Machine, arguments: Sequence[Node], count: int) -> float:
    target = arguments[2] if len(arguments) > 2 else ("field", ("const", 0.0))
    template = m.text(m.value(arguments[1]))

    def put(match: re.Match[str]) -> str:
        return re.sub(r"\\(.)|&", lambda one: one.group(1) if one.group(1) else match.group(), template)

    text, changed = re.subn(m.expression(arguments[0]), put, m.text(m.value(target)), count=count)
    if changed:
        m.assign(target, text)
    return float(changed)


def _split(m: Machine, arguments: Sequence[Node]) -> float:
    separator = (
        m.variables["FS"]
        if len(arguments) < 3
        else (arguments[2][1] if arguments[2][0] == "regex" else m.value(arguments[2]))
    )
    array = m.array(arguments[1][1])
    parts = m.split(m.text(m.value(arguments[0])), m.text(separator))
    array.clear()
    array.update({str(i): Given(part) for i, part in enumerate(parts, 1)})
    return float(len(parts))


def _length(m: Machine, arguments: Sequence[Node]) -> float:
    if not arguments:
        return float(len(m.record))
    if arguments[0][0] == "var" and isinstance(m.scope(arguments[0][1]).get(arguments[0][1]), dict):
        return float(len(m.array(arguments[0][1])))
    return float(len(m.text(m.value(arguments[0]))))


def _substr(m: Machine, arguments: Sequence[Node]) -> str:
    text = m.text(m.value(arguments[0]))
    start = round(number(m.value(arguments[1])))
    end = start + round(number(m.value(arguments[2]))) if len(arguments) > 2 else len(text) + 1
    return text[max(start, 1) - 1 : max(end - 1, 0)]


def _find(m: Machine, arguments: Sequence[Node]) -> float:
    match = re.search(m.expression(arguments[1]), m.text(m.value(arguments[0])))
    m.variables["RSTART"] = float(match.start() + 1) if match else 0.0
    m.variables["RLENGTH"] = float(len(match.group())) if match else -1.0
    return float(m.variables["RSTART"])


def _rand(m: Machine, arguments: Sequence[Node]) -> float:
    m.seed = (m.seed * 1103515245 + 12345 + int(m.call.place.now())) & 0x7FFFFFFF
    return m.seed / 0x80000000


def _maths(function: Callable[..., float]) -> Callable[[Machine, Sequence[Node]], float]:
    return lambda m, arguments: function(*(number(m.value(one)) for one in arguments))


_FUNCTIONS: Mapping[str, Callable[[Machine, Sequence[Node]], Any]] = {
    "length": _length,
    "substr": _substr,
    "index": lambda m, args: float(m.text(m.value(args[0])).find(m.text(m.value(args[1]))) + 1),
    "split": _split,
    "sub": lambda m, args: _substitute(m, args, 1),
    "gsub": lambda m, args: _substitute(m, args, 0),
    "match": _find,
    "sprintf": lambda m, args: m.format([m.value(one) for one in args]),
    "tolower": lambda m, args: m.text(m.value(args[0])).lower(),
    "toupper": lambda m, args: m.text(m.value(args[0])).upper(),
    "int": _maths(lambda x: float(int(x))),
    "sqrt": _maths(math.sqrt),
    "exp": _maths(math.exp),
    "log": _maths(math.log),
    "sin": _maths(math.sin),
    "cos": _maths(math.cos),
    "atan2": _maths(math.atan2),
    "rand": _rand,
    "srand": lambda m, args: 0.0,
    "systime": lambda m, args: float(int(m.call.place.now())),
    "fflush": lambda m, args: 0.0,
    "close": lambda m, args: 0.0,
}
_VALUES["call"] = lambda m, node: (
    _FUNCTIONS[node[1]](m, node[2]) if node[1] in _FUNCTIONS else m.function(node[1], node[2])
)
