"""The picture as data: nodes, edges and groups, each a small JSON dict under a stable id.

A node stands for one API object, a group for a machine (or for the place where pods wait for one),
an edge for one relation between two objects. The server sends these; the browser draws them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cluster.machinery.meta import Object, name, namespace

Item = dict[str, Any]

WAITING = "waiting"  # the group of pods that no node has yet


def node_id(resource: str, where: str, named: str) -> str:
    """Return `pods/default/web`; `-` stands for no namespace, as in the addresses of pages."""
    return f"{resource}/{where or '-'}/{named}"


def id_of(resource: str, obj: Object) -> str:
    return node_id(resource, namespace(obj), name(obj))


def edge(kind: str, source: str, target: str, **more: Any) -> Item:
    """Return the edge of a relation; its id names the relation and both ends."""
    return {"id": f"{kind}:{source}>{target}", "kind": kind, "from": source, "to": target, **more}


@dataclass(slots=True)
class Graph:
    """Everything one view shows, by id."""

    nodes: dict[str, Item] = field(default_factory=dict)
    edges: dict[str, Item] = field(default_factory=dict)
    groups: dict[str, Item] = field(default_factory=dict)

    def data(self) -> dict[str, list[Item]]:
        """Return the `graph` of a snapshot frame."""
        return {
            "nodes": list(self.nodes.values()),
            "edges": list(self.edges.values()),
            "groups": list(self.groups.values()),
        }
