"""What each kind of command does, one step at a time: lists, pipelines, loops, branches, functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cluster.shell import patterns, redirects
from cluster.shell.conditions import judge
from cluster.shell.syntax import (
    AndOr,
    ArithmeticCommand,
    Case,
    CountedFor,
    For,
    Function,
    Group,
    If,
    Incomplete,
    List,
    Node,
    Pipeline,
    ShellSyntaxError,
    Subshell,
    Test,
    While,
)

if TYPE_CHECKING:
    from cluster.shell.shell import Frame, Shell


def _list(shell: Shell, frame: Frame) -> None:
    node = shell.node(frame["n"])
    assert isinstance(node, List)
    i = frame.get("i", 0)
    if i >= len(node.items):
        if not node.items and not frame.get("keep"):
            shell.status = 0
        shell.done()
        return
    frame["i"] = i + 1
    item, background = node.items[i]
    if background:
        start_job(shell, item, frame["n"][0])
        return
    shell.push(item, frame["n"][0])


def start_job(shell: Shell, node: Node, source: str) -> None:
    """Run a command in the background."""
    fds = dict(shell.task["fds"])
    if not shell.interactive:
        fds["0"] = "null"
    child = shell.fork(fds, bg=True)
    child.push(node, source)
    pid = child.task["pid"]
    number = max((job["number"] for job in shell.data["jobs"]), default=0) + 1
    text = getattr(node, "source", "") or "job"
    shell.data["jobs"].append({"number": number, "pid": pid, "text": text})
    shell.data["last_bg"] = pid
    shell.status = 0
    if shell.interactive:
        shell.write(2, f"[{number}] {pid}\n")


def _and_or(shell: Shell, frame: Frame) -> None:
    node = shell.node(frame["n"])
    assert isinstance(node, AndOr)
    i = frame.get("i", 0)
    while i < len(node.items):
        op, item = node.items[i]
        i += 1
        if (op == "&&" and shell.status != 0) or (op == "||" and shell.status == 0):
            continue
        frame["i"] = i
        frame["tested"] = i < len(node.items)
        shell.push(item, frame["n"][0])
        return
    shell.done()


def _pipeline(shell: Shell, frame: Frame) -> None:
    node = shell.node(frame["n"])
    assert isinstance(node, Pipeline)
    if "pids" not in frame and not frame.get("single"):
        _start_pipeline(shell, frame, node)
        return
    if frame.get("single"):
        statuses = [shell.status]
    else:
        codes = frame["codes"]
        for pid in frame["pids"]:
            if str(pid) not in codes:
                code = shell.kernel.reap(pid)
                if code is not None:
                    codes[str(pid)] = code
        waiting = [pid for pid in frame["pids"] if str(pid) not in codes]
        if waiting:
            shell.wait_for(*waiting)
            return
        statuses = [codes[str(pid)] for pid in frame["pids"]]
        if shell.dialect.name == "bash":
            shell.variables.set_array("PIPESTATUS", {str(i): str(code) for i, code in enumerate(statuses)})
    status = statuses[-1]
    if "P" in shell.options:
        status = next((code for code in reversed(statuses) if code), 0)
    shell.done(int(status == 0) if node.negated else status)
    if not node.negated:
        shell.failed()


def _start_pipeline(shell: Shell, frame: Frame, node: Pipeline) -> None:
    if len(node.commands) == 1:
        frame["single"] = frame["tested"] = True
        shell.push(node.commands[0], frame["n"][0])
        return
    frame["pids"], frame["codes"], frame["child"] = [], {}, True
    upstream = shell.task["fds"].get("0", "null")
    for i, command in enumerate(node.commands):
        fds = {**shell.task["fds"], "0": upstream}
        if i < len(node.commands) - 1:
            pipe = shell.kernel.pipe()
            fds["1"], upstream = f"{pipe}:w", f"{pipe}:r"
            if node.both[i]:
                fds["2"] = fds["1"]
        child = shell.fork(fds)
        child.push(command, frame["n"][0])
        frame["pids"].append(child.task["pid"])
    shell.wait_for(*frame["pids"])


def _redirected(shell: Shell, frame: Frame) -> None:
    """Stand around a compound command with redirections."""
    if "held" in frame:
        shell.done()
        return
    node = shell.node(frame["n"])
    targets = shell.attempt(frame, lambda expander: redirects.expanded(expander, node.redirects))
    if targets is None:
        return
    try:
        fds = redirects.opened(shell, targets)
    except redirects.RedirectFailed as fault:
        shell.complain(str(fault))
        shell.done(1 if shell.dialect.name == "bash" else 2)
        shell.failed()
        return
    shell.hold_descriptors(frame, fds)
    shell.push(node, frame["n"][0], bare=True)


def _group(shell: Shell, frame: Frame) -> None:
    node = shell.node(frame["n"])
    assert isinstance(node, Group)
    shell.pop()
    shell.push(node.body, frame["n"][0])


def _subshell(shell: Shell, frame: Frame) -> None:
    node = shell.node(frame["n"])
    assert isinstance(node, Subshell)
    if not frame.get("child"):
        child = shell.fork()
        child.push(node.body, frame["n"][0])
        frame["child"] = child.task["pid"]
    code = shell.kernel.reap(frame["child"])
    if code is None:
        shell.wait_for(frame["child"])
        return
    shell.done(code)
    shell.failed()


def _if(shell: Shell, frame: Frame) -> None:
    node = shell.node(frame["n"])
    assert isinstance(node, If)
    source, i = frame["n"][0], frame.get("i", 0)
    if frame.get("tested") and shell.status == 0:
        shell.pop()
        shell.push(node.clauses[i - 1][1], source)
    elif i < len(node.clauses):
        frame["i"], frame["tested"] = i + 1, True
        shell.push(node.clauses[i][0], source)
    else:
        shell.done(0)
        if node.otherwise is not None:
            shell.push(node.otherwise, source)


def _while(shell: Shell, frame: Frame) -> None:
    node = shell.node(frame["n"])
    assert isinstance(node, While)
    if not frame.get("tested"):
        if "s" in frame:
            frame["s"] = shell.status
        frame.setdefault("s", 0)
        frame["tested"] = True
        shell.push(node.test, frame["n"][0])
        return
    frame["tested"] = False
    if (shell.status == 0) == node.until:
        shell.done(frame["s"] if frame.get("ran") else 0)
        return
    frame["ran"] = True
    shell.push(node.body, frame["n"][0])


def _for(shell: Shell, frame: Frame) -> None:
    node = shell.node(frame["n"])
    assert isinstance(node, For)
    if "items" not in frame:
        words = node.words
        items = (
            shell.params
            if words is None
            else shell.attempt(frame, lambda expander: [field for word in words for field in expander.fields(word)])
        )
        if items is None:
            return
        frame["items"], frame["i"] = items, 0
        shell.status = 0
    if frame["i"] >= len(frame["items"]):
        shell.done()
        return
    frame["i"] += 1
    shell.variables.set(node.name, frame["items"][frame["i"] - 1])
    shell.push(node.body, frame["n"][0])


def _counted_for(shell: Shell, frame: Frame) -> None:
    node = shell.node(frame["n"])
    assert isinstance(node, CountedFor)
    stage = frame.get("s", 0)
    word = node.parts[(0, 1, 2)[stage]]
    value = shell.attempt(frame, lambda expander: expander.arithmetic(word) if word.parts else 1)
    if value is None:
        return
    if stage != 1:
        frame["s"] = 1
        return
    if not value:
        shell.done(shell.status if frame.get("ran") else 0)
        return
    frame["s"], frame["ran"] = 2, True
    shell.push(node.body, frame["n"][0])


def _case(shell: Shell, frame: Frame) -> None:
    node = shell.node(frame["n"])
    assert isinstance(node, Case)
    if "fall" not in frame:

        def choose(expander: Any) -> int:
            text = expander.text(node.word)
            for i, (words, _, _) in enumerate(node.arms):
                if i >= frame.get("from", 0) and any(patterns.matches(expander.pieces(word), text) for word in words):
                    return i
            return -1

        found = shell.attempt(frame, choose)
        if found is None:
            return
    else:
        found = frame.pop("fall")
    if found < 0 or found >= len(node.arms):
        shell.done(None if frame.get("ran") else 0)
        return
    _, body, end = node.arms[found]
    frame["ran"] = True
    if end == ";&":
        frame["fall"] = found + 1
    else:
        frame["from"] = found + 1 if end == ";;&" else len(node.arms)
    shell.status = 0
    if body is not None:
        shell.push(body, frame["n"][0])


def _function(shell: Shell, frame: Frame) -> None:
    node = shell.node(frame["n"])
    assert isinstance(node, Function)
    shell.data["funcs"][node.name] = [frame["n"][0], node.body.id]
    shell.done(0)


def _call(shell: Shell, frame: Frame) -> None:
    """Stand below a function's body; ends when that does."""
    shell.done()


def _test(shell: Shell, frame: Frame) -> None:
    node = shell.node(frame["n"])
    assert isinstance(node, Test)
    shell.data["line"] = node.line
    found = shell.attempt(frame, lambda expander: [judge(shell, expander, node.words)])
    if found is None:
        return
    status, message = found[0]
    if message:
        shell.complain(message)
    shell.done(status)
    shell.failed()


def _arithmetic(shell: Shell, frame: Frame) -> None:
    node = shell.node(frame["n"])
    assert isinstance(node, ArithmeticCommand)
    shell.data["line"] = node.line
    value = shell.attempt(frame, lambda expander: expander.arithmetic(node.word))
    if value is not None:
        shell.done(int(value == 0))
        shell.failed()


def _trap(shell: Shell, frame: Frame) -> None:
    """Run a trap's text, then go on with the status from before."""
    if frame.get("ran"):
        shell.done(frame["status"])
        return
    frame["ran"] = True
    text = shell.data["sources"][frame["n"][0]]
    try:
        shell.push_source(text)
    except ShellSyntaxError as fault:
        shell.syntax_error(fault, text, "trap")


def _sourced(shell: Shell, frame: Frame) -> None:
    """Stand below the text of `eval`, `.` and scripts."""
    shell.done()


def _script(shell: Shell, frame: Frame) -> None:
    """Run the text a shell was started with, command by command, so that earlier ones run before a later error."""
    text = frame["text"]
    if frame.get("ran"):
        shell.done()
        return
    frame["ran"] = True
    try:
        shell.push_source(text)
    except ShellSyntaxError as fault:
        done = runnable_part(shell, text, fault) if shell.data["flag"] != "-c" else ""
        shell.data["line"] = fault.line
        if done:
            frame["error"] = True
            frame["ran"] = False
            frame["text"] = _Rest.of(text, done)
            shell.push_source(done)
            return
        shell.syntax_error(fault, text)
        shell.leave(2)


class _Rest:
    """Keeps line numbers right when the first lines of a script have been run already."""

    @staticmethod
    def of(text: str, done: str) -> str:
        return "\n" * done.count("\n") + text[len(done) :]


def runnable_part(shell: Shell, text: str, fault: ShellSyntaxError) -> str:
    """Return the longest beginning of a script, in whole lines, that is complete before the error."""
    lines = text.split("\n")
    last = len(lines) if isinstance(fault, Incomplete) else fault.line - 1
    for count in range(min(last, len(lines)) - 1, 0, -1):
        candidate = "\n".join(lines[:count]) + "\n"
        try:
            if shell.machine.parse(candidate, shell.dialect.name).body.items:
                return candidate
        except ShellSyntaxError:
            continue
    return ""


HANDLERS: Mapping[str, Callable[[Shell, Frame], None]] = {
    "List": _list,
    "AndOr": _and_or,
    "Pipeline": _pipeline,
    "Redirected": _redirected,
    "Group": _group,
    "Subshell": _subshell,
    "If": _if,
    "While": _while,
    "For": _for,
    "CountedFor": _counted_for,
    "Case": _case,
    "Function": _function,
    "Call": _call,
    "Test": _test,
    "ArithmeticCommand": _arithmetic,
    "Trap": _trap,
    "Sourced": _sourced,
    "Script": _script,
}
