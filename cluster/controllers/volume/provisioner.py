"""A simulated external provisioner in the manner of local-path: makes host-path volumes for claims.

It serves StorageClasses whose provisioner is one of `PROVISIONERS`; everything else waits for a
provisioner that is not there, as in a real cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.controllers.base import Controller, Handler, own_key, split
from cluster.controllers.volume.binder import CLAIMS, CLASSES, PROVISIONER, VOLUMES
from cluster.machinery import volumes
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, annotations_of, name, namespace, uid
from cluster.machinery.volumes import PROVISIONED_BY, SELECTED_NODE
from cluster.store.interface import Revision

PROVISIONERS = frozenset({"rancher.io/local-path", "k8s.io/minikube-hostpath"})


class LocalProvisioner(Controller):
    name = "local-path-provisioner"
    account = "persistent-volume-binder"
    source = "rancher.io/local-path"

    def watches(self) -> Mapping[str, Handler]:
        return {CLAIMS: own_key, VOLUMES: self._volume_changed}

    def _volume_changed(self, revision: Revision) -> Iterable[str]:
        status = revision.object.get("status") or {}
        ours = annotations_of(revision.object).get(PROVISIONED_BY) in PROVISIONERS
        if ours and revision.verb != "DELETED" and status.get("phase") == "Released":
            yield f"/{revision.name}"

    def reconcile(self, key: str) -> float | None:
        space, each = split(key)
        if not space:
            self._reclaim(each)
            return None
        claim = self.store.get(CLAIMS, space, each)
        if claim is None or claim["spec"].get("volumeName"):
            return None
        storage = self.store.get(CLASSES, "", volumes.class_of(claim))
        if storage is None or annotations_of(claim).get(PROVISIONER) not in PROVISIONERS:
            return None
        waits = storage.get("volumeBindingMode") == "WaitForFirstConsumer"
        if not waits or SELECTED_NODE in annotations_of(claim):
            self._provision(claim, storage)
        return None

    def _reclaim(self, each: str) -> None:
        volume = self.store.get(VOLUMES, "", each)
        if volume is not None and volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete":
            self.client.delete(VOLUMES, each)

    def _provision(self, claim: Object, storage: Object) -> None:
        volume = _volume(claim, storage)
        where = f"{namespace(claim)}/{name(claim)}"
        begins = f'External provisioner is provisioning volume for claim "{where}"'
        self.events.record(claim, "Normal", "Provisioning", begins)
        try:
            self.client.create(VOLUMES, volume)
        except StatusError as error:
            if error.reason != "AlreadyExists":
                self.events.record(claim, "Warning", "ProvisioningFailed", error.message)
                raise
        done = f"Successfully provisioned volume {name(volume)}"
        self.events.record(claim, "Normal", "ProvisioningSucceeded", done)


def _volume(claim: Object, storage: Object) -> Object:
    each = f"pvc-{uid(claim)}"
    reference = {
        "kind": "PersistentVolumeClaim",
        "namespace": namespace(claim),
        "name": name(claim),
        "uid": uid(claim),
        "apiVersion": "v1",
    }
    path = f"/opt/local-path-provisioner/{each}_{namespace(claim)}_{name(claim)}"
    spec: dict[str, Any] = {
        "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
        "accessModes": claim["spec"]["accessModes"],
        "claimRef": reference,
        "persistentVolumeReclaimPolicy": storage.get("reclaimPolicy", "Delete"),
        "storageClassName": name(storage),
        "volumeMode": claim["spec"].get("volumeMode", "Filesystem"),
        "hostPath": {"path": path, "type": "DirectoryOrCreate"},
    }
    node = annotations_of(claim).get(SELECTED_NODE)
    if node:
        here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}}
    metadata = {"name": each, "annotations": {PROVISIONED_BY: storage["provisioner"]}}
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata, "spec": spec}
