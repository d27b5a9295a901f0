"""Builtins about variables, options and positional parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cluster.shell.arithmetic import ArithmeticFault, evaluate
from cluster.shell.expand import Expander

if TYPE_CHECKING:
    from cluster.shell.shell import Frame, Shell

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_LONG = {
    "errexit": "e",
    "nounset": "u",
    "xtrace": "x",
    "noglob": "f",
    "pipefail": "P",
    "allexport": "a",
    "verbose": "v",
    "noexec": "n",
    "monitor": "m",
    "noclobber": "C",
    "history": "",
    "posix": "",
    "emacs": "",
    "vi": "",
}


def _quoted(value: str) -> str:
    return '"' + re.sub(r'([\\"$`])', r"\\\1", value) + '"'


def _listing(shell: Shell, attribute: str, word: str) -> int:
    for name in sorted(shell.variables.attributes):
        value = shell.variables.get(name)
        if attribute not in shell.variables.attributes[name]:
            continue
        if shell.dialect.name == "bash":
            shell.write(1, f"declare -{attribute} {name}" + (f"={_quoted(value)}" if value is not None else "") + "\n")
        else:
            shell.write(1, f"{word} {name}" + (f"='{value}'" if value is not None else "") + "\n")
    return 0


def _mark(shell: Shell, argv: Sequence[str], frame: Frame, attribute: str) -> int:
    words = [word for word in argv[1:] if word != "--"]
    remove = False
    functions = False
    while words and words[0].startswith("-"):
        flag = words.pop(0)
        remove = remove or "n" in flag
        functions = functions or "f" in flag
        if "p" in flag and not words:
            return _listing(shell, attribute, argv[0])
    if not words:
        return _listing(shell, attribute, argv[0])
    status = 0
    for word in words if not functions else ():
        name, found, value = word.partition("=")
        if not _NAME.fullmatch(name):
            shown = word if shell.dialect.name == "bash" else name
            shell.complain(shell.dialect.say("identifier", shown), argv[0])
            status = 1 if shell.dialect.name == "bash" else 2
            continue
        _give(shell, frame, name, value if found else None)
        if remove:
            shell.variables.unmark(name, attribute)
        else:
            shell.variables.mark(name, attribute)
    return status


def _give(shell: Shell, frame: Frame, name: str, value: str | None) -> None:
    from cluster.shell.simple import set_elements

    elements = (frame.get("arrays") or {}).get(name)
    if elements is not None:
        set_elements(shell, name, elements)
    elif value is not None:
        shell.variables.set(name, value)


def export(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    return _mark(shell, argv, frame, "x")


def readonly(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    return _mark(shell, argv, frame, "r")


def _call_frame(shell: Shell) -> dict[str, Any] | None:
    return next((one for one in reversed(shell.frames) if one["k"] == "Call"), None)


def local(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    if _call_frame(shell) is None:
        message = "can only be used in a function" if shell.dialect.name == "bash" else "not in a function"
        shell.complain(message, "local")
        return 1 if shell.dialect.name == "bash" else 2
    return _declare(shell, argv, frame, inside=True)


def declare(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    return _declare(shell, argv, frame, inside=_call_frame(shell) is not None)


def _declare(shell: Shell, argv: Sequence[str], frame: Frame, *, inside: bool) -> int:
    from cluster.shell.simple import make_local

    words = list(argv[1:])
    flags = ""
    while words and words[0][:1] in "-+" and len(words[0]) > 1:
        flags += words.pop(0)[1:]
    if "p" in flags or (not words and not inside):
        return _print(shell, words)
    if "f" in flags or "F" in flags:
        for name in words or sorted(shell.data["funcs"]):
            if name not in shell.data["funcs"]:
                return 1
            shell.write(1, f"{name}\n" if words else f"declare -f {name}\n")
        return 0
    call = _call_frame(shell)
    for word in words:
        name, found, value = word.partition("=")
        if not _NAME.fullmatch(name):
            shell.complain(shell.dialect.say("identifier", word), argv[0])
            return 1
        if inside and call is not None and "g" not in flags:
            make_local(shell, call, name)
            if not found and name not in (frame.get("arrays") or {}):
                shell.variables.values.pop(name, None)
        attributes = "".join(letter for letter in flags if letter in "xaAi")
        if attributes:
            shell.variables.mark(name, attributes)
        if {"a", "A"} & set(flags) and not found and not isinstance(shell.variables.values.get(name), dict):
            shell.variables.values[name] = {}
        if found and "i" in shell.variables.attributes.get(name, ""):
            value = str(evaluate(value, Expander(shell, ())))
        _give(shell, frame, name, value if found else None)
        if "r" in flags:
            shell.variables.mark(name, "r")
    return 0


def _print(shell: Shell, names: Sequence[str]) -> int:
    status = 0
    for name in names or sorted(shell.variables.values):
        value = shell.variables.values.get(name)
        if value is None:
            shell.complain(f"{name}: not found", "declare")
            status = 1
            continue
        flags = shell.variables.attributes.get(name, "") or "-"
        if isinstance(value, dict):
            body = " ".join(f"[{key}]={_quoted(one)}" for key, one in value.items())
            shell.write(1, f"declare -{flags} {name}=({body})\n")
        else:
            shell.write(1, f"declare -{flags} {name}={_quoted(value)}\n")
    return status


def unset(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    words = list(argv[1:])
    functions = variables = False
    while words and words[0] in ("-f", "-v", "-n"):
        functions = functions or words[0] == "-f"
        variables = variables or words[0] == "-v"
        words.pop(0)
    for word in words:
        match = re.fullmatch(r"(\w+)\[(.*)\]", word)
        if match:
            shell.variables.unset(match.group(1), match.group(2))
        elif functions or (not variables and word not in shell.variables.values):
            shell.data["funcs"].pop(word, None)
        else:
            shell.variables.unset(word)
    return 0


def set_(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    words = list(argv[1:])
    if not words:
        for name in sorted(shell.variables.values):
            value = shell.variables.get(name) or ""
            shown = value if re.fullmatch(r"[\w@%+=:,./-]*", value) and shell.dialect.name == "bash" else f"'{value}'"
            shell.write(1, f"{name}={shown}\n")
        return 0
    while words and words[0][:1] in "-+" and len(words[0]) > 1:
        word = words.pop(0)
        if word == "--":
            shell.data["params"] = words
            return 0
        long_name = f"{word} {words[0]}" if word.endswith("o") and words else word
        if not _options(shell, word, words):
            shell.complain(shell.dialect.say("illegal-option", long_name), "set")
            if shell.dialect.fatal_special and not shell.interactive:
                shell.leave(2)
                return None
            return 2
    if words:
        shell.data["params"] = words[1:] if words[0] in ("-", "--") else words
    return 0


def _options(shell: Shell, word: str, rest: list[str]) -> bool:
    for letter in word[1:]:
        if letter == "o":
            name = rest.pop(0) if rest else ""
            if name and (name not in _LONG or (name == "pipefail" and shell.dialect.name == "dash")):
                return False
            _switch(shell, _LONG.get(name, ""), word[0] == "-")
        elif letter in "abefhkmnptuvxBCEHPT":
            _switch(shell, letter if letter != "P" else "", word[0] == "-")
        else:
            return False
    return True


def _switch(shell: Shell, letter: str, on: bool) -> None:
    held = shell.data["opts"].replace(letter, "") if letter else shell.data["opts"]
    shell.data["opts"] = held + letter if on else held


def shopt(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    return 0


def shift(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    count = int(argv[1]) if len(argv) > 1 and argv[1].isdigit() else 1
    if count > len(shell.data["params"]):
        if shell.dialect.name == "bash":
            return 1
        shell.complain("can't shift that many", "shift")
        if not shell.interactive:
            shell.leave(2)
            return None
        return 2
    shell.data["params"] = shell.data["params"][count:]
    return 0


def let(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    value = 0
    if len(argv) < 2:
        shell.complain("expression expected", "let")
        return 1
    for word in argv[1:]:
        expander = Expander(shell, ())
        try:
            value = evaluate(word, expander)
        except ArithmeticFault as fault:
            shell.complain(shell.dialect.say(f"arithmetic-{fault.kind}", word, fault.token), "let")
            return 1
        expander.commit()
    return int(value == 0)


def getopts(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    if len(argv) < 3:
        shell.complain("usage: getopts optstring name [arg ...]", "getopts")
        return 2
    wanted, name = argv[1], argv[2]
    words = list(argv[3:]) or shell.params
    index = int(shell.variables.get("OPTIND") or 1)
    offset = shell.data.get("optoffset", 1) if index == shell.data.get("optindex", index) else 1
    word = words[index - 1] if index <= len(words) else ""
    if not word.startswith("-") or word == "-" or word == "--":
        shell.variables.set("OPTIND", str(index + (word == "--")))
        shell.variables.set(name, "?")
        return 1
    letter = word[offset]
    silent = wanted.startswith(":")
    place = wanted.lstrip(":").find(letter)
    takes = place >= 0 and wanted.lstrip(":")[place + 1 : place + 2] == ":"
    offset += 1
    value = None
    found = letter if place >= 0 and letter != ":" else "?"
    if takes:
        value, index, offset = word[offset:] or None, index + 1, 1
        if value is None and index <= len(words):
            value, index = words[index - 1], index + 1
        if value is None:
            found, value = (":", letter) if silent else ("?", None)
            if not silent:
                shell.complain(f"option requires an argument -- {letter}")
    elif found == "?":
        value = letter if silent else None
        if not silent:
            shell.complain(f"illegal option -- {letter}")
    if not takes and offset >= len(word):
        index, offset = index + 1, 1
    shell.data["optindex"], shell.data["optoffset"] = index, offset
    shell.variables.set("OPTIND", str(index))
    shell.variables.set(name, found)
    if value is None:
        shell.variables.values.pop("OPTARG", None)
    else:
        shell.variables.set("OPTARG", value)
    return 0
