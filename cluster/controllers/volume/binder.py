"""The PersistentVolume controller: finds each claim its volume and writes both sides of the bond."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.controllers.base import Controller, Handler, split
from cluster.machinery import volumes
from cluster.machinery.clock import timestamp
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, annotations_of, key as key_of, meta, name, namespace, uid
from cluster.machinery.volumes import BIND_COMPLETED, BOUND_BY_CONTROLLER, NO_PROVISIONER, SELECTED_NODE
from cluster.store.interface import Revision

CLAIMS = "persistentvolumeclaims"
VOLUMES = "persistentvolumes"
CLASSES = "storageclasses.storage.k8s.io"
RESYNC = 15.0
PROVISIONER = "volume.kubernetes.io/storage-provisioner"
OLD_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner"


class VolumeBinder(Controller):
    """Keys are `claim/<namespace>/<name>` and `volume/<name>`."""

    name = "persistentvolume-binder"
    account = "persistent-volume-binder"
    source = "persistentvolume-controller"

    def watches(self) -> Mapping[str, Handler]:
        return {CLAIMS: self._claim_changed, VOLUMES: self._volume_changed}

    def _claim_changed(self, revision: Revision) -> Iterable[str]:
        if revision.verb == "DELETED":
            bound = revision.object["spec"].get("volumeName")
            return (f"volume/{bound}",) if bound else ()
        return self.later(f"claim/{key_of(revision.object)}")

    def _volume_changed(self, revision: Revision) -> Iterable[str]:
        yield f"volume/{revision.name}"
        reference = revision.object["spec"].get("claimRef")
        if reference:
            yield f"claim/{reference['namespace']}/{reference['name']}"
        elif revision.verb == "ADDED":
            for claim in self.store.list(CLAIMS):
                if not volumes.is_bound(claim) and volumes.class_of(claim) == volumes.class_of(revision.object):
                    self.queue.add_after(f"claim/{key_of(claim)}", self._next_round())

    def _next_round(self) -> float:
        """The real one looks at all waiting claims every fifteen seconds."""
        return RESYNC - self.clock.now() % RESYNC

    def reconcile(self, key: str) -> float | None:
        what, _, rest = key.partition("/")
        if what == "volume":
            volume = self.store.get(VOLUMES, "", rest)
            if volume is not None:
                self._sync_volume(volume)
            return None
        claim = self.store.get(CLAIMS, *split(rest))
        if claim is None:
            return None
        if volumes.is_bound(claim):
            self._check_bound(claim)
            return None
        return None if self._sync_claim(claim) else self._next_round()

    def _sync_volume(self, volume: Object) -> None:
        """Write the volume's phase; a volume whose claim is gone is released."""
        reference = volume["spec"].get("claimRef")
        if not reference or not reference.get("uid"):
            self._set_phase(volume, "Available")
            if reference:
                self.queue.add(f"claim/{reference['namespace']}/{reference['name']}")
            return
        claim = self.store.get(CLAIMS, reference["namespace"], reference["name"])
        if claim is None or uid(claim) != reference["uid"]:
            self._set_phase(volume, "Released")
        elif claim["spec"].get("volumeName") == name(volume):
            self._set_phase(volume, "Bound")
        elif claim["spec"].get("volumeName"):
            self._release_other(volume)

    def _release_other(self, volume: Object) -> None:
        """The claim took another volume: give this one back when it was this controller's choice."""
        if annotations_of(volume).get(BOUND_BY_CONTROLLER) != "yes":
            return
        spec = {field: value for field, value in volume["spec"].items() if field != "claimRef"}
        kept = {key: value for key, value in annotations_of(volume).items() if key != BOUND_BY_CONTROLLER}
        metadata = {**meta(volume), "annotations": kept}
        self.client.update(VOLUMES, {**volume, "metadata": metadata, "spec": spec})

    def _set_phase(self, volume: Object, phase: str) -> Object:
        status = volume.get("status") or {}
        if status.get("phase") == phase:
            return volume
        now = timestamp(self.clock.now())
        status = {**status, "phase": phase, "lastPhaseTransitionTime": now}
        return self.client.update_status(VOLUMES, {**volume, "status": status})

    def _check_bound(self, claim: Object) -> None:
        """A bound claim whose volume is gone is lost for good."""
        volume = self.store.get(VOLUMES, "", claim["spec"]["volumeName"])
        status = claim.get("status") or {}
        if volume is not None and volumes.is_bound_to(volume, claim):
            self._finish_claim(claim, self._set_phase(volume, "Bound"))
        elif status.get("phase") != "Lost":
            lost = "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
            self._say(claim, "Warning", "ClaimLost", lost)
            kept = {field: value for field, value in status.items() if field not in ("accessModes", "capacity")}
            self.client.update_status(CLAIMS, {**claim, "status": {**kept, "phase": "Lost"}})

    def _sync_claim(self, claim: Object) -> bool:
        """Return whether the claim is bound now."""
        if claim["spec"].get("volumeName"):
            return self._bind_named(claim)
        delayed = self._is_delayed(claim)
        candidates = self.store.list(VOLUMES)
        if delayed:
            candidates = [each for each in candidates if volumes.is_bound_to(each, claim)]
        found = volumes.smallest_match(claim, candidates)
        if found is None:
            self._explain(claim, delayed=delayed)
            return False
        self._bind(claim, found)
        return True

    def _is_delayed(self, claim: Object) -> bool:
        storage = self.store.get(CLASSES, "", volumes.class_of(claim))
        waits = storage is not None and storage.get("volumeBindingMode") == "WaitForFirstConsumer"
        return waits and SELECTED_NODE not in annotations_of(claim)

    def _bind_named(self, claim: Object) -> bool:
        volume = self.store.get(VOLUMES, "", claim["spec"]["volumeName"])
        if volume is None:
            return False
        if volume["spec"].get("claimRef") and not volumes.is_bound_to(volume, claim):
            message = f'volume "{name(volume)}" already bound to a different claim.'
            self._say(claim, "Warning", "FailedBinding", message)
            return False
        problem = volumes.mismatch(volume, claim)
        if problem and not volume["spec"].get("claimRef"):
            message = f'Cannot bind to requested volume "{name(volume)}": {problem}'
            self._say(claim, "Warning", "VolumeMismatch", message)
            return False
        self._bind(claim, volume)
        return True

    def _explain(self, claim: Object, *, delayed: bool) -> None:
        """Say why the claim waits; ask an external provisioner where there is one."""
        chosen = volumes.class_of(claim)
        if delayed:
            waiting = "waiting for first consumer to be created before binding"
            self._say(claim, "Normal", "WaitForFirstConsumer", waiting)
        elif not chosen:
            nothing = "no persistent volumes available for this claim and no storage class is set"
            self._say(claim, "Normal", "FailedBinding", nothing)
        else:
            self._ask_provisioner(claim, chosen)

    def _ask_provisioner(self, claim: Object, chosen: str) -> None:
        storage = self.store.get(CLASSES, "", chosen)
        if storage is None:
            message = f'storageclass.storage.k8s.io "{chosen}" not found'
            self._say(claim, "Warning", "ProvisioningFailed", message)
            return
        provisioner = storage["provisioner"]
        if provisioner == NO_PROVISIONER:
            nothing = "no persistent volumes available for this claim and no storage class is set"
            self._say(claim, "Normal", "FailedBinding", nothing)
            return
        notes = annotations_of(claim)
        if notes.get(PROVISIONER) != provisioner:
            notes = {**notes, OLD_PROVISIONER: provisioner, PROVISIONER: provisioner}
            claim = self.client.update(CLAIMS, {**claim, "metadata": {**meta(claim), "annotations": notes}})
        message = (
            f"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the "
            "system administrator. If volume creation is delayed, please verify that the provisioner is running and "
            "correctly registered."
        )
        self._say(claim, "Normal", "ExternalProvisioning", message)

    def _say(self, claim: Object, kind: str, reason: str, message: str) -> None:
        self.events.record(claim, kind, reason, message)

    def _bind(self, claim: Object, volume: Object) -> None:
        """Write the volume, then the claim; each first what is wanted, then what is."""
        volume = self._claim_volume(claim, volume)
        volume = self._set_phase(volume, "Bound")
        notes = dict(annotations_of(claim))
        if not claim["spec"].get("volumeName"):
            notes[BOUND_BY_CONTROLLER] = "yes"
        notes[BIND_COMPLETED] = "yes"
        spec = {**claim["spec"], "volumeName": name(volume)}
        metadata = {**meta(claim), "annotations": notes}
        bound = self.client.update(CLAIMS, {**claim, "metadata": metadata, "spec": spec})
        self._finish_claim(bound, volume)

    def _claim_volume(self, claim: Object, volume: Object) -> Object:
        reference: dict[str, Any] = volume["spec"].get("claimRef") or {}
        if reference.get("uid") == uid(claim):
            return volume
        notes = dict(annotations_of(volume))
        if not reference:
            notes[BOUND_BY_CONTROLLER] = "yes"
        wanted = {
            "kind": "PersistentVolumeClaim",
            "namespace": namespace(claim),
            "name": name(claim),
            "uid": uid(claim),
            "apiVersion": "v1",
            "resourceVersion": meta(claim)["resourceVersion"],
        }
        metadata = {**meta(volume), "annotations": notes} if notes else meta(volume)
        draft = {**volume, "metadata": metadata, "spec": {**volume["spec"], "claimRef": wanted}}
        return self.client.update(VOLUMES, draft)

    def _finish_claim(self, claim: Object, volume: Object) -> None:
        status = {
            **(claim.get("status") or {}),
            "phase": "Bound",
            "accessModes": volume["spec"].get("accessModes"),
            "capacity": volume["spec"].get("capacity"),
        }
        if (claim.get("status") or {}).get("phase") == "Bound":
            return
        try:
            self.client.update_status(CLAIMS, {**claim, "status": status})
        except StatusError as error:
            if error.code != 404:
                raise
