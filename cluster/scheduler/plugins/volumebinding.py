"""VolumeBinding: claims that are bound, or can be bound on the chosen node.

https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode
Left out: CSI capacity tracking and attach limits.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cluster.machinery import volumes
from cluster.machinery.meta import Object, is_deleting, key, name
from cluster.scheduler.framework import NODE_ADDED, NODE_CHANGED, VOLUME, Cycle, Plugin, Rejection
from cluster.scheduler.nodes import NodeInfo

CLASSES = "storageclasses.storage.k8s.io"


@dataclass(slots=True)
class Claims:
    """The pod's claims, and per node the volumes that would be bound to the waiting ones."""

    bound: list[Object] = field(default_factory=list)  # volumes
    waiting: list[Object] = field(default_factory=list)  # claims for the first consumer
    chosen: dict[str, list[tuple[Object, Object | None]]] = field(default_factory=dict)


class VolumeBinding(Plugin):
    name = "VolumeBinding"
    filters = True
    waits_for = frozenset({NODE_ADDED, NODE_CHANGED, VOLUME})
    _affinity = Rejection("VolumeBinding", ("node(s) didn't match PersistentVolume's node affinity",), final=True)
    _none = Rejection("VolumeBinding", ("node(s) didn't find available persistent volumes to bind",), final=True)

    def refuse(self, cycle: Cycle) -> Rejection | None:
        claims = Claims()
        cycle.notes[self.name] = claims
        for each in claim_names(cycle.pod.obj):
            reason = self._sort(cycle, claims, each)
            if reason:
                return Rejection(self.name, (reason,), final=True)
        return None

    def _sort(self, cycle: Cycle, claims: Claims, each: str) -> str:
        claim = cycle.store.get("persistentvolumeclaims", cycle.pod.namespace, each)
        if claim is None:
            return f'persistentvolumeclaim "{each}" not found'
        if (claim.get("status") or {}).get("phase") == "Lost":
            return (
                f'persistentvolumeclaim "{each}" bound to non-existent persistentvolume "{claim["spec"]["volumeName"]}"'
            )
        if is_deleting(claim):
            return f'persistentvolumeclaim "{each}" is being deleted'
        if volumes.is_bound(claim):
            volume = cycle.store.get("persistentvolumes", "", claim["spec"]["volumeName"])
            claims.bound.extend([volume] if volume is not None else [])
            return ""
        storage = cycle.store.get(CLASSES, "", volumes.class_of(claim))
        if storage is None or storage.get("volumeBindingMode") != "WaitForFirstConsumer":
            return "pod has unbound immediate PersistentVolumeClaims"
        claims.waiting.append(claim)
        return ""

    def concerns(self, cycle: Cycle) -> bool:
        claims: Claims = cycle.notes[self.name]
        return bool(claims.bound or claims.waiting)

    def filter(self, cycle: Cycle, node: NodeInfo) -> Rejection | None:
        claims: Claims = cycle.notes[self.name]
        if not all(volumes.fits_node(volume, node.labels, node.name) for volume in claims.bound):
            return self._affinity
        chosen: list[tuple[Object, Object | None]] = []
        taken: frozenset[str] = frozenset()
        for claim in claims.waiting:
            found = volumes.smallest_match(
                claim, cycle.store.list("persistentvolumes"), taken, (node.labels, node.name)
            )
            if found is None and not _can_provision(cycle, claim):
                return self._none
            taken |= {name(found)} if found is not None else set()
            chosen.append((claim, found))
        claims.chosen[node.name] = chosen
        return None


def _can_provision(cycle: Cycle, claim: Object) -> bool:
    storage = cycle.store.get(CLASSES, "", volumes.class_of(claim))
    return storage is not None and storage.get("provisioner") not in (None, "", volumes.NO_PROVISIONER)


def claim_names(pod: Object) -> list[str]:
    """Return the names of the claims a pod mounts, those of its ephemeral volumes included."""
    found = []
    for volume in pod["spec"].get("volumes") or ():
        if "persistentVolumeClaim" in volume:
            found.append(volume["persistentVolumeClaim"]["claimName"])
        elif "ephemeral" in volume:
            found.append(f"{name(pod)}-{volume['name']}")
    return found


def chosen_on(cycle: Cycle, node: str) -> list[tuple[Object, Object | None]]:
    """Return (claim, volume to bind or None to provision) for the node that was chosen."""
    claims: Claims | None = cycle.notes.get(VolumeBinding.name)
    return claims.chosen.get(node, []) if claims is not None else []


def claim_keys(pod: Object) -> list[str]:
    space = key(pod).partition("/")[0]
    return [f"{space}/{each}" for each in claim_names(pod)]
