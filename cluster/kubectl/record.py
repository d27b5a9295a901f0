"""--record: note the command line in the annotation `kubernetes.io/change-cause`."""

from __future__ import annotations

from typing import Any

from cluster.kubectl.command import Session
from cluster.machinery.meta import Object

ANNOTATION = "kubernetes.io/change-cause"


def recorded(session: Session, obj: Object) -> Object:
    """Return the object with this command as its change cause, if --record asks for it."""
    if not session.flags.get("record"):
        return obj
    meta = dict(obj.get("metadata") or {})
    meta["annotations"] = {**(meta.get("annotations") or {}), ANNOTATION: command_line(session)}
    return {**obj, "metadata": meta}


def command_line(session: Session) -> str:
    """Return the command as it is recorded: path, arguments, then every given flag with its value."""
    given = [f"--{name}={shown(session.flags[name])}" for name in session.flags.changed]
    return " ".join((session.path, *session.args, *given))


def shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"[{','.join(value)}]" if isinstance(value, tuple) else str(value)
