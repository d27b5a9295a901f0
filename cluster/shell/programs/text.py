"""Filters over lines: head, tail, wc, sort, uniq, cut, tr, tee, nl, rev, tac, paste, fold, diff."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from cluster.shell.calls import ShellCall
from cluster.shell.programs.program import (
    Options,
    UsageFault,
    device_bytes,
    each_line,
    everything,
    missing_operand,
    options,
    read_file,
)
from cluster.workloads.files import FileError


def _old_style(call: ShellCall) -> list[str]:
    """Return the words with `-5` spelt `-n5`."""
    words = list(call.argv[1:])
    return [
        f"-n{word[1:]}" if re.fullmatch(r"-\d+", word) and (i == 0 or words[i - 1] not in ("-n", "-c")) else word
        for i, word in enumerate(words)
    ]


def _count(text: str) -> int:
    match = re.fullmatch(r"([-+]?\d+)([kKMGb]?)B?", text)
    if not match:
        raise ValueError(text)
    return int(match.group(1)) * {"": 1, "b": 512, "k": 1024, "K": 1024, "M": 1 << 20, "G": 1 << 30}[match.group(2)]


def _head_tail_options(call: ShellCall) -> tuple[Options, int]:
    call.argv = [call.argv[0], *_old_style(call)]
    found = options(call, "qvfFzrs", "ncs", "lines=:n bytes=:c quiet:q follow:f retry:F")
    text = found.get("c") or found.get("n", "10")
    try:
        return found, _count(text)
    except ValueError:
        what = "bytes" if "c" in found else "lines"
        raise UsageFault(f"{call.name}: invalid number of {what}: '{text}'\n") from None


def head(call: ShellCall) -> int | None:
    found, count = _head_tail_options(call)
    state = call.state
    if "c" in found or count < 0:
        return _head_whole(call, found, count)
    many = len(found.operands) > 1 and "q" not in found

    def show(name: str, line: str, ended: bool) -> bool:
        if state.get("name") != name:
            if many or "v" in found:
                shown = "standard input" if name == "-" else name
                call.write(("\n" if "name" in state else "") + f"==> {shown} <==\n")
            state["name"], state["seen"] = name, 0
        state["seen"] += 1
        if state["seen"] <= count:
            call.write(line + ("\n" if ended else ""))
        return many or state["seen"] < count

    if count == 0:
        return 0
    return int(bool(state.get("failed"))) if each_line(call, found.operands, show) else None


def _head_whole(call: ShellCall, found: Options, count: int) -> int | None:
    if "c" in found and count > 0 and found.operands and found.operands[0].startswith("/dev/"):
        call.write(device_bytes(call, found.operands[0], count) if found.operands[0] != "/dev/null" else b"")
        return 0
    inputs = everything(call, found.operands)
    if inputs is None:
        return None
    for _, data in inputs:
        if "c" in found:
            call.write(data[:count])
        else:
            call.write(b"".join(data.splitlines(keepends=True)[:count]))
    return int(bool(call.state.get("failed")))


def tail(call: ShellCall) -> int | None:
    found, count = _head_tail_options(call)
    text = found.get("c") or found.get("n", "10")
    follow = "f" in found or "F" in found
    if "sizes" in call.state:
        return _follow(call, found)
    if follow and not found.operands:
        follow = False
    inputs = everything(call, found.operands)
    if inputs is None:
        return None
    for number, (name, data) in enumerate(inputs):
        if len(found.operands) > 1 and "q" not in found:
            call.write(("\n" if number else "") + f"==> {name} <==\n")
        pieces: Sequence[bytes] = [data[i : i + 1] for i in range(len(data))] if "c" in found else data.splitlines(True)
        if text.startswith("+"):
            call.write(b"".join(pieces[max(count - 1, 0) :]))
        elif count:
            call.write(b"".join(pieces[-abs(count) :]))
    if not follow:
        return int(bool(call.state.get("failed")))
    call.state["sizes"] = {name: len(data) for name, data in inputs}
    return _follow(call, found)


def _follow(call: ShellCall, found: Options) -> int | None:
    """Write what files have grown by; looks again every second and whenever something happens in the lab."""
    for name in found.operands:
        try:
            data = read_file(call, name)
        except FileError:
            continue
        seen = call.state["sizes"].get(name, 0)
        if len(data) < seen:
            call.error(f"tail: {name}: file truncated\n")
            seen = 0
        if len(data) > seen:
            if len(found.operands) > 1 and call.state.get("last") != name:
                call.write(f"\n==> {name} <==\n")
            call.state["last"] = name
            call.write(data[seen:])
        call.state["sizes"][name] = len(data)
    call.sleep_until(call.place.now() + 1.0)
    return None


def wc(call: ShellCall) -> int | None:
    found = options(call, "lwcmL", "", "lines:l words:w bytes:c chars:m")
    inputs = everything(call, found.operands)
    if inputs is None:
        return None
    wanted = [letter for letter in "lwmc" if letter in found.flags] or ["l", "w", "c"]
    rows = []
    for name, data in inputs:
        text = data.decode("utf-8", "replace")
        counts = {"l": data.count(b"\n"), "w": len(data.split()), "c": len(data), "m": len(text)}
        rows.append(([counts[letter] for letter in wanted], name if found.operands else ""))
    if len(rows) > 1:
        rows.append(([sum(column) for column in zip(*(row[0] for row in rows), strict=True)], "total"))
    single = len(rows) == 1 and len(wanted) == 1
    width = (
        1
        if single
        else max(7 if not found.operands else 1, max((len(str(n)) for row in rows for n in row[0]), default=1))
    )
    if call.applet():
        width = 1 if single else 9
    for numbers, name in rows:
        call.write(" ".join(f"{number:>{width}}" for number in numbers) + (f" {name}" if name else "") + "\n")
    return int(bool(call.state.get("failed")))


def _decoded(inputs: Sequence[tuple[str, bytes]]) -> list[str]:
    found: list[str] = []
    for _, data in inputs:
        lines = data.decode("utf-8", "surrogateescape").split("\n")
        found += lines[:-1] if lines[-1] == "" else lines
    return found


def _number(text: str) -> float:
    match = re.match(r"\s*(-?\d*\.?\d+)", text)
    return float(match.group(1)) if match else 0.0


_SUFFIXES = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5}


def _sort_value(text: str, flags: str) -> tuple[object, ...]:
    if "b" in flags or "n" in flags or "h" in flags:
        text = text.lstrip()
    if "h" in flags:
        match = re.match(r"(-?\d*\.?\d+)([KMGTP]?)", text)
        return (_SUFFIXES[match.group(2)], float(match.group(1))) if match else (0, 0.0)
    if "V" in flags:
        return tuple(
            (0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", text) if part
        )
    if "n" in flags or "g" in flags:
        return (_number(text),)
    return (text.lower() if "f" in flags else text,)


def sort(call: ShellCall) -> int | None:
    found = options(
        call, "bdfghinrRsuVcmz", "kto", "reverse:r numeric-sort:n unique:u key=:k field-separator=:t version-sort:V", 2
    )
    inputs = everything(call, found.operands)
    if inputs is None:
        return None
    lines = _decoded(inputs)
    flags = "".join(found.flags)
    keys = [
        re.fullmatch(r"(\d+)(?:\.(\d+))?([a-zA-Z]*)(?:,(\d+)(?:\.\d+)?([a-zA-Z]*))?", key)
        for key in found.all.get("k", ())
    ]
    lines.sort(reverse="r" in flags and not keys)
    for match in reversed(keys):
        if match is None:
            raise UsageFault(f"sort: invalid number at field start: invalid count at start of '{found.get('k')}'\n", 2)
        own = (match.group(3) or "") + (match.group(5) or "") or flags
        first, last = int(match.group(1)), int(match.group(4) or 10**6)
        values = [_sort_value(_field(line, first, last, found.get("t")), own) for line in lines]
        order = sorted(range(len(lines)), key=values.__getitem__, reverse="r" in own)
        lines = [lines[i] for i in order]
    if not keys and flags.strip("rus"):
        lines.sort(key=lambda line: _sort_value(line, flags), reverse="r" in flags)
    if "u" in flags:
        seen = set()
        unique = []
        for line in lines:
            value = (
                _sort_value(_field(line, int(keys[0].group(1)), int(keys[0].group(4) or 10**6), found.get("t")), flags)
                if keys and keys[0]
                else _sort_value(line, flags)
            )
            if value not in seen:
                seen.add(value)
                unique.append(line)
        lines = unique
    text = "".join(line + "\n" for line in lines)
    if "o" in found:
        call.place.files.write(call.path(found.get("o")), text.encode("utf-8", "surrogateescape"))
    else:
        call.write(text)
    return 2 if call.state.get("failed") else 0


def _field(line: str, first: int, last: int, separator: str) -> str:
    if separator:
        return separator.join(line.split(separator)[first - 1 : last])
    fields = re.findall(r"\s*\S+", line)
    return "".join(fields[first - 1 : last])


def uniq(call: ShellCall) -> int | None:
    found = options(call, "cdui", "fs", "count:c repeated:d unique:u ignore-case:i")
    inputs = everything(call, found.operands[:1])
    if inputs is None:
        return None
    groups: list[list[str]] = []
    for line in _decoded(inputs):
        key = line.lower() if "i" in found else line
        if groups and (groups[-1][0].lower() if "i" in found else groups[-1][0]) == key:
            groups[-1].append(line)
        else:
            groups.append([line])
    for group in groups:
        if ("d" in found and len(group) == 1) or ("u" in found and len(group) > 1):
            continue
        call.write((f"{len(group):7d} " if "c" in found else "") + group[0] + "\n")
    return int(bool(call.state.get("failed")))


def _ranges(text: str) -> list[tuple[int, int]]:
    found = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d*)(-?)(\d*)", part)
        if not match or not part or part == "-":
            raise UsageFault(f"cut: invalid field value '{part}'\nTry 'cut --help' for more information.\n")
        start = int(match.group(1) or 1)
        found.append((start, int(match.group(3) or 10**9) if match.group(2) else start))
    return found


def cut(call: ShellCall) -> int | None:
    found = options(
        call,
        "sn",
        "dfcb",
        "delimiter=:d fields=:f characters=:c bytes=:b output-delimiter= complement only-delimited:s",
    )
    spec = found.get("f") or found.get("c") or found.get("b")
    if not spec:
        raise UsageFault(
            "cut: you must specify a list of bytes, characters, or fields\nTry 'cut --help' for more information.\n"
        )
    ranges = _ranges(spec)
    separator = found.get("d", "\t")
    joiner = found.get("output-delimiter", separator)

    def wanted(number: int) -> bool:
        return any(first <= number <= last for first, last in ranges) != ("complement" in found)

    def show(_: str, line: str, ended: bool) -> bool:
        if "f" not in found:
            call.write("".join(letter for i, letter in enumerate(line, 1) if wanted(i)) + "\n")
        elif separator not in line:
            call.write("" if "s" in found else line + "\n")
        else:
            call.write(joiner.join(part for i, part in enumerate(line.split(separator), 1) if wanted(i)) + "\n")
        return True

    return int(bool(call.state.get("failed"))) if each_line(call, found.operands, show) else None


_SETS = {
    "[:lower:]": "abcdefghijklmnopqrstuvwxyz",
    "[:upper:]": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "[:digit:]": "0123456789",
    "[:space:]": " \t\n\r\v\f",
    "[:blank:]": " \t",
    "[:punct:]": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
}
_SETS["[:alpha:]"] = _SETS["[:upper:]"] + _SETS["[:lower:]"]
_SETS["[:alnum:]"] = _SETS["[:digit:]"] + _SETS["[:alpha:]"]


def _letters(text: str) -> str:
    from cluster.shell.programs.output import unescaped

    text = re.sub(r"\[:\w+:\]", lambda match: _SETS.get(match.group(), ""), unescaped(text)[0])
    return re.sub(
        r"(.)-(.)",
        lambda m: "".join(map(chr, range(ord(m.group(1)), ord(m.group(2)) + 1))) or m.group(),
        text,
        flags=re.DOTALL,
    )


def tr(call: ShellCall) -> int | None:
    found = options(call, "cCdst", "", "delete:d squeeze-repeats:s complement:c")
    if not found.operands:
        raise missing_operand(call)
    first = _letters(found.operands[0])
    second = _letters(found.operands[1]) if len(found.operands) > 1 else ""
    flipped = "c" in found or "C" in found
    while True:
        data = call.read()
        if data is None:
            return None
        if not data:
            return 0
        call.write(_translated(call, data.decode("utf-8", "surrogateescape"), first, second, found.flags, flipped))


def _translated(call: ShellCall, text: str, first: str, second: str, flags: set[str], flipped: bool) -> str:
    if "d" in flags:
        text = "".join(letter for letter in text if (letter in first) == flipped)
    elif second:
        if flipped:
            text = "".join(letter if letter in first else second[-1] for letter in text)
        else:
            padded = second + second[-1] * max(0, len(first) - len(second))
            text = text.translate(
                {ord(a): b for a, b in zip(reversed(first), reversed(padded[: len(first)]), strict=True)}
            )
    if "s" in flags:
        kept = second or first
        found = ""
        last = str(call.state.get("last", ""))
        for letter in text:
            if letter != last or (letter in kept) == (flipped and not second):
                found += letter
            last = letter
        call.state["last"] = last
        text = found
    return text


def tee(call: ShellCall) -> int | None:
    found = options(call, "ai", "", "append:a")
    state = call.state
    if not state.get("opened"):
        state["opened"], state["names"] = True, []
        for name in found.operands:
            try:
                call.place.files.write(call.path(name), b"", append="a" in found)
                state["names"].append(name)
            except FileError as fault:
                call.complain(f"{name}: {fault}")
                state["failed"] = True
    while True:
        data = call.read()
        if data is None:
            return None
        if not data:
            return int(bool(state.get("failed")))
        call.write(data)
        for name in state["names"]:
            call.place.files.write(call.path(name), data, append=True)


def nl(call: ShellCall) -> int | None:
    found = options(call, "", "bws")
    number = 0
    inputs = everything(call, found.operands)
    if inputs is None:
        return None
    for line in _decoded(inputs):
        if line or found.get("b") == "a":
            number += 1
            call.write(f"{number:6d}\t{line}\n")
        else:
            call.write("       \n")
    return int(bool(call.state.get("failed")))


def rev(call: ShellCall) -> int | None:
    def show(_: str, line: str, ended: bool) -> bool:
        call.write(line[::-1] + ("\n" if ended else ""))
        return True

    return int(bool(call.state.get("failed"))) if each_line(call, options(call).operands, show) else None


def tac(call: ShellCall) -> int | None:
    inputs = everything(call, options(call).operands)
    if inputs is None:
        return None
    for one in inputs:
        call.write("".join(line + "\n" for line in reversed(_decoded([one]))))
    return int(bool(call.state.get("failed")))


def paste(call: ShellCall) -> int | None:
    found = options(call, "s", "d", "delimiters=:d serial:s")
    inputs = everything(call, found.operands)
    if inputs is None:
        return None
    separator = found.get("d", "\t").replace("\\n", "\n").replace("\\t", "\t")
    columns = [_decoded([one]) for one in inputs]
    if "s" in found:
        call.write("".join(separator.join(column) + "\n" for column in columns))
        return 0
    for i in range(max(map(len, columns), default=0)):
        call.write(separator.join(column[i] if i < len(column) else "" for column in columns) + "\n")
    return 0


def column(call: ShellCall) -> int | None:
    """`column -t`: a table of blank-separated fields."""
    found = options(call, "t", "s", "table:t separator=:s")
    inputs = everything(call, found.operands)
    if inputs is None:
        return None
    rows = [line.split(found.get("s") or None) for line in _decoded(inputs) if line.strip()]
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(max(map(len, rows), default=0))]
    for row in rows:
        call.write("  ".join(cell.ljust(widths[i]) for i, cell in enumerate(row)).rstrip() + "\n")
    return 0


def diff(call: ShellCall) -> int | None:
    found = options(call, "uqrNabwBi", "U", "unified:u brief:q recursive:r", 2)
    if len(found.operands) < 2:
        after = found.operands[-1] if found.operands else "diff"
        raise UsageFault(f"diff: missing operand after '{after}'\ndiff: Try 'diff --help' for more information.\n", 2)
    inputs = everything(call, list(found.operands[:2]))
    if inputs is None:
        return None
    if len(inputs) < 2:
        return 2
    (one, left), (two, right) = inputs
    if left == right:
        return 0
    if "q" in found:
        call.write(f"Files {one} and {two} differ\n")
        return 1
    a, b = (data.decode("utf-8", "replace").splitlines() for data in (left, right))
    if "u" in found or "U" in found or call.applet():
        for line in difflib.unified_diff(a, b, one, two, lineterm="", n=int(found.get("U", "3"))):
            call.write(line + "\n")
    else:
        _normal_diff(call, a, b)
    return 1


def _normal_diff(call: ShellCall, a: list[str], b: list[str]) -> None:
    def span(start: int, end: int) -> str:
        return f"{start + 1},{end}" if end - start > 1 else str(max(end, start) if end > start else start)

    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        call.write(f"{span(i1, i2)}{ {'replace': 'c', 'delete': 'd', 'insert': 'a'}[tag] }{span(j1, j2)}\n")
        call.write("".join(f"< {line}\n" for line in a[i1:i2]))
        call.write("---\n" if tag == "replace" else "")
        call.write("".join(f"> {line}\n" for line in b[j1:j2]))


def fold(call: ShellCall) -> int | None:
    found = options(call, "s", "w")
    size = int(found.get("w", "80"))

    def show(_: str, line: str, ended: bool) -> bool:
        for i in range(0, max(len(line), 1), size):
            call.write(line[i : i + size] + "\n")
        return True

    return 0 if each_line(call, found.operands, show) else None


def less(call: ShellCall) -> int | None:
    """A pager without paging: what would be shown, all of it."""
    names = [word for word in call.argv[1:] if not word.startswith(("-", "+"))]
    data = everything(call, names)
    if data is None:
        return None
    for _, content in data:
        call.write(content)
    return int(bool(call.state.get("failed")))
