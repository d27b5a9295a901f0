"""A group of containers on one node. https://kubernetes.io/docs/concepts/workloads/pods/"""

from __future__ import annotations

from cluster.kinds.core.podtable import COLUMNS, row
from cluster.kinds.kind import Kind, Subresource, name_fields, status_subresource
from cluster.kinds.podspec.containers import pod_only
from cluster.kinds.podspec.defaults import default_pod_only, default_spec
from cluster.kinds.podspec.quality import qos_class
from cluster.kinds.podspec.spec import pod_spec
from cluster.kinds.podspec.update import bound, ephemeral_update, pod_update, resized
from cluster.kinds.podspec.warnings import APP_ARMOR, pod_warnings
from cluster.kinds.validation.fields import Errors
from cluster.machinery.fielderrors import forbidden_field
from cluster.machinery.meta import Object


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    default_spec(spec)
    default_pod_only(spec)


def prepare_create(draft: Object) -> None:
    spec = draft.get("spec") or {}
    if (spec.get("terminationGracePeriodSeconds") or 0) < 0:
        spec["terminationGracePeriodSeconds"] = 1
    _take_app_armor(draft, spec)
    draft["status"] = {"phase": "Pending", "qosClass": qos_class(spec)}
    if spec.get("schedulingGates"):
        draft["status"]["conditions"] = [
            {
                "type": "PodScheduled",
                "observedGeneration": 1,
                "status": "False",
                "lastProbeTime": None,
                "lastTransitionTime": None,
                "reason": "SchedulingGated",
                "message": "Scheduling is blocked due to non-empty scheduling gates",
            }
        ]


_APP_ARMOR_TYPES = {"runtime/default": "RuntimeDefault", "unconfined": "Unconfined"}


def _take_app_armor(draft: Object, spec: Object) -> None:
    """Fill in the AppArmor profiles that are still named by annotation."""
    annotations = (draft.get("metadata") or {}).get("annotations") or {}
    for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        value = annotations.get(APP_ARMOR + container.get("name", ""))
        if value is None or (container.get("securityContext") or {}).get("appArmorProfile"):
            continue
        profile = {"type": _APP_ARMOR_TYPES.get(value, "Localhost")}
        if profile["type"] == "Localhost":
            profile["localhostProfile"] = value.removeprefix("localhost/")
        container.setdefault("securityContext", {})["appArmorProfile"] = profile


def prepare_update(draft: Object, old: Object) -> None:
    draft["status"] = old.get("status") or {}


def fields(pod: Object) -> dict[str, str]:
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    addresses = status.get("podIPs") or ()
    return {
        **name_fields(pod),
        "spec.nodeName": spec.get("nodeName") or "",
        "spec.restartPolicy": spec.get("restartPolicy") or "",
        "spec.schedulerName": spec.get("schedulerName") or "",
        "spec.serviceAccountName": spec.get("serviceAccountName") or "",
        "spec.hostNetwork": "true" if spec.get("hostNetwork") else "false",
        "status.phase": status.get("phase") or "",
        "status.podIP": addresses[0].get("ip") or "" if addresses else "",
        "status.nominatedNodeName": status.get("nominatedNodeName") or "",
    }


def validate(pod: Object) -> Errors:
    spec = pod.get("spec") or {}
    errors = pod_spec("spec", spec)
    for field in ("containers", "initContainers"):
        if spec.get(field):
            errors += pod_only(f"spec.{field}", spec[field])
    if spec.get("ephemeralContainers"):
        errors.append(forbidden_field("spec.ephemeralContainers", "cannot be set on create"))
    if spec.get("nodeName") and spec.get("schedulingGates"):
        text = "cannot be set until all schedulingGates have been cleared"
        errors.append(forbidden_field("spec.nodeName", text))
    return errors


KIND = Kind(
    group="",
    version="v1",
    kind="Pod",
    plural="pods",
    namespaced=True,
    short_names=("po",),
    categories=("all",),
    subresources=(
        Subresource("attach", "PodAttachOptions", ("create", "get")),
        Subresource("binding", "Binding", ("create",)),
        Subresource("ephemeralcontainers", "Pod", ("get", "patch", "update")),
        Subresource("eviction", "Eviction", ("create",), "policy", "v1"),
        Subresource("exec", "PodExecOptions", ("create", "get")),
        Subresource("log", "Pod", ("get",)),
        Subresource("portforward", "PodPortForwardOptions", ("create", "get")),
        Subresource("proxy", "PodProxyOptions", ("create", "delete", "get", "patch", "update")),
        Subresource("resize", "Pod", ("get", "patch", "update")),
        status_subresource("Pod"),
    ),
    has_status=True,
    has_generation=True,
    graceful_delete=True,
    columns=COLUMNS,
    row=row,
    default=default,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    fields=fields,
    metadata_checks=2,
    validate=validate,
    validate_update=pod_update,
    validate_subresource={"binding": bound, "ephemeralcontainers": ephemeral_update, "resize": resized},
    warnings=pod_warnings,
)
