"""The annotation of `kubectl apply` on the client side, as server-side apply treats it.

A person who moves from client-side to server-side apply, and back, must not lose fields on the way: the server keeps
`kubectl.kubernetes.io/last-applied-configuration` in step for the manager `kubectl`, and lets that manager take
the fields the annotation says it has applied already.
https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply
"""

from __future__ import annotations

from typing import Any

import orjson

from cluster.machinery.meta import Object

ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
MANAGER = "kubectl"


def configuration(obj: Object) -> Object | None:
    """Return the configuration applied on the client side last; None where there is none to read."""
    try:
        found = orjson.loads((obj["metadata"].get("annotations") or {}).get(ANNOTATION) or b"null")
    except orjson.JSONDecodeError:
        return None
    return {**found, "metadata": found.get("metadata") or {}} if isinstance(found, dict) else None


def keep_in_step(draft: Object, applied: Object) -> None:
    """Write what is applied now into the annotation, where the draft carries one."""
    annotations = draft["metadata"].get("annotations") or {}
    if annotations.get(ANNOTATION):
        text = orjson.dumps(_told(applied), option=orjson.OPT_SORT_KEYS).decode() + "\n"
        draft["metadata"] = {**draft["metadata"], "annotations": {**annotations, ANNOTATION: text}}


def _told(applied: Object) -> Object:
    """Return a configuration as the annotation tells it: without itself, without managers."""
    metadata: dict[str, Any] = dict(applied.get("metadata") or {})
    metadata.pop("managedFields", None)
    rest = {name: text for name, text in (metadata.pop("annotations", None) or {}).items() if name != ANNOTATION}
    return {**applied, "metadata": {**metadata, **({"annotations": rest} if rest else {})}}
