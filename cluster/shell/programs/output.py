"""Programs that say something: echo, printf, yes, true, false, sleep, seq, basename, dirname, expr …"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cluster.shell.calls import ShellCall
from cluster.shell.kernel import SIGNALS
from cluster.shell.programs.program import UsageFault, missing_operand, options
from cluster.shell.words import unescape


def unescaped(text: str) -> tuple[str, bool]:
    """Return text with `echo -e` escapes done, and whether `\\c` ended it."""
    found, i = [], 0
    while i < len(text):
        if text[i] != "\\" or i + 1 >= len(text):
            found.append(text[i])
            i += 1
            continue
        if text[i + 1] == "c":
            return "".join(found), True
        piece, i = unescape(text, i + 1) if text[i + 1] not in "'\"?" else (text[i : i + 2], i + 2)
        found.append(piece)
    return "".join(found), False


def echo(call: ShellCall) -> int | None:
    words = list(call.argv[1:])
    newline, escapes = True, call.dialect == "dash"
    letters = "n" if call.dialect == "dash" else "neE"
    while words and re.fullmatch(f"-[{letters}]+", words[0]):
        flags = words.pop(0)
        newline = newline and "n" not in flags
        if "e" in flags or "E" in flags:
            escapes = flags.rfind("e") > flags.rfind("E")
    text, cut = unescaped(" ".join(words)) if escapes else (" ".join(words), False)
    call.write(text + ("\n" if newline and not cut else ""))
    return 0


_DIRECTIVE = re.compile(r"%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z%])")


class _Printf:
    def __init__(self, call: ShellCall, words: Sequence[str]):
        self.call = call
        self.words = list(words)
        self.status = 0
        self.used = False

    def take(self) -> str | None:
        self.used = True
        return self.words.pop(0) if self.words else None

    def number(self, text: str | None, whole: bool = True) -> float | int:
        if text is None or text == "":
            return 0
        if text[0] in "'\"" and len(text) > 1:
            return ord(text[1])
        try:
            return (
                int(text, 0) if whole and not re.fullmatch(r"-?0\d+", text) else int(text, 8) if whole else float(text)
            )
        except ValueError:
            match = re.match(r"\s*[-+]?\d+", text)
            words = {"bash": "invalid number", "dash": "expected numeric value", "ash": "invalid number"}
            tail = "not completely converted" if match and self.call.dialect == "dash" else words[self.call.dialect]
            shown = f"'{text}'" if self.call.dialect == "ash" else text
            message = f"{tail} {shown}" if self.call.dialect == "ash" else f"{shown}: {tail}"
            self.call.complain(message)
            self.status = 1
            return int(match.group()) if match else 0

    def render(self, template: str) -> str:
        found, i = [], 0
        while i < len(template):
            if template[i] == "\\" and i + 1 < len(template):
                piece, i = unescape(template, i + 1)
                found.append(piece)
                continue
            match = _DIRECTIVE.match(template, i) if template[i] == "%" else None
            if match is None:
                found.append(template[i])
                i += 1
                continue
            i = match.end()
            found.append(self.directive(match))
        return "".join(found)

    def directive(self, match: re.Match[str]) -> str:
        flags, width, precision, kind = match.groups()
        if kind == "%":
            return "%"
        width = str(self.number(self.take())) if width == "*" else width or ""
        precision = str(self.number(self.take())) if precision == "*" else precision
        if int(width or 0) > 1_000_000 or int(precision or 0) > 1_000_000:
            raise ValueError("field too wide")
        dot = f".{precision}" if precision is not None else ""
        if kind in "di":
            return f"%{flags}{width}{dot}d" % int(self.number(self.take()))
        if kind in "uoxX":
            return f"%{flags}{width}{dot}{kind if kind != 'u' else 'd'}" % int(self.number(self.take()))
        if kind in "feEgG":
            return f"%{flags}{width}{dot}{kind}" % float(self.number(self.take(), whole=False))
        value = self.take() or ""
        if kind == "c":
            value = value[:1]
        elif kind == "b":
            value = unescaped(value)[0]
        elif kind == "q":
            value = value if re.fullmatch(r"[\w@%+=:,./-]+", value) else "'" + value.replace("'", "'\\''") + "'"
        return f"%{flags.replace('0', '')}{width}{dot}s" % value


def printf(call: ShellCall) -> int | None:
    words = list(call.argv[1:])
    if words and words[0] == "--":
        words.pop(0)
    if not words:
        call.complain("usage: printf [-v var] format [arguments]")
        return 2
    template = words.pop(0)
    state = _Printf(call, words)
    text = state.render(template)
    while state.words and state.used:
        state.used = False
        text += state.render(template)
    call.write(text)
    return state.status


def true(call: ShellCall) -> int | None:
    return 0


def false(call: ShellCall) -> int | None:
    return 1


def yes(call: ShellCall) -> int | None:
    call.write((" ".join(call.argv[1:]) or "y") + "\n" + ((" ".join(call.argv[1:]) or "y") + "\n") * 63)
    call.again()
    return None


FOREVER = 1e11  # a moment no lab reaches: waiting for it is no event that a clock may jump to
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def duration(text: str) -> float | None:
    """Return the seconds of `5`, `0.5`, `2m`, `infinity`."""
    if text in ("infinity", "inf"):
        return 1e12
    match = re.fullmatch(r"(\d*\.?\d+|\d+\.)([smhd]?)", text)
    return float(match.group(1)) * _UNITS[match.group(2)] if match else None


def sleep(call: ShellCall) -> int | None:
    if "until" not in call.state:
        words = call.argv[1:]
        if not words:
            raise missing_operand(call)
        total = 0.0
        for word in words:
            seconds = duration(word)
            if seconds is None:
                if call.applet():
                    raise UsageFault(f"sleep: invalid number '{word}'\n")
                raise UsageFault(f"sleep: invalid time interval '{word}'\nTry 'sleep --help' for more information.\n")
            total += seconds
        call.state["until"] = call.place.now() + total
    if call.place.now() >= call.state["until"]:
        return 0
    if call.state["until"] < FOREVER:
        call.sleep_until(call.state["until"])
    return None


def seq(call: ShellCall) -> int | None:
    words = list(call.argv[1:])
    separator, padded = "\n", False
    while words and re.match(r"-[sw]", words[0]):
        flag = words.pop(0)
        if flag.startswith("-s"):
            separator = flag[2:] or words.pop(0)
        else:
            padded = True
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        bad = next(word for word in words if not re.fullmatch(r"-?\d*\.?\d+", word))
        raise UsageFault(
            f"seq: invalid floating point argument: '{bad}'\nTry 'seq --help' for more information.\n"
        ) from None
    if not numbers:
        raise missing_operand(call)
    first, step, last = (
        (1.0, 1.0, numbers[0])
        if len(numbers) == 1
        else (numbers[0], 1.0, numbers[1])
        if len(numbers) == 2
        else numbers[:3]
    )
    places = max(len(word.partition(".")[2]) for word in words)
    found, count = [], 0
    while step and (first + count * step <= last + 1e-9 if step > 0 else first + count * step >= last - 1e-9):
        found.append(f"{first + count * step:.{places}f}")
        count += 1
        if count > 1_000_000:
            break
    if padded:
        found = [text.zfill(max(map(len, found))) for text in found]
    if found:
        call.write(separator.join(found) + "\n")
    return 0


def basename(call: ShellCall) -> int | None:
    found = options(call, "a", "s")
    if not found.operands:
        raise missing_operand(call)
    many = "a" in found or "s" in found
    suffix = found.get("s") or (found.operands[1] if len(found.operands) > 1 and not many else "")
    for name in found.operands if many else found.operands[:1]:
        base = name.rstrip("/").rpartition("/")[2] or ("/" if name.startswith("/") else "")
        call.write((base.removesuffix(suffix) if base != suffix else base) + "\n")
    return 0


def dirname(call: ShellCall) -> int | None:
    found = options(call)
    if not found.operands:
        raise missing_operand(call)
    for name in found.operands:
        folder = name.rstrip("/").rpartition("/")[0]
        call.write((folder.rstrip("/") or ("/" if name.startswith("/") else ".")) + "\n")
    return 0


def expr(call: ShellCall) -> int | None:
    words = list(call.argv[1:])
    if not words:
        raise missing_operand(call)
    try:
        value = _expr_or(words)
        if words:
            raise ValueError(f"syntax error: unexpected argument '{words[0]}'")
    except (ValueError, IndexError) as fault:
        call.complain(str(fault) if str(fault).startswith(("syntax", "non", "div")) else "syntax error")
        return 2
    call.write(f"{value}\n")
    return int(value in ("", "0"))


def _expr_or(words: list[str]) -> str:
    value = _expr_level(words, 0)
    while words[:1] == ["|"] or words[:1] == ["&"]:
        op = words.pop(0)
        right = _expr_level(words, 0)
        truth = value not in ("", "0")
        value = (value if truth else right) if op == "|" else (value if truth and right not in ("", "0") else "0")
    return value


_EXPR_LEVELS = (("=", "==", "!=", "<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%"), (":",))


def _expr_level(words: list[str], level: int) -> str:
    if level == len(_EXPR_LEVELS):
        return _expr_primary(words)
    value = _expr_level(words, level + 1)
    while words and words[0] in _EXPR_LEVELS[level]:
        value = _expr_apply(words.pop(0), value, _expr_level(words, level + 1))
    return value


def _expr_primary(words: list[str]) -> str:
    word = words.pop(0)
    if word == "(":
        value = _expr_or(words)
        words.pop(0)
        return value
    if word == "length":
        return str(len(words.pop(0)))
    if word == "substr":
        text, start, size = words.pop(0), int(words.pop(0)), int(words.pop(0))
        return text[max(start - 1, 0) : start - 1 + size]
    return word


def _expr_apply(op: str, left: str, right: str) -> str:
    if op == ":":
        match = re.match(right.replace(r"\(", "(").replace(r"\)", ")"), left)
        return (match.group(1) if match.groups() else str(match.end())) if match else ("" if r"\(" in right else "0")
    numeric = all(re.fullmatch(r"-?\d+", text) for text in (left, right))
    if op in _EXPR_LEVELS[0]:
        a, b = (int(left), int(right)) if numeric else (left, right)
        found = {"=": a == b, "==": a == b, "!=": a != b}
        ordered = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}  # type: ignore[operator]
        return str(int({**found, **ordered}[op]))
    if not numeric:
        raise ValueError("non-integer argument")
    if op in "/%" and int(right) == 0:
        raise ValueError("division by zero")
    x, y = int(left), int(right)
    quotient = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1) if op in "/%" else 0
    return str({"+": x + y, "-": x - y, "*": x * y, "/": quotient, "%": x - y * quotient}[op])


def test(call: ShellCall) -> int | None:
    from cluster.shell.conditions import evaluate

    words = list(call.argv[1:])
    if call.argv[0] == "[":
        if not words or words[-1] != "]":
            call.complain("missing ]" if call.dialect != "bash" else "missing `]'")
            return 2
        words.pop()
    status, message = evaluate(_Asker(call), words, call.dialect)
    if message:
        call.complain(message)
    return status


class _Asker:
    """A call as conditions see it."""

    def __init__(self, call: ShellCall):
        self.files = call.place.files
        self.path = call.path


def kill(call: ShellCall) -> int | None:
    from cluster.shell.kernel import signal_name

    words = list(call.argv[1:])
    name = "TERM"
    if words and words[0] == "-l":
        call.write("\n".join(SIGNALS) + "\n")
        return 0
    if words and words[0] == "-s":
        name, words = signal_name(words[1]) if len(words) > 1 else "", words[2:]
    elif words and words[0].startswith("-"):
        name = signal_name(words.pop(0)[1:])
    status = 0
    for word in words:
        if not word.isdigit() or not call.kill(int(word), name or "TERM"):
            call.complain(
                f"({word}): No such process" if not call.applet() else f"can't kill pid {word}: No such process"
            )
            status = 1
    return status


def pwd(call: ShellCall) -> int | None:
    call.write(call.cwd + "\n")
    return 0
