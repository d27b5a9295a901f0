"""Server-side apply: merge what a manager declares, drop what it no longer declares, refuse what others own.

https://kubernetes.io/docs/reference/using-api/server-side-apply/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cluster.apiserver import bodies, create, objectmeta, update
from cluster.apiserver.conversion import api_version, from_stored, to_stored
from cluster.apiserver.defaulting import default
from cluster.apiserver.managed import lastapplied, typed
from cluster.apiserver.managed.conformance import problems, type_of_version
from cluster.apiserver.managed.fieldset import Node, difference, intersection, paths, shown, union
from cluster.apiserver.managed.manager import Manager, Managers, managed_part, manager_of, managers_of, write
from cluster.apiserver.request import Request, Result
from cluster.kinds import wire
from cluster.kinds.kind import Kind
from cluster.machinery.errors import StatusError, bad_request, conflict, invalid, not_found
from cluster.machinery.fielderrors import required
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


def apply(server: ApiServer, kind: Kind, request: Request) -> Result:
    config = _configuration(kind, request)
    own = manager_of(kind, request, "Apply")
    live = server.store.get(kind.key, request.namespace if kind.namespaced else "", request.name)
    if live is None:
        if request.subresource:
            raise not_found(kind.plural, kind.group, request.name)
        return _create(server, kind, request, config, own)
    draft = _merged(server, kind, request, config, live, own)
    stored = update.change(server, kind, request, draft, live)
    return Result(from_stored(kind, request.version, stored))


def _configuration(kind: Kind, request: Request) -> Object:
    """Return the applied object: a draft of the stored version with no managedFields."""
    if not request.field_manager:
        error = required("fieldManager", "is required for apply patch")
        raise invalid("PatchOptions", "meta.k8s.io", "", [error])
    body = request.body
    if not isinstance(body, dict):
        raise bad_request("error decoding YAML: the applied object must be a map")
    said, expected = body.get("apiVersion") or "", api_version(kind, request.version)
    if said != expected:
        text = f"Incorrect version specified in apply patch. Specified patch version: {said}, expected: {expected}"
        raise bad_request(text)
    config = create.draft_of(body)
    _check_typed(kind, request, config)
    bodies.examine(kind, request, config)
    config = to_stored(kind, request.version, config)
    create.check_kind(kind, config)
    objectmeta.match_path(config, kind, request.namespace, request.name)
    config["metadata"].setdefault("name", request.name)
    if config["metadata"].get("managedFields") is not None:
        raise bad_request("metadata.managedFields must be nil")
    wire.normalise(kind.group, kind.version, kind.kind, config)
    return config


def _check_typed(kind: Kind, request: Request, config: Object) -> None:
    """Refuse what the kind's schema has no place for, in the words of structured-merge-diff."""
    if not request.field_validation or bodies.body_is_other(config, kind.kind):
        return
    said, group = config.get("kind"), kind.group
    name = said if isinstance(said, str) else ""
    found = [f"no corresponding type for {group}/{request.version}, Kind="] if not name else []
    found = found or problems(type_of_version(kind, request.version), config)
    if not found:
        return
    meta = config["metadata"] if isinstance(config.get("metadata"), dict) else {}
    which = f"{meta.get('namespace', '')}/{meta.get('name', '')}; {group}/{request.version}, Kind={name}"
    why = found[0] if len(found) == 1 else "\n  ".join(["errors:", *found])
    raise StatusError(500, "", f"failed to create typed patch object ({which}): {why}")


def _create(server: ApiServer, kind: Kind, request: Request, config: Object, own: Manager) -> Result:
    uid = config["metadata"].get("uid")
    if uid:
        why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        raise conflict(kind.plural, kind.group, request.name, why)
    fields = _set_of(server, kind, config)
    if kind.has_status:
        fields.pop("f:status", None)
    write(config, {own: (fields, server.now())})
    stored = create.create_stored(server, kind, request, config)
    return Result(from_stored(kind, request.version, stored), created=True, code=201)


def _set_of(server: ApiServer, kind: Kind, config: Object) -> Node:
    return typed.field_set(server.fields.type_of(kind), managed_part(config))


def _merged(server: ApiServer, kind: Kind, request: Request, config: Object, live: Object, own: Manager) -> Object:
    """Return the draft of `live` after this apply; 409 when it would take what others own."""
    kind_type = server.fields.type_of(kind)
    # An object nobody has managed so far was made by somebody all the same.
    managers = managers_of(live) or _before_first_apply(server, kind, request, live)
    declared = _set_of(server, kind, config)
    before, last_time = managers.pop(own, ({}, ""))
    others: Node = {}
    for fields, _ in managers.values():
        others = union(others, fields)
    merged = typed.merge(kind_type, live, config)
    gone = difference(difference(before, declared), others)
    merged = typed.prune(kind_type, merged, gone, union(declared, others))
    draft = create.draft_of(merged)
    default(server, kind, request, draft)
    managers = _settled(server, kind, request, managers, draft, live, declared)
    same = before == declared and not any(server.fields.changes(kind, draft, live))
    managers[own] = (declared, last_time if same else server.now())
    write(draft, managers)
    if own.name == lastapplied.MANAGER:
        # Nobody comes to own the annotation, or loses it, by this.
        lastapplied.keep_in_step(draft, request.body)
    return draft


def _settled(
    server: ApiServer, kind: Kind, request: Request, managers: Managers, draft: Object, live: Object, declared: Node
) -> Managers:
    changed, removed = server.fields.changes(kind, draft, live)
    taken = intersection(changed, declared)
    conflicts = {manager: fields for manager, (mine, _) in managers.items() if (fields := intersection(mine, taken))}
    if conflicts and not request.force and not _by_client_side_apply(server, kind, request, conflicts, live):
        raise _conflict(conflicts)
    lost = union(changed, removed)
    return {manager: (difference(mine, lost), time) for manager, (mine, time) in managers.items()}


def _before_first_apply(server: ApiServer, kind: Kind, request: Request, live: Object) -> Managers:
    part = managed_part(live)
    if kind.has_status:
        part.pop("status", None)
    fields, _ = typed.compare(server.fields.type_of(kind), {}, part)
    return {Manager("before-first-apply", "Update", api_version(kind, request.version)): (fields, server.now())}


def _by_client_side_apply(
    server: ApiServer, kind: Kind, request: Request, conflicts: dict[Manager, Node], live: Object
) -> bool:
    """Say whether all these fields are the ones kubectl itself applied, before it applied on the server."""
    config = lastapplied.configuration(live) if request.field_manager == lastapplied.MANAGER else None
    if config is None:
        return False
    allowed = _set_of(server, kind, config)
    return not any(difference(taken, allowed) for taken in conflicts.values())


def _conflict(conflicts: dict[Manager, Node]) -> StatusError:
    causes: list[dict[str, Any]] = []
    parts: list[str] = []
    for manager in sorted(conflicts, key=lambda one: (one.name, one.version)):
        found = [shown(path) for path in paths(conflicts[manager])]
        sub = f' with subresource "{manager.subresource}"' if manager.subresource else ""
        using = f" using {manager.version}" if manager.operation == "Update" else ""
        who = f'"{manager.name}"{sub}{using}'
        causes += [
            {"reason": "FieldManagerConflict", "message": f"conflict with {who}", "field": path} for path in found
        ]
        if len(found) == 1:
            parts.append(f"conflict with {who}: {found[0]}")
        else:
            parts.append(f"conflicts with {who}:\n" + "\n".join(f"- {path}" for path in found))
    count = len(causes)
    text = f"Apply failed with {count} conflict{'s' if count > 1 else ''}: " + "\n".join(parts)
    return StatusError(409, "Conflict", text, {"causes": causes})
