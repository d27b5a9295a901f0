"""The hash of a pod template: the suffix of a Deployment's ReplicaSets and of controller revisions.

A real cluster hashes Go's printed form of the struct; here it is the canonical JSON, so hashes are
as stable and as short, but not the same letters a real cluster would show.
"""

from __future__ import annotations

from typing import Any

import orjson

from cluster.machinery.ids import fnv32a, safe_encode


def template_hash(template: Any, collisions: int | None = None) -> str:
    """Return pod-template-hash; `collisions` is the Deployment's `status.collisionCount`."""
    data = orjson.dumps(template, option=orjson.OPT_SORT_KEYS)
    if collisions is not None:
        data += collisions.to_bytes(8, "little")
    return safe_encode(str(fnv32a(data)))
