"""Programs that run others: xargs, timeout, watch, nohup, nice, time, busybox."""

from __future__ import annotations

import shlex
from datetime import datetime, timezone

from cluster.shell.calls import ShellCall
from cluster.shell.programs.output import FOREVER, duration
from cluster.shell.programs.program import UsageFault, missing_operand, options


def xargs(call: ShellCall) -> int | None:
    state = call.state
    found = options(
        call, "0rtpx", "nIPLd", "null:0 no-run-if-empty:r max-args=:n replace=:I delimiter=:d", stop_early=True
    )
    if "todo" not in state:
        data = call.read()
        while data:
            state["stdin"] = state.get("stdin", "") + data.decode("utf-8", "replace")
            data = call.read()
        if data is None:
            return None
        state["todo"] = _batches(str(state.get("stdin", "")), found, found.operands or ["echo"])
        state["status"] = 0
    while state["todo"]:
        if "child" not in state:
            if "t" in found:
                call.error(" ".join(state["todo"][0]) + "\n")
            state["child"] = call.run_child(state["todo"][0], stdin=b"")
        code = call.child_exit(state["child"])
        if code is None:
            return None
        del state["child"]
        state["todo"].pop(0)
        if code in (126, 127):
            return code
        state["status"] = 123 if code else state["status"]
    return int(state["status"])


def _batches(text: str, found: object, command: list[str]) -> list[list[str]]:
    assert hasattr(found, "get") and hasattr(found, "flags")
    marker = found.get("I")
    if "0" in found.flags:
        items = [item for item in text.split("\0") if item]
    elif found.get("d"):
        items = text.removesuffix("\n").split(found.get("d").replace("\\n", "\n"))
    elif marker:
        items = [line.strip() for line in text.split("\n") if line.strip()]
    else:
        try:
            items = shlex.split(text)
        except ValueError:
            raise UsageFault(
                "xargs: unmatched single quote; by default quotes are special to xargs unless you use the -0 option\n"
            ) from None
    if marker:
        return [[word.replace(marker, item) for word in command] for item in items]
    size = int(found.get("n") or found.get("L") or 0) or 5000
    if not items:
        return [] if "r" in found.flags else [command]
    return [[*command, *items[i : i + size]] for i in range(0, len(items), size)]


def timeout(call: ShellCall) -> int | None:
    state = call.state
    found = options(call, "v", "skt", "signal=:s kill-after=:k preserve-status foreground", 125, stop_early=True)
    words = list(found.operands)
    if "child" not in state:
        if "t" in found:
            words.insert(0, found.get("t"))
        if len(words) < 2:
            raise missing_operand(call)
        seconds = duration(words[0])
        if seconds is None:
            raise UsageFault(
                f"timeout: invalid time interval '{words[0]}'\nTry 'timeout --help' for more information.\n", 125
            )
        state["until"] = call.place.now() + seconds if seconds else 1e15
        state["child"] = call.run_child(words[1:])
    code = call.child_exit(state["child"])
    if code is not None:
        return (143 if call.applet() else 124) if state.get("stopped") and "preserve-status" not in found else code
    if call.place.now() >= state["until"]:
        signal = found.get("s", "TERM")
        if state.get("stopped"):
            signal = "KILL"
        state["stopped"] = True
        from cluster.shell.kernel import signal_name

        call.stop_child(state["child"], signal_name(signal) or "TERM")
        state["until"] = call.place.now() + (duration(found.get("k", "")) or 1e15)
        code = call.child_exit(state["child"])
        if code is not None:
            return 143 if call.applet() else 137 if signal in ("KILL", "9") else 124
    if state["until"] < FOREVER:
        call.sleep_until(state["until"])
    return None


def watch(call: ShellCall) -> int | None:
    state = call.state
    found = options(call, "dtegcx", "n", "interval=:n differences:d no-title:t", stop_early=True)
    if not found.operands:
        raise UsageFault("Usage:\n watch [options] command\n")
    every = float(found.get("n", "2"))
    command = " ".join(found.operands)
    if "child" not in state and state.get("next", 0) <= call.place.now():
        state["child"] = call.run_child(["sh", "-c", command], stdin=b"", capture=True)
        state["next"] = call.place.now() + every
    if "child" in state:
        if call.child_exit(state["child"]) is None:
            return None
        _screen(call, found, command, every, call.child_output(state.pop("child")))
    call.sleep_until(state["next"])
    return None


def _screen(call: ShellCall, found: object, command: str, every: float, output: bytes) -> None:
    assert hasattr(found, "flags")
    when = datetime.fromtimestamp(call.place.now(), timezone.utc)
    lead = f"Every {every:.1f}s: {command}"
    tail = f"{call.place.hostname}: {when:%a %b} {when.day:>2} {when:%H:%M:%S} {when.year}"
    title = "" if "t" in found.flags else f"{lead}{tail:>{max(call.columns - len(lead), len(tail) + 1)}}\n\n"
    call.write(b"\x1b[H\x1b[2J" + title.encode() + output)


def run_rest(call: ShellCall) -> int | None:
    """nohup, nice, setsid, stdbuf: only the command after their options matters here."""
    state = call.state
    if "child" not in state:
        words = list(call.argv[1:])
        while words and words[0].startswith("-"):
            flag = words.pop(0)
            if flag == "-n" and words:
                words.pop(0)
        if not words:
            raise missing_operand(call)
        state["child"] = call.run_child(words)
    return call.child_exit(state["child"])


def time(call: ShellCall) -> int | None:
    state = call.state
    if "child" not in state:
        state["began"] = call.place.now()
        words = [word for word in call.argv[1:] if word != "-p"]
        if not words:
            return 0
        state["child"] = call.run_child(words)
    code = call.child_exit(state["child"])
    if code is not None:
        minutes, seconds = divmod(call.place.now() - state["began"], 60)
        if call.applet():
            call.error(f"real\t{int(minutes)}m {seconds:.2f}s\nuser\t0m 0.00s\nsys\t0m 0.00s\n")
        else:
            call.error(f"\nreal\t{int(minutes)}m{seconds:.3f}s\nuser\t0m0.000s\nsys\t0m0.000s\n")
    return code


def busybox(call: ShellCall) -> int | None:
    """`busybox ls …` runs the applet."""
    state = call.state
    if "child" not in state:
        if len(call.argv) < 2:
            call.write("BusyBox v1.37.0 multi-call binary.\n")
            return 0
        state["child"] = call.run_child(list(call.argv[1:]))
    return call.child_exit(state["child"])
