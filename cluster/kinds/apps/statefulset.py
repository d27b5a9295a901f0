"""Pods with names and storage of their own. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.internal import internal
from cluster.kinds.kind import SCALE, Column, Kind, status_subresource
from cluster.kinds.podspec.defaults import default_template
from cluster.kinds.podspec.spec import pod_template
from cluster.kinds.podspec.volumedefaults import default_claim_spec
from cluster.kinds.podspec.warnings import template_warnings
from cluster.kinds.printing import AGE, CONTAINERS, IMAGES, NAME, age, containers_and_images
from cluster.kinds.validation.fields import Errors, not_negative, one_of, positive_int_or_percent
from cluster.kinds.validation.workloads import always_restarting, mismatch, selector, unreadable
from cluster.machinery.fielderrors import forbidden_field, invalid_value, required
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    default_template(spec.setdefault("template", {}))
    if not spec.get("podManagementPolicy"):
        spec["podManagementPolicy"] = "OrderedReady"
    _default_strategy(spec.setdefault("updateStrategy", {}))
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    for field in ("whenDeleted", "whenScaled"):
        if not retention.get(field):
            retention[field] = "Retain"
    for field, value in (("replicas", 1), ("revisionHistoryLimit", 10)):
        if spec.get(field) is None:
            spec[field] = value
    for claim in spec.get("volumeClaimTemplates") or ():
        _default_claim(claim)


def _default_strategy(strategy: dict[str, Any]) -> None:
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
        if strategy.get("rollingUpdate") is None:
            strategy["rollingUpdate"] = {}
    rolling = strategy.get("rollingUpdate")
    if strategy["type"] == "RollingUpdate" and rolling is not None:
        rolling.setdefault("partition", 0)


def _default_claim(claim: dict[str, Any]) -> None:
    claim["apiVersion"], claim["kind"] = "v1", "PersistentVolumeClaim"
    claim.setdefault("metadata", {})
    default_claim_spec(claim.setdefault("spec", {}))
    claim.setdefault("status", {})
    if not claim["status"].get("phase"):
        claim["status"]["phase"] = "Pending"


def prepare_create(draft: Object) -> None:
    draft["status"] = {"replicas": 0, "availableReplicas": 0}


def row(obj: Object, now: float) -> Sequence[Any]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    return (
        name(obj),
        f"{status.get('readyReplicas') or 0}/{spec.get('replicas') or 0}",
        age(obj, now),
        *containers_and_images((spec.get("template") or {}).get("spec") or {}),
    )


_CHANGEABLE = (
    *("replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit"),
    *("persistentVolumeClaimRetentionPolicy", "minReadySeconds"),
)
_FIXED = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)


def validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    errors: Errors = []
    policy = spec.get("podManagementPolicy")
    if policy not in ("OrderedReady", "Parallel"):
        errors.append(invalid_value("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'"))
    errors += _strategy("spec.updateStrategy", spec.get("updateStrategy") or {})
    for field, value in (spec.get("persistentVolumeClaimRetentionPolicy") or {}).items():
        errors += one_of(
            f"spec.persistentVolumeClaimRetentionPolicy.{field}", value, ("Retain", "Delete"), in_order=True
        )
    errors += not_negative("spec.replicas", spec.get("replicas"))
    errors += not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    errors += not_negative("spec.ordinals.start", (spec.get("ordinals") or {}).get("start"))
    errors += not_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))
    template = spec.get("template") or {}
    errors += selector(spec, "statefulset")
    if unreadable(spec):
        return [*errors, *unreadable(spec)]
    errors += mismatch(spec, template)
    return errors + pod_template("spec.template", _with_claims(spec, template)) + always_restarting(spec, "StatefulSet")


def _with_claims(spec: dict[str, Any], template: dict[str, Any]) -> dict[str, Any]:
    """Return the template with a volume for each claim template, as its pods will have."""
    claims = spec.get("volumeClaimTemplates")
    if not claims:
        return template
    names = [(claim.get("metadata") or {}).get("name", "") for claim in claims]
    pod = template.get("spec") or {}
    kept = [volume for volume in pod.get("volumes") or () if volume.get("name") not in names]
    added = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in names]
    return {**template, "spec": {**pod, "volumes": kept + added}}


def _strategy(path: str, strategy: dict[str, Any]) -> Errors:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if not kind:
        return [required(path)]
    if kind == "OnDelete":
        text = "only allowed for updateStrategy 'RollingUpdate'"
        return [invalid_value(f"{path}.rollingUpdate", rolling, text)] if rolling is not None else []
    if kind != "RollingUpdate":
        shown = internal("StatefulSetUpdateStrategy", strategy)
        return [invalid_value(path, shown, "must be 'RollingUpdate' or 'OnDelete'")]
    if rolling is None:
        return []
    errors = not_negative(f"{path}.rollingUpdate.partition", rolling.get("partition"))
    unavailable = rolling.get("maxUnavailable")
    if unavailable is not None:
        errors += positive_int_or_percent(f"{path}.rollingUpdate.maxUnavailable", unavailable)
    return errors


def validate_update(new: Object, old: Object) -> Errors:
    errors = validate(new)
    fixed = [{field: value for field, value in obj["spec"].items() if field not in _CHANGEABLE} for obj in (new, old)]
    return errors if fixed[0] == fixed[1] else [*errors, forbidden_field("spec", _FIXED)]


KIND = Kind(
    group="apps",
    version="v1",
    kind="StatefulSet",
    plural="statefulsets",
    namespaced=True,
    short_names=("sts",),
    categories=("all",),
    subresources=(
        SCALE,
        status_subresource("StatefulSet"),
    ),
    has_status=True,
    has_generation=True,
    columns=(NAME, Column("Ready", description="Number of the pod with ready state"), AGE, CONTAINERS, IMAGES),
    row=row,
    default=default,
    prepare_create=prepare_create,
    validate=validate,
    validate_update=validate_update,
    warnings=template_warnings,
)
