"""The picture as a tree of text, for keyboard and screen reader: the same graph, nothing less."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from cluster.topology.graph import Graph, Item

Branch = dict[str, Any]  # {"node": …, "links": [(relation, node)], "children": [Branch]}


def outline(graph: Graph) -> list[Branch]:
    """Return groups with their nodes, then the nodes that belong to no group, owned below their owners."""
    below: dict[str, list[Item]] = defaultdict(list)
    for item in graph.nodes.values():
        below[_parent(graph, item)].append(item)
    tops = [_branch(graph, below, group) for group in _sorted(graph.groups.values())]
    return tops + [_branch(graph, below, item) for item in _sorted(below[""])]


def _parent(graph: Graph, item: Item) -> str:
    for candidate in (item.get("group"), item.get("owner")):
        if candidate in graph.groups or candidate in graph.nodes:
            return str(candidate)
    return ""


def _branch(graph: Graph, below: dict[str, list[Item]], item: Item) -> Branch:
    return {
        "node": item,
        "links": _links(graph, item["id"]),
        "children": [_branch(graph, below, child) for child in _sorted(below[item["id"]])],
    }


def _links(graph: Graph, key: str) -> list[tuple[str, Item]]:
    lines = [line for line in graph.edges.values() if line["from"] == key and line["kind"] != "owns"]
    return [(line["kind"], graph.nodes[line["to"]]) for line in lines]


def _sorted(items: Any) -> list[Item]:
    return sorted(items, key=lambda item: (item.get("kind", ""), item.get("namespace", ""), item["name"]))
