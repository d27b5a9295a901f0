"""Simple commands (XCU 2.9.1): expand, redirect, then run a function, a builtin or a program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cluster.shell import redirects
from cluster.shell.builtins.registry import BUILTINS
from cluster.shell.expand import Expander
from cluster.shell.syntax import Assign, List, ShellSyntaxError, Simple, Word
from cluster.shell.variables import ReadonlyVariable

if TYPE_CHECKING:
    from cluster.shell.shell import Frame, Shell

_SAFE = re.compile(r"[\w@%+=:,./-]+", re.ASCII)


def run_simple(shell: Shell, frame: Frame) -> None:
    """Take one step of a simple command."""
    if frame.get("child"):
        _await(shell, frame)
        return
    if "argv" not in frame:
        node = shell.node(frame["n"])
        assert isinstance(node, Simple)
        if not _prepare(shell, frame, node):
            return
    if "builtin" in frame:
        _continue_builtin(shell, frame)
        return
    _execute(shell, frame)


def _prepare(shell: Shell, frame: Frame, node: Simple) -> bool:
    """Expand everything; False while a substitution runs."""
    if not frame.get("subs"):
        shell.data["line"] = node.line
    words, declarations = node.words, node.declarations
    aliases = shell.data["aliases"]
    if aliases and words and words[0].literal() in aliases:
        words, declarations = _unaliased(shell, words), {}

    def expand(expander: Expander) -> tuple[list[str], list[Any], list[Any], dict[str, Any]]:
        argv: list[str] = []
        arrays: dict[str, Any] = {}
        for i, word in enumerate(words):
            if i in declarations:
                argv.append(_declaration(expander, declarations[i], arrays))
            else:
                argv += expander.fields(word)
        targets = redirects.expanded(expander, node.redirects)
        before = dict(expander.pending)
        assigns = [_assigned(expander, assign) for assign in node.assigns]
        # The assignments before a command are for that command alone.
        expander.pending = before
        return argv, targets, assigns, arrays

    found = shell.attempt(frame, expand)
    if found is None:
        return False
    frame["argv"], frame["targets"], frame["assigns"], frame["arrays"] = found
    if "x" in shell.options:
        _trace(shell, frame["assigns"], frame["argv"])
    return True


def _unaliased(shell: Shell, words: Sequence[Word]) -> list[Word]:
    """Put aliases' values in the place of the first word (and of the next, after a value that ends in a blank)."""
    found = list(words)
    seen: set[str] = set()
    while found and found[0].literal() in shell.data["aliases"] and found[0].literal() not in seen:
        name = found[0].literal() or ""
        seen.add(name)
        try:
            script = shell.machine.parse(shell.data["aliases"][name], shell.dialect.name)
        except ShellSyntaxError:
            break
        first = script.body.items[0][0] if script.body.items else None
        if not isinstance(first, Simple):
            break
        found = [*first.words, *found[1:]]
    return found


def _declaration(expander: Expander, assign: Assign, arrays: dict[str, Any]) -> str:
    if assign.array is not None:
        arrays[assign.name] = _elements(expander, assign)
        return assign.name
    value = expander.text(assign.value, assignment=True) if assign.value is not None else ""
    if assign.append:
        value = (expander.lookup(assign.name) or "") + value
    return f"{assign.name}={value}"


def _assigned(expander: Expander, assign: Assign) -> list[Any]:
    """Return [name, index, value or elements, append]."""
    if assign.array is not None:
        return [assign.name, "", _elements(expander, assign), assign.append]
    value = expander.text(assign.value, assignment=True) if assign.value is not None else ""
    index = ""
    if assign.index is not None:
        index = expander._subscript_text(assign.name, expander.text(assign.index))
    if assign.append:
        name = f"{assign.name}[{index}]" if index else assign.name
        if "i" in expander.shell.variables.attributes.get(assign.name, ""):
            value = str(int(expander.lookup(name) or 0) + int(value or 0))
        else:
            value = (expander.lookup(name) or "") + value
    # Later assignments of the same command see this one.
    expander.pending[(assign.name, index)] = value
    return [assign.name, index, value, False]


def _elements(expander: Expander, assign: Assign) -> list[list[str | None]]:
    found: list[list[str | None]] = []
    for index, word in assign.array or ():
        if index is not None:
            found.append([expander._subscript_text(assign.name, expander.text(index)), expander.text(word)])
        else:
            found += [[None, field] for field in expander.fields(word)]
    return found


def _trace(shell: Shell, assigns: Sequence[Sequence[Any]], argv: Sequence[str]) -> None:
    quote = quoted if shell.dialect.name != "dash" else str
    words = [f"{name}={quote(value) if value else ''}" for name, _, value, _ in assigns if isinstance(value, str)]
    lines = [" ".join(quote(word) for word in argv)] if argv else []
    prompt = shell.variables.get("PS4") or "+ "
    for line in [*words, *lines] if shell.dialect.name == "bash" else [" ".join([*words, *lines])]:
        shell.write(2, f"{prompt}{line}\n")


def quoted(text: str) -> str:
    """Return a word as one would type it."""
    if _SAFE.fullmatch(text):
        return text
    return "'" + text.replace("'", "'\\''") + "'"


def assign_all(shell: Shell, assigns: Sequence[Sequence[Any]]) -> None:
    for name, index, value, append in assigns:
        if isinstance(value, str):
            shell.variables.set(name, value, index)
            continue
        held = dict(shell.variables.array(name) or {}) if append else {}
        set_elements(shell, name, value, held)


def set_elements(
    shell: Shell, name: str, items: Sequence[Sequence[str | None]], held: dict[str, str] | None = None
) -> None:
    """Assign `name=(…)`; items without a subscript count on from the last."""
    found = dict(held or {})
    following = max((int(key) for key in found if key.lstrip("-").isdigit()), default=-1) + 1
    for index, value in items:
        key = str(following) if index is None else index
        found[key] = value or ""
        following = int(key) + 1 if key.lstrip("-").isdigit() else following
    shell.variables.set_array(name, found)


def _execute(shell: Shell, frame: Frame) -> None:
    argv: list[str] = frame["argv"]
    try:
        if not _redirect(shell, frame):
            return
        if not argv:
            assign_all(shell, frame["assigns"])
            shell.done(frame.get("last_sub") or 0)
            shell.failed()
            return
        if argv[0] in shell.data["funcs"] and not frame.get("plain"):
            _call_function(shell, frame, argv)
        elif argv[0] in BUILTINS and BUILTINS[argv[0]].known_to(shell.dialect.name):
            _start_builtin(shell, frame)
        else:
            run_program(shell, frame, argv)
    except ReadonlyVariable as fault:
        shell.complain(shell.dialect.say("readonly", fault.name))
        shell.done(1 if shell.dialect.name == "bash" else 2)
        if not shell.interactive and not argv:
            shell.leave(shell.status)


def _redirect(shell: Shell, frame: Frame) -> bool:
    if not frame["targets"]:
        return True
    try:
        fds = redirects.opened(shell, frame["targets"])
    except redirects.RedirectFailed as fault:
        shell.complain(str(fault))
        special = bool(frame["argv"]) and frame["argv"][0] in BUILTINS and BUILTINS[frame["argv"][0]].special
        shell.done(1 if shell.dialect.name == "bash" else 2)
        if special and shell.dialect.fatal_special and not shell.interactive:
            shell.leave(2)
        else:
            shell.failed()
        return False
    if frame["argv"] == ["exec"]:
        shell.task["fds"] = fds
    elif not frame["argv"] and len(frame["targets"]) == 1 and frame["targets"][0][0] == "<" and shell.data.get("sub"):
        # `$(< file)` is bash's short form of `$(cat file)`.
        shell.write(1, shell.kernel.read(fds["0"]) or b"")
    else:
        shell.hold_descriptors(frame, fds)
    return True


def _call_function(shell: Shell, frame: Frame, argv: Sequence[str]) -> None:
    held = frame.pop("held", None)
    assigns = frame["assigns"]
    shell.frames.pop()
    if sum(one["k"] == "Call" for one in shell.frames) >= 500:
        shell.complain(f"{argv[0]}: maximum function nesting level exceeded (500)")
        shell.leave(2)
        return
    call: dict[str, Any] = {"k": "Call", "n": frame["n"], "params": shell.params, "locals": {}, "name": argv[0]}
    if held is not None:
        call["held"] = held
    shell.frames.append(call)
    shell.data["params"] = list(argv[1:])
    for name, _, value, _ in assigns:
        make_local(shell, call, name)
        shell.variables.set(name, value)
        shell.variables.mark(name, "x")
    source, number = shell.data["funcs"][argv[0]]
    shell.push(shell.node([source, number]), source)


def make_local(shell: Shell, call: Frame, name: str) -> None:
    """Remember a variable's outer value in the frame of the function call."""
    if name not in call["locals"]:
        call["locals"][name] = [shell.variables.values.get(name), shell.variables.attributes.get(name, "")]


def environment(shell: Shell, assigns: Sequence[Sequence[Any]] = ()) -> dict[str, str]:
    return {**shell.variables.exported(), **{name: value for name, _, value, _ in assigns if isinstance(value, str)}}


def run_program(shell: Shell, frame: Frame, argv: Sequence[str]) -> None:
    """Start an executable as a child and wait for it."""
    found = shell.machine.find(shell.kernel, argv[0], shell.cwd, environment(shell).get("PATH"))
    if found.trouble:
        shell.complain(shell.dialect.say(found.trouble, argv[0]))
        shell.done(found.status)
        shell.failed()
        return
    env = environment(shell, frame["assigns"])
    if _is_last_act(shell):
        shell.machine.become(shell.kernel, shell.task, argv, found, env)
        return
    child = shell.kernel.spawn(shell.task, argv, env=env)
    shell.machine.become(shell.kernel, child, argv, found, env)
    frame["child"] = child["pid"]
    shell.wait_for(child["pid"])


def _is_last_act(shell: Shell) -> bool:
    """Return whether nothing is left to do after this command, so that the shell becomes it instead of forking."""
    if shell.data["traps"] or not (shell.data.get("sub") or shell.data["flag"] == "-c"):
        return False
    return all(_is_tail(shell, one) for one in shell.frames[:-1])


def _is_tail(shell: Shell, frame: Frame) -> bool:
    if frame["k"] == "Script":
        return bool(frame.get("ran")) and not frame.get("error")
    if frame["k"] != "List":
        return False
    node = shell.node(frame["n"])
    return isinstance(node, List) and frame.get("i", 0) >= len(node.items)


def _await(shell: Shell, frame: Frame) -> None:
    child = shell.kernel.task(frame["child"])
    if child is not None and child.get("stopped") and shell.interactive:
        _to_background(shell, frame, child["pid"])
        return
    code = shell.kernel.reap(frame["child"])
    if code is None:
        shell.wait_for(frame["child"])
        return
    shell.done(code)
    shell.failed()


def _to_background(shell: Shell, frame: Frame, pid: int) -> None:
    number = max((job["number"] for job in shell.data["jobs"]), default=0) + 1
    text = " ".join(frame["argv"])
    shell.data["jobs"].append({"number": number, "pid": pid, "text": text, "stopped": True})
    shell.write(2, f"\n[{number}]+  Stopped                 {text}\n")
    shell.done(148)


def _start_builtin(shell: Shell, frame: Frame) -> None:
    frame["builtin"] = frame["argv"][0]
    frame["temp"] = {}
    if frame["assigns"]:
        for name, _, value, _ in frame["assigns"]:
            frame["temp"][name] = [shell.variables.values.get(name), shell.variables.attributes.get(name, "")]
            shell.variables.set(name, value)
            shell.variables.mark(name, "x")
    _continue_builtin(shell, frame)


def _continue_builtin(shell: Shell, frame: Frame) -> None:
    depth = len(shell.frames)
    code = BUILTINS[frame["builtin"]].run(shell, frame["argv"], frame)
    if code is None:
        return
    for name, (value, attributes) in frame["temp"].items():
        shell.variables.values.pop(name, None)
        shell.variables.attributes.pop(name, None)
        if value is not None:
            shell.variables.values[name] = value
            shell.variables.attributes[name] = attributes
    if shell.task["exit"] is not None or frame not in shell.frames[:depth]:
        return
    if shell.frames[-1] is frame:
        shell.done(code)
        shell.failed()
