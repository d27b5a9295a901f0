"""vi, vim, nano, `$EDITOR`: in the learner's terminal they ask the page to open its editor on the file.

The request is the escape sequence `ESC ] 7717 ; edit ; <path> BEL`; the page answers by typing
`ESC ] 7717 ; done BEL` once the editor is closed. Elsewhere there is no screen to edit on.
"""

from __future__ import annotations

from cluster.shell.calls import ShellCall
from cluster.workloads.files import FileError

DONE = b"\x1b]7717;done"


def edit(call: ShellCall) -> int | None:
    state = call.state
    names = [word for word in call.argv[1:] if not word.startswith(("-", "+"))]
    if call.place.kind != "terminal" or not call.tty:
        call.complain("there is no full-screen editing here; write files with cat <<EOF > FILE")
        return 1
    if "open" not in state:
        path = call.path(names[0]) if names else call.path("untitled")
        try:
            if call.place.files.exists(path) and call.place.files.stat(path).kind == "dir":
                call.complain(f'"{names[0]}" is a directory')
                return 1
        except FileError as fault:
            call.complain(f"{path}: {fault}")
            return 1
        state["open"] = path
        call.raw_mode(True)
        call.write(f"\x1b]7717;edit;{path}\x07")
    data = call.read()
    if data is None:
        call.wait_input()
        return None
    state["keys"] = (state.get("keys", "") + data.decode("latin-1"))[-64:]
    if not data or DONE.decode() in state["keys"] or "\x03" in state["keys"]:
        call.raw_mode(False)
        return 0
    call.wait_input()
    return None
