"""YAML as Kubernetes tools read and print it: sigs.k8s.io/yaml, a Go yaml.v2 with JSON in the middle.

`dump` sorts keys, quotes what would resolve to something else and never folds lines; `load_all` reads
documents with Go's resolution of plain scalars (`yes`, `on` and octal numbers included) and words its
errors with Go's line numbers. Anchors are expanded up to a limit, as the API server refuses bombs.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

import orjson
import yaml

_BOOLS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_NULLS = {"", "~", "null", "Null", "NULL"}
_SPECIAL_FLOATS = {
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_INT = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9][0-9]*|0)$")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")
_BASE60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$")
_TIMESTAMP = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?)?$"
)
MAX_NODES = 500_000


class YamlError(ValueError):
    """A text that is no YAML; `line` is 1-based, 0 when unknown. The text is Go's: `yaml: line 4: …`."""

    def __init__(self, message: str, line: int = 0, column: int = 0):
        where = f"line {line}: " if line else ""
        super().__init__(f"yaml: {where}{message}")
        self.line = line
        self.column = column


def resolve(text: str) -> Any:
    """Return what a plain scalar stands for."""
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    first = text[0]
    if first in "+-.0123456789":
        return _number(text)
    return text


def _number(text: str) -> Any:
    if text in _SPECIAL_FLOATS:
        return _SPECIAL_FLOATS[text]
    plain = text.replace("_", "")
    if _INT.match(plain):
        return _int(plain)
    if _FLOAT.match(plain):
        return float(plain)
    return text


def _int(plain: str) -> int:
    digits = plain.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits[1] in "01234567":
        value = int(digits, 8)
    else:
        value = int(digits, 0)
    return -value if plain[0] == "-" else value


# -- loading ---------------------------------------------------------------------------------------------------------

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_all(text: str) -> list[Any]:
    """Return the documents of a text; empty ones are None."""
    return [document for document, _ in load_marked(text)]


def load(text: str) -> Any:
    """Return the only (or the first) document."""
    documents = load_all(text)
    return documents[0] if documents else None


def load_marked(text: str) -> list[tuple[Any, yaml.Node | None]]:
    """Return each document with its node tree, whose marks tell lines and columns."""
    found: list[tuple[Any, yaml.Node | None]] = []
    try:
        loader = _Loader(text)
        try:
            while loader.check_node():
                node = loader.get_node()
                found.append((_Builder().build(node), node))
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as failure:
        raise _worded(failure) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise YamlError("control characters are not allowed") from None
    return found


def _worded(failure: yaml.MarkedYAMLError) -> YamlError:
    """Say it as yaml.v2 does: parser errors carry the line before, scanner errors the line itself."""
    problem = failure.problem or "unknown problem parsing YAML content"
    mark = failure.problem_mark
    if isinstance(failure, yaml.composer.ComposerError) and "undefined alias" in problem:
        return YamlError(f"unknown anchor '{problem.split(chr(39))[1]}' referenced" if "'" in problem else problem)
    line = 0
    if mark is not None and mark.line:
        line = mark.line + (1 if isinstance(failure, yaml.scanner.ScannerError) else 0)
    elif failure.context_mark is not None and failure.context_mark.line:
        line = failure.context_mark.line
    return YamlError(problem, line, (mark.column + 1) if mark is not None else 0)


class _Builder:
    """Turns one node tree into data, counting what aliases multiply."""

    def __init__(self) -> None:
        self.count = 0

    def build(self, node: yaml.Node) -> Any:
        self.count += 1
        if self.count > MAX_NODES:
            raise YamlError("document contains excessive aliasing")
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item) for item in node.value]
        return self._mapping(node)

    def _mapping(self, node: yaml.Node) -> dict[str, Any]:
        data: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if isinstance(key_node, yaml.ScalarNode) and key_node.value == "<<" and not key_node.style:
                merged.update(self._merged(value_node))
                continue
            key = _key(self.build(key_node))
            data[key] = self.build(value_node)
        return {**merged, **data} if merged else data

    def _merged(self, node: yaml.Node) -> dict[str, Any]:
        built = self.build(node)
        parts = built if isinstance(built, list) else [built]
        if not all(isinstance(part, dict) for part in parts):
            raise YamlError("map merge requires map or sequence of maps as the value")
        merged: dict[str, Any] = {}
        for part in reversed(parts):
            merged.update(part)
        return merged


def _key(value: Any) -> str:
    """JSON has only text keys; numbers and booleans become their text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _float(value) if isinstance(value, float) else str(value)
    if value is None:
        return "null"
    raise YamlError("invalid map key: " + orjson.dumps(value).decode())


def _scalar(node: yaml.ScalarNode) -> Any:
    text = str(node.value)
    if node.style not in (None, "") or _is_tagged(node):
        return text
    return resolve(text)


def _is_tagged(node: yaml.ScalarNode) -> bool:
    """Whether `!!str` stands before it: then the node is longer than its value."""
    return node.tag == "tag:yaml.org,2002:str" and node.end_mark.index - node.start_mark.index > len(node.value) + 4


# -- dumping ---------------------------------------------------------------------------------------------------------


def dump(value: Any) -> str:
    """Return the YAML of JSON data, ending in a newline."""
    lines: list[str] = []
    _emit(value, 0, "", lines)
    return "\n".join(lines) + "\n"


def _emit(value: Any, indent: int, lead: str, lines: list[str]) -> None:
    """Append `value`; `lead` is what already stands on its first line."""
    if isinstance(value, dict) and value:
        _emit_mapping(value, indent, lead, lines)
    elif isinstance(value, (list, tuple)) and value:
        for item in value:
            _emit(item, indent + 2, f"{lead or ' ' * indent}- ", lines)
            lead = ""
    else:
        lines.append(lead + _leaf(value, indent))


def _emit_mapping(value: dict[str, Any], indent: int, lead: str, lines: list[str]) -> None:
    space = " " * indent
    for key in sorted_keys(value):
        item = value[key]
        head = f"{lead or space}{_text(str(key), indent, True)}:"
        lead = ""
        if isinstance(item, dict) and item:
            lines.append(head)
            _emit_mapping(item, indent + 2, "", lines)
        elif isinstance(item, (list, tuple)) and item:
            lines.append(head)
            _emit(item, indent, "", lines)
        else:
            lines.append(f"{head} {_leaf(item, indent + 2)}")


def _leaf(value: Any, indent: int) -> str:
    if isinstance(value, str):
        return _text(value, indent, False)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, (list, tuple)):
        return "[]"
    return str(value)


def _float(value: float) -> str:
    """Print a float as Go's shortest %g; whole ones read as integers."""
    if value != value:
        return ".nan"
    if value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    return re.sub(r"e([+-])(\d)$", r"e\g<1>0\2", repr(value))


_SIMPLE = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*$")
_INDICATORS = set("#,[]{}&*!|>'\"%@`")


@functools.lru_cache(maxsize=20_000)
def _plain_is_safe(text: str) -> bool:
    """Whether the text, unquoted, reads back as itself (Go's `resolve`, base 60 and timestamps included)."""
    if text in _NULLS or text in _BOOLS or text == "<<":
        return False
    if text[0] in "+-.0123456789":
        return isinstance(_number(text), str) and not _BASE60.match(text) and not _TIMESTAMP.match(text)
    return True


def _text(text: str, indent: int, as_key: bool) -> str:
    if _SIMPLE.match(text) and text not in _BOOLS and text not in _NULLS:
        return text
    if "\n" in text and not as_key and _literal_allowed(text):
        return _literal(text, indent)
    if "\n" not in text and text and _plain_is_safe(text):
        return _plain_or_single(text)
    return _double(text)


def _printable(character: str) -> bool:
    code = ord(character)
    return (
        0x20 <= code <= 0x7E or code == 0x0A or code == 0x85 or 0xA0 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD and code != 0xFEFF or 0x10000 <= code <= 0x10FFFF
    )


def _special(text: str) -> bool:
    return not text.isascii() and not all(map(_printable, text)) or text.isascii() and bool(_CONTROL.search(text))


_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_SPACE_BREAK = re.compile(r" [\n\x85\u2028\u2029]")


def _literal_allowed(text: str) -> bool:
    return not (_special(text) or _SPACE_BREAK.search(text) or text.endswith(" "))


def _literal(text: str, indent: int) -> str:
    hint = "2" if text[0] in " \n" else ""
    if not text.endswith("\n"):
        hint += "-"
    elif text.endswith("\n\n") or text == "\n":
        hint += "+"
    space = " " * max(indent, 2)
    body = text[:-1] if text.endswith("\n") else text
    return f"|{hint}\n" + "\n".join(space + line if line else "" for line in body.split("\n"))


def _plain_or_single(text: str) -> str:
    """Choose between plain and 'single', as libyaml's analysis of a block scalar does."""
    if _special(text):
        return _double(text)
    first = text[0]
    bad = (
        first in _INDICATORS
        or first in "-?:" and (len(text) == 1 or text[1] in " \t")
        or text[0] == " " or text[-1] == " "
        or ": " in text or text.endswith(":") or " #" in text
        or text.startswith(("---", "..."))
    )
    return "'" + text.replace("'", "''") + "'" if bad else text


_ESCAPES = {
    "\0": "\\0", "\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r",
    "\x1b": "\\e", '"': '\\"', "\\": "\\\\", "\x85": "\\N", "\xa0": "\\_", "\u2028": "\\L", "\u2029": "\\P",
}


def _double(text: str) -> str:
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES and (character != "\xa0"):
        return _ESCAPES[character]
    if _printable(character):
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


# -- the order of keys -----------------------------------------------------------------------------------------------


def sorted_keys(mapping: dict[str, Any]) -> list[str]:
    """Return the keys in yaml.v2's natural order: digits count as numbers, letters come after the rest."""
    keys = list(mapping)
    if all(key.isalpha() for key in keys):
        return sorted(keys)
    return sorted(keys, key=functools.cmp_to_key(_compare))


def _compare(left: str, right: str) -> int:
    if left == right:
        return 0
    return -1 if _less(left, right) else 1


def _less(left: str, right: str) -> bool:
    digits = False
    for index, (one, other) in enumerate(zip(left, right, strict=False)):
        if one == other:
            digits = one.isdigit()
            continue
        if one.isalpha() and other.isalpha():
            return one < other
        if one.isalpha() or other.isalpha():
            return one.isalpha() if digits else other.isalpha()
        return _less_in_digits(left, right, index)
    return len(left) < len(right)


def _less_in_digits(left: str, right: str, index: int) -> bool:
    start = 0
    if left[index] == "0" or right[index] == "0":
        before = index - 1
        while before >= 0 and left[before].isdigit():
            if left[before] != "0":
                start = 1
                break
            before -= 1
    one, end = _digits_from(left, index, start)
    other, other_end = _digits_from(right, index, start)
    if one != other:
        return one < other
    if end != other_end:
        return end < other_end
    return left[index] < right[index]


def _digits_from(text: str, index: int, value: int) -> tuple[int, int]:
    while index < len(text) and text[index].isdigit():
        value = value * 10 + int(text[index])
        index += 1
    return value, index


def documents(text: str) -> Iterator[str]:
    """Cut a stream at lines that begin with `---`, as kubectl's document reader does."""
    chunk: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.startswith("---") and (line[3:].strip() == "" or line[3] in " \t#"):
            yield "".join(chunk)
            chunk = []
        else:
            chunk.append(line)
    yield "".join(chunk)
