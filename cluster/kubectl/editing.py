"""Opening an editor: the web editor by an escape sequence, or $KUBE_EDITOR, $EDITOR as a program.

The web editor is asked for with `ESC ] 7717 ; edit ; PATH BEL`; whoever shows it writes the file and, when it is
closed, types a line (`saved` or `closed`) or the end of that sequence (`ESC ] 7717 ; done BEL`). A program named by
the environment is run by the place's `processes` door, as the real kubectl runs a shell with it.
"""

from __future__ import annotations

from cluster.kubectl.command import Session
from cluster.kubectl.errors import CommandError
from cluster.workloads.files import FileError
from cluster.workloads.process import Processes

SEQUENCE = "\x1b]7717;edit;{}\x07"
ENDINGS = ("saved", "closed", "\x1b]7717;done", "\x03")
BANNER = (
    "# Please edit the object below. Lines beginning with a '#' will be ignored,\n"
    "# and an empty file will abort the edit. If an error occurs while saving this file will be\n"
    "# reopened with the relevant failures.\n#\n"
)


def editor_of(session: Session) -> str:
    environ = session.call.environ
    return environ.get("KUBE_EDITOR") or environ.get("EDITOR") or ""


def edited(session: Session, text: str, name: str) -> str | None:
    """Return the text after editing; None while the editor is open (return BLOCKED then)."""
    state = session.state.setdefault("edit", {})
    if "path" not in state:
        state["path"] = f"/tmp/kubectl-edit-{session.client.server.store.revision}{name[name.rfind('.'):]}"
        session.call.place.files.write(state["path"], text.encode())
    finished = _program(session, state) if editor_of(session) else _web_editor(session, state)
    return _content(session, state["path"]) if finished else None


def _content(session: Session, path: str) -> str:
    try:
        return session.call.place.files.read(path).decode(errors="replace")
    except FileError:
        return ""


def _web_editor(session: Session, state: dict[str, object]) -> bool:
    """Show the page's editor; without a screen nothing can be edited, so nothing changes."""
    if not session.call.tty:
        return True
    if not state.get("shown"):
        session.call.raw_mode(True)
        session.out(SEQUENCE.format(state["path"]))
        state["shown"] = True
    answer = session.call.read()
    if answer is None:
        session.call.wait_input()
        return False
    keys = f"{state.get('keys', '')}{answer.decode('latin-1')}"[-64:]
    state["keys"] = keys
    if answer and not any(word in keys for word in ENDINGS):
        session.call.wait_input()
        return False
    session.call.raw_mode(False)
    return True


def reopen(session: Session, text: str) -> None:
    """Show the page's editor again, with another text."""
    state = session.state["edit"]
    session.call.place.files.write(state["path"], text.encode())
    state.pop("shown", None)
    state.pop("keys", None)


def _program(session: Session, state: dict[str, object]) -> bool:
    processes: Processes | None = session.service("processes")
    editor = editor_of(session)
    if processes is None:
        raise CommandError(f'unable to launch the editor "{editor}"')
    if "process" not in state:
        state["process"] = processes.start(
            session.call.place, ["sh", "-c", f"{editor} {state['path']}"], environ=session.call.environ,
            cwd=session.call.cwd, user=session.call.user, tty=session.call.tty)
    process = state["process"]
    assert isinstance(process, dict)
    processes.step(session.call.place, process)
    for stream, data in processes.drain(process):
        (session.call.write if stream == 1 else session.call.error)(data)
    if process["exit"] is None:
        _wait_for(session, process)
        return False
    if process["exit"]:
        raise CommandError(f'there was a problem with the editor "{editor}"')
    return True


def _wait_for(session: Session, process: dict[str, object]) -> None:
    if process.get("wake") is not None:
        session.call.sleep_until(float(str(process["wake"])))
    else:
        session.call.wait_input()


def without_comments(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
