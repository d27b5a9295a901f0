"""Describing any object: its fields as a tree, names written apart (`creationTimestamp` → Creation Timestamp)."""

from __future__ import annotations

import re
from typing import Any

from cluster.kubectl.command import Session
from cluster.kubectl.describe import events
from cluster.kubectl.describe.page import Page
from cluster.machinery.jsonpath import go_show
from cluster.machinery.meta import Object

HIDDEN = {("metadata", "managedFields"), ("metadata", "name"), ("metadata", "namespace"), ("metadata", "labels"),
          ("metadata", "annotations")}
_ACRONYMS = {"Api Version": "API Version", "Uid": "UID", "Url": "URL", "Ip": "IP", "Osbuild": "OSBuild"}
ACRONYM_WORDS = ("API", "URL", "UID", "OSB", "GUID")


def describe(page: Page, session: Session, obj: Object) -> None:
    page.head(obj, namespaced=bool(obj["metadata"].get("namespace")) or not _cluster_wide(session, obj))
    page.marks(obj)
    _tree(page, obj, 0, ())
    events.write(page, session, obj)


def _cluster_wide(session: Session, obj: Object) -> bool:
    """A cluster-scoped object still has an empty Namespace line in the generic description."""
    return False


def _tree(page: Page, node: dict[str, Any], level: int, path: tuple[str, ...]) -> None:
    fields = sorted(key for key in node if (*path, key) not in HIDDEN)
    for key in sorted(fields, key=label):
        _field(page, key, node[key], level, (*path, key))


def _field(page: Page, key: str, value: Any, level: int, path: tuple[str, ...]) -> None:
    title = label(key)
    if isinstance(value, dict):
        page.line(f"{title}:", level)
        _tree(page, value, level + 1, path)
    elif isinstance(value, list):
        page.line(f"{title}:", level)
        for item in value:
            if isinstance(item, dict):
                _tree(page, item, level + 1, path)
            else:
                page.line(go_show(item), level + 1)
    else:
        page.line(f"{title}:\t{go_show(value)}", level)


def label(name: str) -> str:
    """Write a field name as words, as smartLabelFor does."""
    if re.search(r"[^A-Za-z0-9]", name):
        return name[:1].upper() + name[1:] if "/" not in name and "." not in name else name
    words = re.findall(r"[A-Z]+(?=[A-Z][a-z]|$|\d)|[A-Z]?[a-z]+|\d+|[A-Z]+", name)
    shown = [word.upper() if word.upper() in ACRONYM_WORDS else word[:1].upper() + word[1:] for word in words]
    return " ".join(shown)
