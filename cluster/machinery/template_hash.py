"""The hash of a pod template: the suffix of a Deployment's ReplicaSets and of controller revisions.

Simplified: the hash of a Deployment's or DaemonSet's template is taken of its canonical JSON, where a real cluster
hashes Go's printed form of the struct: as stable and as short, but not the same letters. A StatefulSet's revisions
are hashed as in the real one.
"""

from __future__ import annotations

from typing import Any

import orjson

from cluster.machinery.ids import fnv32, fnv32a, safe_encode

# Go's encoding/json writes these so that the text may stand in a web page.
_HTML = ((b"<", b"\\u003c"), (b">", b"\\u003e"), (b"&", b"\\u0026"))


def template_hash(template: Any, collisions: int | None = None) -> str:
    """Return pod-template-hash; `collisions` is the Deployment's `status.collisionCount`."""
    data = orjson.dumps(template, option=orjson.OPT_SORT_KEYS)
    if collisions is not None:
        data += collisions.to_bytes(8, "little")
    return safe_encode(str(fnv32a(data)))


def data_hash(data: Any, collisions: int | None = None) -> str:
    """Return the hash of a StatefulSet's ControllerRevision: of its data as Go marshals it, and the collisions."""
    text = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
    for plain, escaped in _HTML:
        text = text.replace(plain, escaped)
    return safe_encode(str(fnv32(text + str(collisions or 0).encode())))
