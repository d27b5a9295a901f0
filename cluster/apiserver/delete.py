"""DELETE: preconditions, propagation, grace and finalizers.

Follows k8s.io/apiserver `registry/generic/registry/store.go` and `registry/rest/delete.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cluster.apiserver import definitions, read
from cluster.apiserver.attributes import DELETE
from cluster.apiserver.conversion import from_stored
from cluster.apiserver.custom import DEFINITIONS
from cluster.apiserver.request import Request, Result
from cluster.kinds.kind import Kind
from cluster.machinery.clock import timestamp
from cluster.machinery.errors import StatusError, conflict, invalid
from cluster.machinery.fielderrors import FieldError, invalid_value, unsupported
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"
_POLICIES = ("Foreground", "Background", "Orphan", "nil")
# Kinds whose immediate deletion answers the object instead of a Status (ReturnDeletedObject).
RETURNED = frozenset(
    {
        "pods",
        "persistentvolumes",
        "persistentvolumeclaims",
        "podtemplates",
        "resourcequotas",
        "serviceaccounts",
        "services",
        "csidrivers.storage.k8s.io",
        "csinodes.storage.k8s.io",
        "csistoragecapacities.storage.k8s.io",
        "storageclasses.storage.k8s.io",
        "volumeattachments.storage.k8s.io",
        "volumeattributesclasses.storage.k8s.io",
    }
)


def delete(server: ApiServer, kind: Kind, request: Request) -> Result:
    options = _options(request)
    obj = read.current(server, kind, request)
    attributes = server.attributes(kind, request, DELETE, old=obj, name=request.name)
    _check_preconditions(kind, options, obj)
    server.admission.admit(attributes)
    server.admission.judge(attributes)
    final, gone = remove(server, kind, request, obj, options)
    if gone and kind.resource not in RETURNED:
        return Result(_success(kind, final))
    return Result(from_stored(kind, request.version, final))


def delete_collection(server: ApiServer, kind: Kind, request: Request) -> Result:
    """Delete every object the selectors choose; answer the List of what they were."""
    options = _options(request)
    found = read.selected(server, kind, request)
    for obj in found:
        attributes = server.attributes(kind, request, DELETE, old=obj, name=obj["metadata"]["name"])
        server.admission.admit(attributes)
        server.admission.judge(attributes)
        remove(server, kind, request, obj, options)
    items = [from_stored(kind, request.version, obj) for obj in found]
    metadata = {"resourceVersion": str(server.store.revision)}
    return Result({"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": metadata, "items": items})


def _options(request: Request) -> dict[str, Any]:
    options = dict(request.body or {})
    policy = options.get("propagationPolicy")
    errors: list[FieldError] = []
    if policy is not None and policy not in _POLICIES[:3]:
        listed = ", ".join(f'"{item}"' for item in _POLICIES)
        errors.append(FieldError("FieldValueNotSupported", "propagationPolicy", policy, f"supported values: {listed}"))
    if policy is not None and options.get("orphanDependents") is not None:
        text = "orphanDependents and deletionPropagation cannot be both set"
        errors.append(invalid_value("propagationPolicy", policy, text))
    dry_run = options.get("dryRun")
    if dry_run and dry_run != ["All"]:
        errors.append(unsupported("dryRun", dry_run, ["All"]))
    if errors:
        raise invalid("DeleteOptions", "meta.k8s.io", "", errors)
    if dry_run:
        request.dry_run = True
    return options


def _check_preconditions(kind: Kind, options: dict[str, Any], obj: Object) -> None:
    wanted = options.get("preconditions") or {}
    metadata = obj["metadata"]
    uid, version = wanted.get("uid"), wanted.get("resourceVersion")
    if uid and uid != metadata["uid"]:
        why = (
            f"the UID in the precondition ({uid}) does not match the UID in record ({metadata['uid']}). "
            "The object might have been deleted and then recreated"
        )
        raise conflict(kind.kind, kind.group, metadata["name"], why)
    if version and version != metadata["resourceVersion"]:
        why = (
            f"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record "
            f"({metadata['resourceVersion']}). The object might have been modified"
        )
        raise conflict(kind.kind, kind.group, metadata["name"], why)


def remove(
    server: ApiServer, kind: Kind, request: Request, obj: Object, options: dict[str, Any]
) -> tuple[Object, bool]:
    """Delete or begin to delete; return (the object's last state, whether it is gone)."""
    grace = _grace(kind, obj, options)
    finalizers = _finalizers(obj, options)
    metadata = obj["metadata"]
    if kind.resource == "namespaces":
        return _close_namespace(server, kind, request, obj, finalizers)
    if kind.key == DEFINITIONS and not metadata.get("deletionTimestamp"):
        obj, finalizers = definitions.begin_removal(obj, server.now()), [*finalizers, definitions.CLEANUP]
    if grace > 0 or finalizers:
        return _mark(server, kind, request, obj, grace, finalizers)
    final = {**obj, "metadata": _deletion(server, metadata, 0)} if kind.graceful_delete else obj
    return server.erase(kind, final, request), True


def _grace(kind: Kind, obj: Object, options: dict[str, Any]) -> int:
    if not kind.graceful_delete:
        return 0
    given = options.get("gracePeriodSeconds")
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    seconds = spec.get("terminationGracePeriodSeconds") if given is None else given
    seconds = 30 if seconds is None else int(seconds)
    if not spec.get("nodeName") or status.get("phase") in ("Succeeded", "Failed"):
        return 0
    return 1 if seconds < 0 else seconds


def _finalizers(obj: Object, options: dict[str, Any]) -> list[str]:
    """Return the finalizers the object is to have, by the propagation policy."""
    kept = [item for item in obj["metadata"].get("finalizers") or () if item not in (ORPHAN, FOREGROUND)]
    had = obj["metadata"].get("finalizers") or ()
    policy, orphan = options.get("propagationPolicy"), options.get("orphanDependents")
    if policy == "Orphan" or orphan is True:
        return [*kept, ORPHAN]
    if policy == "Foreground":
        return [*kept, FOREGROUND]
    if policy == "Background" or orphan is False:
        return kept
    return list(had)


def _deletion(server: ApiServer, metadata: dict[str, Any], grace: int) -> dict[str, Any]:
    moment = timestamp(server.clock.now() + grace)
    return {**metadata, "deletionTimestamp": moment, "deletionGracePeriodSeconds": grace}


def _mark(
    server: ApiServer, kind: Kind, request: Request, obj: Object, grace: int, finalizers: list[str]
) -> tuple[Object, bool]:
    """Set deletionTimestamp, or shorten the grace of what is being deleted already."""
    metadata = obj["metadata"]
    already = bool(metadata.get("deletionTimestamp"))
    shorter = already and grace < (metadata.get("deletionGracePeriodSeconds") or 0)
    if already and not shorter and finalizers == (metadata.get("finalizers") or []):
        return obj, False
    changed = metadata if already and not shorter else _deletion(server, metadata, grace)
    changed = {**changed, "finalizers": finalizers} if finalizers else _without(changed, "finalizers")
    if not already and "generation" in changed:
        changed["generation"] = changed["generation"] + 1
    return server.write(kind, {**obj, "metadata": changed}, request), False


def _without(metadata: dict[str, Any], field: str) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key != field}


def _close_namespace(
    server: ApiServer, kind: Kind, request: Request, obj: Object, finalizers: list[str]
) -> tuple[Object, bool]:
    """A namespace first turns Terminating; the namespace controller empties and finalizes it."""
    waiting = (obj.get("spec") or {}).get("finalizers")
    if obj["metadata"].get("deletionTimestamp"):
        if waiting or finalizers:
            message = (
                f'Operation cannot be fulfilled on namespaces "{obj["metadata"]["name"]}": The system is ensuring '
                "all content is removed from this namespace.  Upon completion, this namespace will automatically be "
                "purged by the system."
            )
            details = {"name": obj["metadata"]["name"], "kind": "namespaces"}
            raise StatusError(409, "Conflict", message, details)
        return server.erase(kind, obj, request), True
    if not waiting and not finalizers:
        return server.erase(kind, obj, request), True
    metadata = _deletion(server, obj["metadata"], 0)
    metadata.pop("deletionGracePeriodSeconds")
    if finalizers:
        metadata["finalizers"] = finalizers
    status = {**(obj.get("status") or {}), "phase": "Terminating"}
    return server.write(kind, {**obj, "metadata": metadata, "status": status}, request), False


def _success(kind: Kind, obj: Object) -> Object:
    metadata = obj["metadata"]
    details = {"name": metadata["name"], "group": kind.group, "kind": kind.plural, "uid": metadata["uid"]}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {key: value for key, value in details.items() if value},
    }
