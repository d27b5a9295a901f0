"""PUT, and what every other change of a stored object goes through: the update half of the gates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster.apiserver import bodies, create, objectmeta
from cluster.apiserver.attributes import UPDATE, Attributes
from cluster.apiserver.conversion import from_stored, to_stored
from cluster.apiserver.defaulting import default
from cluster.apiserver.request import Request, Result
from cluster.kinds import wire
from cluster.kinds.kind import Kind
from cluster.machinery.errors import OPTIMISTIC_LOCK, bad_request, conflict, invalid, not_found
from cluster.machinery.fielderrors import FieldError
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

# Kinds whose PUT creates what is not there yet (AllowCreateOnUpdate).
CREATED_BY_PUT = frozenset(
    {
        "endpoints",
        "events",
        "limitranges",
        "leases.coordination.k8s.io",
        "roles.rbac.authorization.k8s.io",
        "rolebindings.rbac.authorization.k8s.io",
        "clusterroles.rbac.authorization.k8s.io",
        "clusterrolebindings.rbac.authorization.k8s.io",
        "runtimeclasses.node.k8s.io",
    }
)
# Kinds whose status writes may change labels and annotations too; a Deployment's revision is written so.
STATUS_KEEPS_METADATA = frozenset(
    {"pods", "nodes", "namespaces", "persistentvolumes", "persistentvolumeclaims", "deployments.apps"}
)


def replace(server: ApiServer, kind: Kind, request: Request) -> Result:
    if not isinstance(request.body, dict):
        raise bad_request("the body of an update must be an object")
    draft = _draft(kind, request)
    create.check_kind(kind, draft)
    objectmeta.match_path(draft, kind, request.namespace, request.name)
    objectmeta.require_name(draft, request.name)
    old = server.store.get(kind.key, request.namespace if kind.namespaced else "", request.name)
    if old is None:
        return _create_by_put(server, kind, request, draft)
    wire.normalise(kind.group, kind.version, kind.kind, draft)
    if request.subresource != "status":
        default(server, kind, request, draft)
    stored = change(server, kind, request, draft, old)
    return Result(from_stored(kind, request.version, stored))


def _draft(kind: Kind, request: Request) -> Object:
    """Return the body as a draft of the stored version; of a status write only what counts of it is copied."""
    body = request.body
    if request.subresource == "status" and not request.field_validation and not kind.convert:
        counts = ("kind", "apiVersion", "metadata", "status")
        return create.draft_of({field: body[field] for field in counts if field in body})
    draft = create.draft_of(body)
    bodies.examine(kind, request, draft)
    return to_stored(kind, request.version, draft)


def _create_by_put(server: ApiServer, kind: Kind, request: Request, draft: Object) -> Result:
    if kind.resource not in CREATED_BY_PUT or request.subresource:
        raise not_found(kind.plural, kind.group, request.name)
    stored = create.create_stored(server, kind, request, draft)
    return Result(from_stored(kind, request.version, stored), created=True, code=201)


def change(server: ApiServer, kind: Kind, request: Request, draft: Object, old: Object) -> Object:
    """Take a changed draft of `old` through the gates; return it as stored.

    `draft` is the caller's own to change; nothing is written when nothing changes.
    """
    _check_preconditions(kind, draft["metadata"], old)
    _prepare(kind, request, draft, old)
    server.fields.updated(kind, draft, old, request)
    attributes = server.attributes(kind, request, UPDATE, draft=draft, old=old, name=request.name)
    server.admission.admit(attributes)
    draft = attributes.object
    server.allocations.complete(kind, request, draft, old)
    _validate(kind, attributes, draft, old)
    server.admission.judge(attributes)
    return finish(server, kind, request, draft, old)


def finish(server: ApiServer, kind: Kind, request: Request, draft: Object, old: Object) -> Object:
    """Write what passed: nothing when nothing changed, a deletion when the last finalizer went."""
    metadata = draft["metadata"]
    if metadata.get("deletionTimestamp") and not metadata.get("finalizers") and old["metadata"].get("finalizers"):
        waits = kind.graceful_delete and (metadata.get("deletionGracePeriodSeconds") or 0) > 0
        if not waits and not (draft.get("spec") or {}).get("finalizers"):
            return server.erase(kind, draft, request)
    metadata["resourceVersion"] = old["metadata"]["resourceVersion"]
    if server.fields.same(draft, old):
        return old
    return server.write(kind, draft, request)


def _check_preconditions(kind: Kind, metadata: Object, old: Object) -> None:
    stored = old["metadata"]
    uid = metadata.get("uid")
    if uid and uid != stored["uid"]:
        place = f"{kind.plural}/{stored['namespace']}" if kind.namespaced else kind.plural
        raise conflict(
            kind.plural,
            kind.group,
            stored["name"],
            f"StorageError: invalid object, Code: 4, Key: /registry/{place}/{stored['name']}, ResourceVersion: 0, "
            f"AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, "
            f"UID in object meta: {stored['uid']}",
        )
    version = metadata.get("resourceVersion")
    if version and str(version) != stored["resourceVersion"]:
        raise conflict(kind.plural, kind.group, stored["name"], OPTIMISTIC_LOCK)


def _prepare(kind: Kind, request: Request, draft: Object, old: Object) -> None:
    objectmeta.carry_over(draft["metadata"], old["metadata"])
    if request.subresource == "status":
        _keep_all_but_status(kind, draft, old)
        return
    if kind.has_status and not request.subresource:
        _keep_status(draft, old)
    kind.prepare_update(draft, old)
    if kind.has_generation and _content(draft) != _content(old):
        draft["metadata"]["generation"] = (old["metadata"].get("generation") or 0) + 1


def _keep_status(draft: Object, old: Object) -> None:
    if "status" in old:
        draft["status"] = old["status"]
    else:
        draft.pop("status", None)


def _keep_all_but_status(kind: Kind, draft: Object, old: Object) -> None:
    for field in [field for field in draft if field not in old and field != "status"]:
        del draft[field]
    for field, value in old.items():
        if field not in ("status", "metadata"):
            draft[field] = value
    new = draft["metadata"]
    kept = dict(old["metadata"])
    if kind.resource in STATUS_KEEPS_METADATA:
        for field in ("labels", "annotations"):
            if field in new:
                kept[field] = new[field]
    if "managedFields" in new:
        kept["managedFields"] = new["managedFields"]
    draft["metadata"] = kept


def _content(obj: Object) -> Object:
    return {field: value for field, value in obj.items() if field not in ("metadata", "status")}


def _validate(kind: Kind, attributes: Attributes, draft: Object, old: Object) -> None:
    errors = _errors(kind, attributes.subresource, draft, old)
    if errors:
        error = invalid(kind.kind, kind.group, old["metadata"]["name"], errors)
        attributes.verdict("validation", kind.kind, False, error.message, {"causes": error.details["causes"]})
        raise error
    attributes.verdict("validation", kind.kind, True)
    if attributes.subresource != "status":
        for text in kind.warnings(draft, old):
            attributes.warn(text)


def _errors(kind: Kind, subresource: str, draft: Object, old: Object) -> list[FieldError]:
    errors = objectmeta.validate_change(kind, draft["metadata"], old["metadata"])
    if subresource == "status":
        return errors + kind.validate_status(draft, old)
    if draft.get("spec") == old.get("spec") and _content(draft) == _content(old):
        return errors
    return errors + kind.update_errors(draft, old, subresource)
