"""What the editor's Apply does: every document of a text as `kubectl apply` does it, all or none.

The dry run is the real thing in one transaction that is undone, so that a namespace written in the
first document is there for the second, and quotas, admission and validation say what they would say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from cluster.apiserver.client import Client
from cluster.kubectl import threeway
from cluster.kubectl.discovery import Discovery, Mapping
from cluster.kubectl.lastapplied import last_applied, with_last_applied
from cluster.machinery import goyaml
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, annotations, name, namespace

MANAGER = "kubectl-client-side-apply"
_STRICT = re.compile(r'(?:unknown|duplicate) field "([^"]+)"')
_STEP = re.compile(r"\.?([^.\[\]]+)|\[([^\]]*)\]")


@dataclass
class Answer:
    """What became of one document. `causes` carry the line of the field they are about."""

    line: int
    kind: str = ""
    name: str = ""
    namespace: str = ""
    result: str = ""
    error: str = ""
    causes: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class _Undo(Exception):
    """Leaves the transaction without its writes."""


def apply_text(client: Client, text: str, *, dry_run: bool) -> dict[str, Any]:
    """Apply every document; undo all of it on a dry run, or when one was refused."""
    try:
        documents = [pair for pair in goyaml.load_marked(text) if pair[0] is not None]
    except goyaml.YamlError as problem:
        return {"documents": [], "syntax": _syntax(text, problem), "failed": True}
    answers: list[Answer] = []
    try:
        with client.server.store.transaction():
            answers = [_one(client, data, node) for data, node in _objects(documents)]
            if dry_run or any(answer.error for answer in answers):
                raise _Undo
    except _Undo:
        pass
    failed = any(answer.error for answer in answers)
    return {"documents": [vars(answer) for answer in answers], "syntax": None, "failed": failed}


def _syntax(text: str, problem: goyaml.YamlError) -> dict[str, Any]:
    """Return the place by the parser's own mark: Go's wording counts some lines from nought."""
    found = {"line": problem.line or 1, "column": problem.column or 1, "message": str(problem)}
    try:
        for _ in yaml.compose_all(text, Loader=yaml.SafeLoader):
            pass
    except yaml.MarkedYAMLError as failure:
        mark = failure.problem_mark or failure.context_mark
        if mark is not None:
            found |= {"line": mark.line + 1, "column": mark.column + 1}
    except yaml.YAMLError:
        pass
    return found


def _objects(documents: Sequence[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """Yield each object; a List is its items."""
    for data, node in documents:
        if isinstance(data, dict) and data.get("kind") == "List" and isinstance(data.get("items"), list):
            nodes = _child(node, "items")
            yield from zip(data["items"], nodes.value if nodes is not None else [], strict=False)
        else:
            yield data, node


def _one(client: Client, data: Any, node: Any) -> Answer:
    answer = Answer(line=_line(node))
    if not isinstance(data, dict):
        answer.error = "a manifest is a mapping with apiVersion, kind and metadata"
        return answer
    answer.kind, answer.name = str(data.get("kind") or ""), name(data)
    mapping = _mapping(client, data, answer, node)
    if mapping is None:
        return answer
    where = (namespace(data) or "default") if mapping.namespaced else ""
    answer.namespace = where
    try:
        _apply(client, mapping, data, where, answer)
    except StatusError as refused:
        answer.error = refused.message
        answer.causes = [_cause(cause, node) for cause in _causes(refused)]
    return answer


def _mapping(client: Client, data: Object, answer: Answer, node: Any) -> Mapping | None:
    version, kind = data.get("apiVersion"), data.get("kind")
    if not version or not kind:
        answer.error = f"Object '{'apiVersion' if not version else 'Kind'}' is missing"
        return None
    mapping = Discovery(client).kind(str(version), str(kind))
    if mapping is None:
        answer.error = f'no matches for kind "{kind}" in version "{version}"'
        answer.causes = [{"message": answer.error, "line": _line(_child(node, "kind") or node)}]
    elif not name(data) and not (data.get("metadata") or {}).get("generateName"):
        answer.error = "resource name may not be empty"
    return None if answer.error else mapping


def _apply(client: Client, mapping: Mapping, data: Object, where: str, answer: Answer) -> None:
    live = _live(client, mapping, name(data), where)
    modified = with_last_applied(data)
    fields: dict[str, Any] = {"version": mapping.version, "field_manager": MANAGER, "field_validation": "Strict"}
    if live is None:
        done = client.request("create", mapping.resource, body=modified, namespace=where, **fields)
        answer.name, answer.result, answer.warnings = name(done.object), "created", done.warnings
        return
    patch, patch_type = _patch(mapping, modified, live)
    answer.result = "configured" if patch else "unchanged"
    if patch:
        fields |= {"body": patch, "patch_type": patch_type}
        answer.warnings = client.request("patch", mapping.resource, name=name(data), namespace=where, **fields).warnings


def _live(client: Client, mapping: Mapping, named: str, where: str) -> Object | None:
    if not named:
        return None
    try:
        return client.get(mapping.resource, named, where, version=mapping.version)
    except StatusError as failure:
        if failure.code == 404 and failure.reason == "NotFound":
            return None
        raise


def _patch(mapping: Mapping, modified: Object, live: Object) -> tuple[dict[str, Any], str]:
    original = last_applied(live) or {}
    schema = threeway.schema_of(mapping)
    if schema is None:
        return threeway.merge_patch(original, modified, live), "merge"
    patch = threeway.strategic_patch(original, modified, live, schema)
    return ({} if _only_annotation(patch, modified, live) else patch), "strategic"


def _only_annotation(patch: dict[str, Any], modified: Object, live: Object) -> bool:
    return not patch or (patch.keys() == {"metadata"} and annotations(modified) == annotations(live))


# -- from fields to lines


def _causes(refused: StatusError) -> list[dict[str, Any]]:
    causes = refused.details.get("causes") or []
    strict = [{"field": path, "message": refused.message} for path in _STRICT.findall(refused.message)]
    found = strict or [cause for cause in causes if cause.get("field")]
    return found or [{"field": "", "message": refused.message}]


def _cause(cause: dict[str, Any], node: Any) -> dict[str, Any]:
    place = _place(node, str(cause.get("field") or ""))
    shown = {"field": cause.get("field") or "", "message": cause.get("message") or "", "line": place[0]}
    return {**shown, "column": place[1]}


def _place(node: Any, path: str) -> tuple[int, int]:
    """Return line and column of the deepest part of `path` that the text has."""
    mark = node.start_mark if node is not None else None
    for key, index in _STEP.findall(path):
        found = _key(node, key or index)
        if found is None:
            break
        mark, node = found
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _key(node: Any, step: str) -> tuple[Any, Any] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark, value) for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
        child = node.value[int(step)]
        return child.start_mark, child
    return None


def _child(node: Any, key: str) -> Any:
    found = _key(node, key) if node is not None else None
    return found[1] if found else None


def _line(node: Any) -> int:
    return node.start_mark.line + 1 if node is not None else 1
