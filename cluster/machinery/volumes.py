"""Matching PersistentVolumes to claims: shared by the volume binder and the scheduler.

Follows k8s.io/component-helpers `storage/volume`.
https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.machinery.labels import from_label_selector
from cluster.machinery.meta import Object, annotations_of, is_deleting, labels, name, namespace, uid
from cluster.machinery.nodeselector import matches_selector
from cluster.machinery.quantity import parse

BIND_COMPLETED = "pv.kubernetes.io/bind-completed"
BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
NO_PROVISIONER = "kubernetes.io/no-provisioner"


def class_of(obj: Object) -> str:
    """Return the storage class name of a claim or volume."""
    legacy = annotations_of(obj).get("volume.beta.kubernetes.io/storage-class")
    return str(legacy if legacy is not None else obj["spec"].get("storageClassName") or "")


def requested(claim: Object) -> int:
    quantity = ((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage")
    return parse(quantity).value if quantity else 0


def capacity(volume: Object) -> int:
    quantity = (volume["spec"].get("capacity") or {}).get("storage")
    return parse(quantity).value if quantity else 0


def is_bound_to(volume: Object, claim: Object) -> bool:
    """Return whether the volume's claimRef names this claim, whether or not it knows its uid yet."""
    reference: Mapping[str, Any] | None = volume["spec"].get("claimRef")
    if not reference or reference.get("name") != name(claim) or reference.get("namespace") != namespace(claim):
        return False
    return not reference.get("uid") or reference["uid"] == uid(claim)


def is_bound(claim: Object) -> bool:
    return bool(claim["spec"].get("volumeName")) and BIND_COMPLETED in annotations_of(claim)


def mismatch(volume: Object, claim: Object) -> str:
    """Return why a volume chosen by name does not satisfy the claim, empty when it does."""
    if capacity(volume) < requested(claim):
        return "requested PV is too small"
    if class_of(volume) != class_of(claim):
        return "storageClassName does not match"
    if _mode(volume) != _mode(claim):
        return "incompatible volumeMode"
    if not _modes_fit(volume, claim):
        return "incompatible accessMode"
    return ""


def _mode(obj: Object) -> str:
    return str(obj["spec"].get("volumeMode") or "Filesystem")


def _modes_fit(volume: Object, claim: Object) -> bool:
    return set(claim["spec"].get("accessModes") or ()) <= set(volume["spec"].get("accessModes") or ())


def fits_node(volume: Object, node_labels: Mapping[str, str], node_name: str) -> bool:
    required = (volume["spec"].get("nodeAffinity") or {}).get("required")
    return required is None or matches_selector(node_labels, node_name, required)


def smallest_match(
    claim: Object,
    volumes: Iterable[Object],
    taken: frozenset[str] = frozenset(),
    node: tuple[Mapping[str, str], str] | None = None,
) -> Object | None:
    """Return the volume bound to the claim beforehand, or the smallest free one that satisfies it."""
    selector = claim["spec"].get("selector")
    chosen = from_label_selector(selector) if selector else None
    best: Object | None = None
    for volume in volumes:
        if name(volume) in taken or is_deleting(volume) or mismatch(volume, claim):
            continue
        if node is not None and not fits_node(volume, *node):
            continue
        if volume["spec"].get("claimRef"):
            if is_bound_to(volume, claim):
                return volume
            continue
        if chosen is not None and not chosen.matches(labels(volume)):
            continue
        if node is not None and (volume.get("status") or {}).get("phase") != "Available":
            continue
        if best is None or (capacity(volume), name(volume)) < (capacity(best), name(best)):
            best = volume
    return best
