"""`read` and `mapfile`: lines of standard input into variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cluster.shell.shell import Frame, Shell


def _options(argv: Sequence[str]) -> tuple[dict[str, str], list[str], str]:
    """Return (options, names, a bad option)."""
    found: dict[str, str] = {}
    words = list(argv[1:])
    while words and words[0].startswith("-") and len(words[0]) > 1:
        letters = words.pop(0)[1:]
        if letters == "-":
            break
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in "adinNptu":
                found[letter] = letters or (words.pop(0) if words else "")
                letters = ""
            elif letter in "ers":
                found[letter] = ""
            else:
                return found, words, f"-{letter}"
    return found, words, ""


def read(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    options, names, bad = _options(argv)
    if bad:
        shell.complain(shell.dialect.say("illegal-option", bad), "read")
        return 2
    if "p" in options and not frame.get("asked"):
        frame["asked"] = True
        if shell.task["fds"].get("0") == "tty":
            shell.write(2, options["p"])
    if "t" in options:
        frame.setdefault("limit", shell.place.now() + float(options["t"] or 0))
    name = shell.task["fds"].get(options.get("u", "0"), "null")
    line = _take(shell, frame, name, options)
    if line is None:
        return _waiting(shell, frame, name)
    text, complete = line
    _assign(shell, options, names, text)
    return 0 if complete else 1


def _waiting(shell: Shell, frame: Frame, name: str) -> int | None:
    shell.task["block"] = {"read": name}
    if "limit" in frame:
        if shell.place.now() >= frame["limit"]:
            shell.task["block"] = None
            return 142
        shell.task["block"]["until"] = frame["limit"]
    return None


def _take(shell: Shell, frame: Frame, name: str, options: dict[str, str]) -> tuple[str, bool] | None:
    """Return (a line, whether its end was seen); None while more must come."""
    data = shell.kernel.read(name)
    held: str = frame.get("buffer", "")
    if data is None:
        return None
    held += data.decode("latin-1")
    end = options["d"][:1] or "\0" if "d" in options else "\n"
    count = int(options.get("n") or options.get("N") or 0)
    cut = _end_of_line(held, end, "r" in options)
    if count and (cut < 0 or cut > count) and len(held) >= count:
        shell.kernel.unread(name, held[count:].encode("latin-1"))
        return held[:count].encode("latin-1").decode("utf-8", "replace"), True
    if cut < 0:
        if data:
            frame["buffer"] = held
            return None if not shell.kernel.readable(name) else _take(shell, frame, name, options)
        return held.encode("latin-1").decode("utf-8", "replace"), False
    shell.kernel.unread(name, held[cut + 1 :].encode("latin-1"))
    return held[:cut].encode("latin-1").decode("utf-8", "replace"), True


def _end_of_line(text: str, end: str, raw: bool) -> int:
    i = 0
    while i < len(text):
        if text[i] == "\\" and not raw:
            i += 2
            continue
        if text[i] == end:
            return i
        i += 1
    return -1


def _assign(shell: Shell, options: dict[str, str], names: list[str], text: str) -> None:
    ifs = shell.variables.get("IFS")
    ifs = " \t\n" if ifs is None else ifs
    letters = _letters(text, "r" in options)
    if "a" in options:
        fields = _split(letters, ifs, len(letters) + 2)
        shell.variables.set_array(options["a"], {str(i): field for i, field in enumerate(fields)})
        return
    if not names:
        shell.variables.set("REPLY", "".join(letter for letter, _ in letters))
        return
    fields = _split(letters, ifs, len(names))
    for i, name in enumerate(names):
        shell.variables.set(name, fields[i] if i < len(fields) else "")


def _letters(text: str, raw: bool) -> list[tuple[str, bool]]:
    """Return the letters of a line, each with whether a backslash protects it."""
    found, i = [], 0
    while i < len(text):
        if text[i] == "\\" and not raw and i + 1 < len(text):
            i += 1
            if text[i] != "\n":
                found.append((text[i], True))
        elif text[i] != "\\" or raw:
            found.append((text[i], False))
        i += 1
    return found


def _split(letters: list[tuple[str, bool]], ifs: str, count: int) -> list[str]:
    """Split at IFS into at most `count` fields, the last with all that is left."""
    white = {letter for letter in ifs if letter in " \t\n"}

    def is_in(i: int, kinds: set[str] | str) -> bool:
        return i < len(letters) and not letters[i][1] and letters[i][0] in kinds

    end = len(letters)
    while end and not letters[end - 1][1] and letters[end - 1][0] in white:
        end -= 1
    letters = letters[:end]
    fields: list[str] = []
    i = 0
    while is_in(i, white):
        i += 1
    while i < len(letters):
        if len(fields) == count - 1:
            fields.append("".join(letter for letter, _ in letters[i:]))
            break
        start = i
        while i < len(letters) and not is_in(i, ifs):
            i += 1
        fields.append("".join(letter for letter, _ in letters[start:i]))
        while is_in(i, white):
            i += 1
        if i > start and is_in(i, ifs) and not is_in(i, white):
            i += 1
            while is_in(i, white):
                i += 1
    return fields


def mapfile(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    names = [word for word in argv[1:] if not word.startswith("-")]
    data = shell.kernel.read(shell.task["fds"].get("0", "null"))
    if data is None:
        shell.task["block"] = {"read": shell.task["fds"]["0"]}
        return None
    frame["buffer"] = frame.get("buffer", "") + data.decode("utf-8", "replace")
    if data:
        shell.task["block"] = {"read": shell.task["fds"].get("0", "null")}
        return None
    lines = frame["buffer"].splitlines(keepends="-t" not in argv)
    shell.variables.set_array(names[0] if names else "MAPFILE", {str(i): line for i, line in enumerate(lines)})
    return 0
