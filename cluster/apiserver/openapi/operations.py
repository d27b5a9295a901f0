"""The operations of one kind: what OpenAPI says one may do at which path.

Simplified: parameters are named, typed and described briefly; responses are 200 and 401.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cluster.kinds.kind import Kind

_ACTIONS = {"get": "get", "put": "update", "post": "create", "delete": "delete", "patch": "patch"}
_WRITE_OPTIONS = ("dryRun", "fieldManager", "fieldValidation")
PATCHES = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one path. `body` and `answer` are kinds (group, version, kind)."""

    method: str
    path: str
    action: str
    identity: str
    text: str
    kind: tuple[str, str, str]
    options: tuple[str, ...]
    has_body: bool
    is_list: bool = False


def root(group: str, version: str) -> str:
    return f"/apis/{group}/{version}" if group else f"/api/{version}"


def of_kind(kind: Kind, version: str) -> Iterator[Operation]:
    """Yield the operations of a kind, paths in the order a document lists them."""
    base = root(kind.group, version)
    scoped = f"{base}/namespaces/{{namespace}}/{kind.plural}" if kind.namespaced else f"{base}/{kind.plural}"
    if kind.namespaced and "list" in kind.verbs:
        yield _operation(kind, version, "get", f"{base}/{kind.plural}", "list", "list", True, scope="AllNamespaces")
    for method, verb in (("get", "list"), ("post", "create"), ("delete", "deletecollection")):
        if verb in kind.verbs:
            yield _operation(kind, version, method, scoped, verb, verb, verb == "list")
    for method, verb in (("get", "get"), ("put", "update"), ("delete", "delete"), ("patch", "patch")):
        if verb in kind.verbs:
            yield _operation(kind, version, method, scoped + "/{name}", verb, _ACTIONS[method])
    for sub in kind.subresources:
        named = (sub.group or kind.group, sub.version or version, sub.kind)
        for method, verb in (("get", "get"), ("put", "update"), ("post", "create"), ("patch", "patch")):
            if verb in sub.verbs:
                path = f"{scoped}/{{name}}/{sub.name}"
                yield _operation(kind, version, method, path, verb, _ACTIONS[method], named=named, sub=sub.name)


_WORDS = {
    "list": "list or watch objects of kind {0}",
    "create": "create a {0}",
    "deletecollection": "delete collection of {0}",
    "get": "read the specified {0}",
    "update": "replace the specified {0}",
    "delete": "delete a {0}",
    "patch": "partially update the specified {0}",
}
_IDENTITIES = {"get": "read", "update": "replace", "deletecollection": "deleteCollection"}


def _operation(
    kind: Kind,
    version: str,
    method: str,
    path: str,
    verb: str,
    action: str,
    is_list: bool = False,
    *,
    scope: str = "",
    named: tuple[str, str, str] | None = None,
    sub: str = "",
) -> Operation:
    group = "".join(part.capitalize() for part in kind.group.split(".")[0:1]) or "Core"
    where = "Namespaced" if kind.namespaced and not scope else ""
    tail = "ForAllNamespaces" if scope else sub.capitalize()
    identity = f"{_IDENTITIES.get(verb, verb)}{group}{version.capitalize()}{where}{kind.kind}{tail}"
    text = _WORDS[verb].format(kind.kind)
    if sub:
        text = text.replace(" the specified", f" {sub} of the specified").replace("create a", f"create {sub} of a")
    writes = verb in ("create", "update", "patch")
    options = (*_WRITE_OPTIONS, "force") if verb == "patch" else _WRITE_OPTIONS if writes else ()
    gvk = named or (kind.group, version, kind.kind)
    return Operation(method, path, action, identity, text, gvk, options, writes or method == "delete", is_list)
