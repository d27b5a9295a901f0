"""kubectl edit with the page's editor."""

from __future__ import annotations

from tests.kubectl.desk import Call, Desk


def opened(desk: Desk) -> tuple[Call, str]:
    """Start editing; return the call and the path the page is asked to open."""
    desk.say("kubectl create -f cm.yaml")
    call = Call(desk.place, ["kubectl", "edit", "cm", "settings"], dict(desk.environ), tty=True, stdin=[])
    call.read = lambda: call.stdin.pop(0) if call.stdin else None  # type: ignore[method-assign]
    desk.step(call)
    return call, "".join(call.out).removeprefix("\x1b]7717;edit;").removesuffix("\x07")


def answer(desk: Desk, call: Call, word: str = "saved\r") -> int | None:
    call.stdin.append(word.encode())
    call.out.clear()
    return desk.step(call)


def test_what_is_saved_is_sent(desk: Desk) -> None:
    call, path = opened(desk)
    desk.files.write(path, desk.files.read(path).replace(b"blue", b"green"))
    assert answer(desk, call) == 0
    assert "".join(call.out) == "configmap/settings edited\n"
    assert desk.client.get("configmaps", "settings", "default")["data"] == {"color": "green"}


def test_closing_without_saving_changes_nothing(desk: Desk) -> None:
    call, _ = opened(desk)
    assert answer(desk, call, "closed\r") == 0
    assert "".join(call.err) == "Edit cancelled, no changes made.\n"


def test_a_text_that_is_no_yaml_is_shown_again_with_the_reason(desk: Desk) -> None:
    call, path = opened(desk)
    desk.files.write(path, b"a: [1,\nb: 2\n")
    assert answer(desk, call) is None
    assert "".join(call.out).startswith("\x1b]7717;edit;")
    assert b"# The edited file had a syntax error: yaml: line" in desk.files.read(path)
    assert answer(desk, call, "closed\r") == 1
    assert "error: Edit cancelled, no valid changes were saved.\n" in "".join(call.err)
