"""--record: note the command line in the annotation `kubernetes.io/change-cause`."""

from __future__ import annotations

from cluster.kubectl.command import Session
from cluster.machinery.meta import Object

ANNOTATION = "kubernetes.io/change-cause"


def recorded(session: Session, obj: Object) -> Object:
    """Return the object with this command as its change cause, if --record asks for it."""
    if not session.flags.get("record"):
        return obj
    meta = dict(obj.get("metadata") or {})
    words = " ".join(str(word) for word in session.call.argv)
    meta["annotations"] = {**(meta.get("annotations") or {}), ANNOTATION: words}
    return {**obj, "metadata": meta}
