"""`lab requests [N]` and `lab why [REQUEST]`: what the API server was asked, and why it said no."""

from __future__ import annotations

from collections.abc import Sequence

from cluster.apiserver.gates import text
from cluster.apiserver.gates.recorder import Recorder
from cluster.apiserver.gates.rings import COMPONENTS
from cluster.apiserver.gates.words import words
from cluster.runtime.console.doors import Doors
from cluster.workloads.process import Call

SHOWN = 20
REQUESTS_USAGE = "usage: lab requests [N] [--all]\n"
WHY_USAGE = "usage: lab why [REQUEST]\n"


def requests(doors: Doors, call: Call, given: Sequence[str]) -> int:
    """Print the last requests, oldest first; those of the cluster's own components with --all."""
    numbers = [word for word in given if word != "--all"]
    if len(numbers) > 1 or not all(word.isdigit() for word in numbers):
        call.error(REQUESTS_USAGE)
        return 2
    found = [one for one in doors.recorder.after(0) if one.ring != COMPONENTS or "--all" in given]
    shown = found[-int(numbers[0]) :] if numbers and int(numbers[0]) else found[-SHOWN:]
    if not shown:
        call.write(f"{words('en')['nothing']}\n")
        return 0
    call.write(text.table(shown))
    return 0


def why(doors: Doors, call: Call, given: Sequence[str]) -> int:
    """Print one request gate by gate: the last that was refused, or the one named."""
    if len(given) > 1 or not all(word.isdigit() for word in given):
        call.error(WHY_USAGE)
        return 2
    serial = int(given[0]) if given else _last_refused(doors.recorder)
    if serial is None:
        call.error(f"lab: {words('en')['none.refused']}\n")
        return 1
    entry = doors.recorder.entry(serial)
    if entry is None:
        call.error(f"lab: {words('en')['forgotten'].format(serial=serial)}\n")
        return 1
    call.write(text.whole(entry))
    return 0


def _last_refused(recorder: Recorder) -> int | None:
    """Return the newest refusal; one of a plain `not found` only when there is no other."""
    refused = [one for one in recorder.after(0) if one.refused and one.ring != COMPONENTS]
    telling = [one for one in refused if one.code != 404] or refused
    return telling[-1].serial if telling else None
