"""What a changing command says about an object: `deployment.apps/web created (dry run)`, or the object by -o."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

from cluster.kubectl.command import Session
from cluster.kubectl.errors import CommandError
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers import structured
from cluster.machinery.meta import Object

Say = Callable[[Info, str], None]


def dry_run(session: Session) -> str:
    """Return none, client or server."""
    value = str(session.flags.get("dry-run", "none"))
    if value == "unchanged":
        if not session.state.get("dry_run_said"):
            session.state["dry_run_said"] = True
            moment = datetime.fromtimestamp(session.now(), timezone.utc).strftime("%m%d %H:%M:%S.%f")
            session.err(f"W{moment}       1 helpers.go:703] --dry-run is deprecated and can be replaced with "
                        "--dry-run=client.\n")
        return "client"
    if value in ("none", "client", "server"):
        return value
    raise CommandError(f'Invalid dry-run value ({value}). Must be "none", "server", or "client".')


def sayer(session: Session) -> Say:
    """Return a function that says what happened to an object, as -o and --dry-run want it."""
    printer = structured.printer(session)
    suffix = {"client": " (dry run)", "server": " (server dry run)"}.get(dry_run(session), "")
    printed: list[Object] = []

    def say(info: Info, operation: str) -> None:
        if printer is None:
            session.out(f"{info.named()} {operation}{suffix}\n")
            return
        if printed and session.flags.get("output") == "yaml":
            session.out("---\n")
        obj = info.object or {}
        printed.append(obj)
        session.out(f"{info.named()}\n" if session.flags.get("output") == "name" else printer(obj))

    return say
