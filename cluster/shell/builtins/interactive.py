"""Builtins about the place one is in and the names one may use: cd, alias, type, history and the like."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cluster.shell.parser import KEYWORDS
from cluster.workloads.files import FileError

if TYPE_CHECKING:
    from cluster.shell.shell import Frame, Shell


def cd(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    words = [word for word in argv[1:] if word not in ("-L", "-P", "--")]
    if len(words) > 1 and shell.dialect.name == "bash":
        shell.complain("too many arguments", "cd")
        return 1
    target = words[0] if words else shell.variables.get("HOME") or ""
    if not target:
        if words:
            return 0
        shell.complain("HOME not set", "cd")
        return 1
    if target == "-":
        target = shell.variables.get("OLDPWD") or ""
        if not target:
            shell.complain("OLDPWD not set", "cd")
            return 1
        shell.write(1, target + "\n")
    path = posixpath.normpath(shell.path(target)).replace("//", "/")
    try:
        if shell.files.stat(path).kind != "dir":
            raise FileError("ENOTDIR", target)
    except FileError as fault:
        message = shell.dialect.say("cd", target, str(fault))
        if shell.dialect.name == "ash":
            shell.complain(message, "cd")
        else:
            shell.complain(message)
        return 1 if shell.dialect.name != "dash" else 2
    shell.variables.values["OLDPWD"] = shell.cwd
    shell.variables.values["PWD"] = shell.task["cwd"] = path
    for name in ("OLDPWD", "PWD"):
        shell.variables.mark(name, "x")
    return 0


def alias(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    aliases = shell.data["aliases"]
    lead = "alias " if shell.dialect.name == "bash" else ""
    status = 0
    for word in argv[1:] or sorted(aliases):
        name, found, value = word.partition("=")
        if found:
            aliases[name] = value
        elif name in aliases:
            shell.write(1, f"{lead}{name}='{aliases[name]}'\n")
        else:
            shell.complain(f"{name}: not found" if shell.dialect.name == "bash" else f"{name} not found", "alias")
            status = 1
    return status


def unalias(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    if "-a" in argv:
        shell.data["aliases"].clear()
    status = 0
    for name in argv[1:]:
        if name != "-a" and shell.data["aliases"].pop(name, None) is None:
            shell.complain(f"{name}: not found", "unalias")
            status = 1
    return status


def location(shell: Shell, name: str) -> str:
    """Return the path a program's name leads to, '' when there is none."""
    found = shell.machine.find(shell.kernel, name, shell.cwd, shell.variables.get("PATH"))
    if found.trouble:
        return ""
    if found.path:
        return found.path
    if "/" in name:
        return name
    folders = (shell.variables.get("PATH") or "").split(":")
    real = (f"{folder}/{name}" for folder in folders if shell.files.exists(f"{folder}/{name}"))
    usual = "/usr/local/bin" if shell.place.program(name) is not None and shell.place.kind == "terminal" else "/usr/bin"
    return next(real, f"{'/bin' if shell.dialect.name == 'ash' else usual}/{name}")


def describe(shell: Shell, names: Sequence[str], *, brief: bool) -> int:
    """Answer `type` and `command -v`."""
    from cluster.shell.builtins.registry import BUILTINS

    status = 0
    for name in names:
        builtin = name in BUILTINS and BUILTINS[name].known_to(shell.dialect.name)
        if name in shell.data["aliases"]:
            value = shell.data["aliases"][name]
            bash = shell.dialect.name == "bash"
            long = f"{name} is aliased to `{value}'" if bash else f"{name} is an alias for {value}"
            line = f"alias {name}='{value}'" if brief else long
        elif name in KEYWORDS:
            line = name if brief else f"{name} is a shell keyword"
        elif name in shell.data["funcs"]:
            line = name if brief else f"{name} is a {'shell ' if shell.dialect.name != 'bash' else ''}function"
        elif builtin:
            line = name if brief else f"{name} is a shell builtin"
        elif path := location(shell, name):
            line = path if brief else f"{name} is {path}"
        else:
            status = 1 if shell.dialect.name == "bash" else 127
            if not brief:
                if shell.dialect.name == "bash":
                    shell.complain(f"{name}: not found", "type")
                else:
                    shell.write(2 if shell.dialect.name == "dash" else 1, f"{name}: not found\n")
            continue
        shell.write(1, line + "\n")
    return status


def type_(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    words = [word for word in argv[1:] if not word.startswith("-")]
    return describe(shell, words, brief="-p" in argv or "-P" in argv)


def hash_(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    return 0


def ignored(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    """Accept what only tunes a real readline."""
    return 0


def history(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    lines = shell.data.setdefault("history", [])
    if "-c" in argv:
        lines.clear()
        return 0
    count = int(argv[1]) if len(argv) > 1 and argv[1].isdigit() else len(lines)
    for number, line in list(enumerate(lines, 1))[-count:] if count else ():
        shell.write(1, f"{number:5d}  {line}\n")
    return 0


def umask(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    if len(argv) > 1:
        shell.data["umask"] = argv[1]
        return 0
    shell.write(1, f"{shell.data.get('umask', '0022')}\n")
    return 0


def ulimit(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    shell.write(1, "1048576\n" if "-n" in argv else "unlimited\n")
    return 0


def times(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    shell.write(1, "0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n")
    return 0


def help_(shell: Shell, argv: Sequence[str], frame: Frame) -> int | None:
    from cluster.shell.builtins.registry import BUILTINS

    names = sorted(name for name, one in BUILTINS.items() if one.known_to(shell.dialect.name))
    shell.write(1, "Built-in commands:\n------------------\n\t" + " ".join(names) + "\n")
    return 0
