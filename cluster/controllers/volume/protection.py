"""Storage object in use protection: claims that pods use and volumes that are bound are not removed.

https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cluster.controllers.base import Controller, Handler, own_key, split
from cluster.controllers.pods import is_finished
from cluster.machinery.meta import Object, is_deleting, key as key_of, meta, name, namespace
from cluster.store.interface import Revision

CLAIMS = "persistentvolumeclaims"
VOLUMES = "persistentvolumes"
CLAIM_FINALIZER = "kubernetes.io/pvc-protection"
VOLUME_FINALIZER = "kubernetes.io/pv-protection"


class Protection(Controller):
    """Takes the finalizer away once nothing uses the object."""

    def release(self, resource: str, obj: Object, finalizer: str) -> None:
        kept = [each for each in meta(obj).get("finalizers") or () if each != finalizer]
        metadata = {field: value for field, value in meta(obj).items() if field != "finalizers"}
        self.client.update(resource, {**obj, "metadata": {**metadata, "finalizers": kept} if kept else metadata})


class ClaimProtection(Protection):
    name = "persistentvolumeclaim-protection"
    account = "pvc-protection-controller"
    source = "pvc-protection-controller"

    def watches(self) -> Mapping[str, Handler]:
        return {CLAIMS: own_key, "pods": self._pod_changed}

    def _pod_changed(self, revision: Revision) -> Iterable[str]:
        if revision.verb == "DELETED" or is_finished(revision.object):
            for each in claims_of(revision.object):
                yield f"{revision.namespace}/{each}"

    def reconcile(self, key: str) -> float | None:
        claim = self.store.get(CLAIMS, *split(key))
        if claim is None or not is_deleting(claim) or CLAIM_FINALIZER not in (meta(claim).get("finalizers") or ()):
            return None
        if not self._is_used(claim):
            self.release(CLAIMS, claim, CLAIM_FINALIZER)
        return None

    def _is_used(self, claim: Object) -> bool:
        pods = self.store.list("pods", namespace(claim))
        return any(
            pod["spec"].get("nodeName") and not is_finished(pod) and name(claim) in claims_of(pod) for pod in pods
        )


class VolumeProtection(Protection):
    name = "persistentvolume-protection"
    account = "pv-protection-controller"
    source = "pv-protection-controller"

    def watches(self) -> Mapping[str, Handler]:
        return {VOLUMES: own_key}

    def reconcile(self, key: str) -> float | None:
        volume = self.store.get(VOLUMES, "", key)
        if volume is None or not is_deleting(volume) or VOLUME_FINALIZER not in (meta(volume).get("finalizers") or ()):
            return None
        if (volume.get("status") or {}).get("phase") != "Bound":
            self.release(VOLUMES, volume, VOLUME_FINALIZER)
        return None


def claims_of(pod: Object) -> list[str]:
    """Return the names of the claims a pod mounts."""
    found = []
    for volume in pod["spec"].get("volumes") or ():
        if "persistentVolumeClaim" in volume:
            found.append(volume["persistentVolumeClaim"]["claimName"])
        elif "ephemeral" in volume:
            found.append(f"{name(pod)}-{volume['name']}")
    return found


class EphemeralVolumeController(Controller):
    """Generic ephemeral volumes: a claim of the pod's own, made from the template in it."""

    name = "ephemeral-volume"
    account = "ephemeral-volume-controller"
    source = "ephemeral_volume"

    def watches(self) -> Mapping[str, Handler]:
        return {"pods": self._pod_changed}

    def _pod_changed(self, revision: Revision) -> Iterable[str]:
        has = any("ephemeral" in volume for volume in revision.object["spec"].get("volumes") or ())
        return (key_of(revision.object),) if has and revision.verb == "ADDED" else ()

    def reconcile(self, key: str) -> float | None:
        pod = self.store.get("pods", *split(key))
        if pod is None or is_deleting(pod):
            return None
        for volume in pod["spec"].get("volumes") or ():
            if "ephemeral" in volume:
                self._make(pod, f"{name(pod)}-{volume['name']}", volume["ephemeral"]["volumeClaimTemplate"])
        return None

    def _make(self, pod: Object, each: str, template: Object) -> None:
        if self.store.get(CLAIMS, namespace(pod), each) is not None:
            return
        owner = {"apiVersion": "v1", "kind": "Pod", "name": name(pod), "uid": meta(pod)["uid"]}
        metadata = {
            **(template.get("metadata") or {}),
            "name": each,
            "namespace": namespace(pod),
            "ownerReferences": [{**owner, "controller": True, "blockOwnerDeletion": True}],
        }
        draft = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": template["spec"]}
        self.client.create(CLAIMS, draft)
