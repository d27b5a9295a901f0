"""What changed between two graphs, as the patch that turns one into the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.topology.graph import Graph, Item

PARTS = ("groups", "nodes", "edges")


def _changed(old: Mapping[str, Item], new: Mapping[str, Item]) -> list[Item]:
    return [item for key, item in new.items() if old.get(key) != item]


def diff(old: Graph, new: Graph) -> dict[str, Any]:
    """Return `upsert` and `remove` of a patch frame."""
    upsert, remove = {}, {}
    for part in PARTS:
        before, after = getattr(old, part), getattr(new, part)
        upsert[part] = _changed(before, after)
        remove[part] = [key for key in before if key not in after]
    return {"upsert": upsert, "remove": remove}


def is_empty(patch: Mapping[str, Any]) -> bool:
    return not any(patch[verb][part] for verb in ("upsert", "remove") for part in PARTS)


def apply(graph: Graph, patch: Mapping[str, Any]) -> Graph:
    """Return `graph` after `patch`, as the browser's model does it."""
    parts = {}
    for part in PARTS:
        gone = set(patch["remove"][part])
        kept = {key: item for key, item in getattr(graph, part).items() if key not in gone}
        parts[part] = kept | {item["id"]: item for item in patch["upsert"][part]}
    return Graph(**parts)
