"""How a shell gets its commands from a person or a pipe: prompts with continuation lines, and scripts on stdin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cluster.machinery.clock import timestamp
from cluster.shell.builtins.jobs import report
from cluster.shell.lineeditor import new_line
from cluster.shell.parser import parse
from cluster.shell.syntax import Incomplete, ShellSyntaxError
from cluster.shell.terminal import Terminal
from cluster.workloads.files import FileError

if TYPE_CHECKING:
    from cluster.shell.shell import Frame, Shell

_HISTORY_SIZE = 500
_USUAL_PROMPT = {"bash": "\\u@\\h:\\w\\$ ", "dash": "\\$ ", "ash": "\\w \\$ "}


def read_prompt(shell: Shell, frame: Frame) -> None:
    """The lowest frame of an interactive shell: prompt, read a line, run it, prompt again."""
    process = shell.kernel.process
    if frame["stage"] == "start":
        _begin(shell, frame)
    if frame["stage"] == "ask":
        _ask(shell, frame)
        return
    done = process["line"].get("done")
    if done is None:
        if process["stdin_end"] and not process["stdin"]:
            done = "eof"
        else:
            shell.task["block"] = {"read": "tty"}
            return
    text = str(process["line"].get("text", ""))
    process["line"] = {}
    frame["stage"] = "ask"
    if done == "interrupt":
        frame["text"] = ""
        shell.status = 130
    elif done == "eof":
        _end(shell, frame)
    else:
        _line(shell, frame, text)


def _begin(shell: Shell, frame: Frame) -> None:
    frame["stage"] = "ask"
    history = shell.variables.get("HISTFILE")
    if history:
        try:
            lines = shell.files.read(history).decode("utf-8", "replace").split("\n")
        except FileError:
            lines = []
        shell.data["history"] = [line.replace("\0", "\n") for line in lines if line][-_HISTORY_SIZE:]
    settings = f"{shell.home('')}/.bashrc"
    if shell.dialect.name == "bash" and shell.files.exists(settings):
        text = shell.files.read(settings).decode("utf-8", "replace")
        try:
            shell.push_source(text)
        except ShellSyntaxError as fault:
            shell.syntax_error(fault, text)
        frame["stage"] = "ask"


def _ask(shell: Shell, frame: Frame) -> None:
    if shell.frames[-1] is not frame:
        return
    process = shell.kernel.process
    process["raw"] = False
    if not frame["text"]:
        _note_finished(shell)
        report(shell)
        _forget_sources(shell)
        shell.data["line"] = 1
    prompt = "> " if frame["text"] else prompt_text(shell)
    process["line"] = new_line(prompt, shell.data.setdefault("history", []))
    shell.write(2, prompt)
    Terminal(shell.machine, shell.kernel).type_ahead()
    frame["stage"] = "read"
    shell.task["block"] = {"read": "tty"}


def _note_finished(shell: Shell) -> None:
    """Leave the line that has just ended, and its status, for whoever keeps a journal."""
    process = shell.kernel.process
    line = process.pop("running", None)
    if line is not None:
        process.setdefault("finished", []).append([line, shell.status])


def _forget_sources(shell: Shell) -> None:
    """Keep only the texts that functions were defined in."""
    held = {source for source, _ in shell.data["funcs"].values()}
    held |= {str(frame["n"][0]) for frame in shell.frames}
    shell.data["sources"] = {key: text for key, text in shell.data["sources"].items() if key in held}


def prompt_text(shell: Shell) -> str:
    """Return PS1 with its escapes resolved."""
    text = shell.variables.get("PS1")
    text = _USUAL_PROMPT[shell.dialect.name] if text is None else text
    user = str(shell.kernel.process["user"])
    home = shell.variables.get("HOME") or ""
    cwd = shell.cwd
    where = "~" + cwd[len(home) :] if home not in ("", "/") and (cwd == home or cwd.startswith(home + "/")) else cwd
    found = {
        "u": user if not user.isdigit() or user == "0" else "I have no name!",
        "h": shell.place.hostname.split(".")[0],
        "H": shell.place.hostname,
        "w": where,
        "W": where.rpartition("/")[2] or where,
        "$": "#" if user in ("root", "0") else "$",
        "n": "\n",
        "t": timestamp(shell.place.now())[11:19],
        "e": "\x1b",
        "[": "",
        "]": "",
        "a": "\x07",
        "\\": "\\",
        "s": str(shell.data["name"]),
    }
    if found["u"] == "0":
        found["u"] = "root"
    text = re.sub(r"\\033", "\x1b", text)
    return re.sub(r"\\([uhHwWnteas$\[\]\\])", lambda match: found[match.group(1)], text)


def _end(shell: Shell, frame: Frame) -> None:
    if frame["text"]:
        text, frame["text"] = frame["text"], ""
        fault = Incomplete("", 1)
        try:
            parse(text, shell.dialect.name, interactive=True)
        except ShellSyntaxError as found:
            fault = found if isinstance(found, Incomplete) else fault
        shell.write(2, "\n")
        shell.syntax_error(fault, text)
        shell.status = 2
        return
    shell.write(2, "exit\n" if shell.dialect.name == "bash" else "\n")
    shell.leave(shell.status)


def _line(shell: Shell, frame: Frame, line: str) -> None:
    if not frame["text"]:
        expanded = _recalled(shell, line)
        if expanded is None:
            return
        line = expanded
    frame["text"] += line + "\n"
    text = frame["text"]
    if not text.strip():
        frame["text"] = ""
        return
    try:
        parse(text, shell.dialect.name, interactive=True)
    except Incomplete:
        return
    except ShellSyntaxError as fault:
        frame["text"] = ""
        _remember(shell, text.rstrip("\n"))
        shell.syntax_error(fault, text)
        shell.status = 2
        return
    frame["text"] = ""
    _remember(shell, text.rstrip("\n"))
    shell.kernel.process["running"] = text.rstrip("\n")
    shell.push_source(text, keep=True)


def _recalled(shell: Shell, line: str) -> str | None:
    """Expand `!!`, `!$`, `!n` and `!text`; None when there is no such line."""
    if shell.dialect.name != "bash" or "!" not in line:
        return line
    history = shell.data.setdefault("history", [])
    missing: list[str] = []

    def put(match: re.Match[str]) -> str:
        word = match.group(1)
        if word == "!" and history:
            return str(history[-1])
        if word == "$" and history:
            return str(history[-1].split()[-1])
        if word.isdigit() and 0 < int(word) <= len(history):
            return str(history[int(word) - 1])
        found = next((one for one in reversed(history) if one.startswith(word)), None)
        if found is None:
            missing.append(match.group())
        return found or ""

    expanded = re.sub(r"(?<![\\'\w$\[{])!(!|\$|\d+|[A-Za-z][\w-]*)(?!=)", put, line) if "'" not in line else line
    if missing:
        shell.write(2, f"{shell.data['name']}: {missing[0]}: event not found\n")
        return None
    if expanded != line:
        shell.write(2, expanded + "\n")
    return expanded


def _remember(shell: Shell, text: str) -> None:
    history = shell.data.setdefault("history", [])
    if text.startswith(" ") or (history and history[-1] == text):
        return
    history.append(text)
    del history[:-_HISTORY_SIZE]
    path = shell.variables.get("HISTFILE")
    if path:
        try:
            shell.files.write(path, (text.replace("\n", "\0") + "\n").encode(), append=True)
        except FileError:
            shell.data["attrs"].pop("HISTFILE", None)


def read_script(shell: Shell, frame: Frame) -> None:
    """The lowest frame of a shell that reads commands from standard input: one complete command at a time."""
    name = shell.task["fds"].get("0", "null")
    data = shell.kernel.read(name)
    if data is None:
        shell.task["block"] = {"read": name}
        return
    held = frame.pop("held_bytes", "") + data.decode("latin-1")
    line, end, rest = held.partition("\n")
    if not end and data:
        frame["held_bytes"] = held
        return
    shell.kernel.unread(name, rest.encode("latin-1"))
    if not end and not line:
        _finish(shell, frame)
        return
    frame["text"] += line.encode("latin-1").decode("utf-8", "replace") + end
    _try(shell, frame, at_end=not end)


def _goes_on(text: str) -> bool:
    """Say whether the last line ends in a backslash that joins it to the next."""
    last = text[:-1].rpartition("\n")[2]
    return (len(last) - len(last.rstrip("\\"))) % 2 == 1 and not last.lstrip().startswith("#")


def _try(shell: Shell, frame: Frame, *, at_end: bool) -> None:
    text = frame["text"]
    if not text.strip():
        frame["lines"] = frame.get("lines", 0) + text.count("\n")
        frame["text"] = ""
        return
    if not at_end and _goes_on(text):
        return
    try:
        parse(text, shell.dialect.name, interactive=not at_end)
    except Incomplete as fault:
        if at_end:
            shell.syntax_error(fault, text)
            shell.leave(2)
        return
    except ShellSyntaxError as fault:
        fault.line += frame.get("lines", 0)
        shell.data["line"] = fault.line
        shell.syntax_error(fault, "\n" * frame.get("lines", 0) + text)
        shell.leave(2)
        return
    shell.push_source("\n" * frame.get("lines", 0) + text)
    frame["lines"] = frame.get("lines", 0) + text.count("\n")
    frame["text"] = ""


def _finish(shell: Shell, frame: Frame) -> None:
    if frame["text"].strip():
        _try(shell, frame, at_end=True)
        return
    shell.leave(shell.status)
