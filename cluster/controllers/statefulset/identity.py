"""What makes a StatefulSet's pod that pod: ordinal, name, host name, claims. Pure functions."""

from __future__ import annotations

import re
from typing import Any

from cluster.controllers.pods import owner_pod
from cluster.controllers.revisions import HASH_LABEL
from cluster.machinery.meta import Object, labels, meta, name, namespace
from cluster.machinery.owners import controller_reference

POD_NAME = "statefulset.kubernetes.io/pod-name"
POD_INDEX = "apps.kubernetes.io/pod-index"
_ORDINAL = re.compile(r"^(.*)-(\d+)$")


def ordinal(owner: Object, pod: Object) -> int:
    """Return the pod's ordinal, -1 for a pod that is none of the set's."""
    found = _ORDINAL.match(name(pod))
    return int(found[2]) if found and found[1] == name(owner) else -1


def first_ordinal(owner: Object) -> int:
    return int((owner["spec"].get("ordinals") or {}).get("start", 0))


def revision_of(pod: Object) -> str:
    return labels(pod).get(HASH_LABEL, "")


def stateful_pod(owner: Object, template: Object, number: int, revision: str) -> Object:
    """Return the pod of one ordinal at one revision."""
    pod = owner_pod(owner, "apps/v1", "StatefulSet", template)
    each = f"{name(owner)}-{number}"
    metadata = {**pod["metadata"], "name": each}
    metadata["labels"] = {
        **(metadata.get("labels") or {}),
        POD_NAME: each,
        POD_INDEX: str(number),
        HASH_LABEL: revision,
    }
    spec = {**pod["spec"], "hostname": each}
    if owner["spec"].get("serviceName"):
        spec["subdomain"] = owner["spec"]["serviceName"]
    spec["volumes"] = _volumes(owner, number, spec.get("volumes") or [])
    if not spec["volumes"]:
        del spec["volumes"]
    return {**pod, "metadata": metadata, "spec": spec}


def _volumes(owner: Object, number: int, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the template's volumes with those of the claim templates in their place."""
    claims = {
        meta(each)["name"]: {
            "name": meta(each)["name"],
            "persistentVolumeClaim": {"claimName": claim_name(owner, each, number), "readOnly": False},
        }
        for each in owner["spec"].get("volumeClaimTemplates") or ()
    }
    return [*claims.values(), *(each for each in given if each["name"] not in claims)]


def claim_name(owner: Object, template: Object, number: int) -> str:
    return f"{meta(template)['name']}-{name(owner)}-{number}"


def claims_of(owner: Object, number: int) -> list[Object]:
    """Return the claims of one ordinal, as they are created."""
    found = []
    wanted = owner["spec"]["selector"].get("matchLabels") or {}
    for template in owner["spec"].get("volumeClaimTemplates") or ():
        given = meta(template)
        metadata: dict[str, Any] = {"name": claim_name(owner, template, number), "namespace": namespace(owner)}
        metadata["labels"] = {**(given.get("labels") or {}), **wanted}
        if given.get("annotations"):
            metadata["annotations"] = given["annotations"]
        found.append(
            {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": template["spec"]}
        )
    return found


def claim_owners(owner: Object, pod: Object | None, *, condemned: bool) -> list[dict[str, Any]]:
    """Return the owner references that `persistentVolumeClaimRetentionPolicy` asks for."""
    policy = owner["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
    if condemned and policy.get("whenScaled") == "Delete" and pod is not None:
        reference = {"apiVersion": "v1", "kind": "Pod", "name": name(pod), "uid": meta(pod).get("uid", "")}
        return [{**reference, "controller": True, "blockOwnerDeletion": True}]
    if policy.get("whenDeleted") == "Delete":
        return [controller_reference(owner, "apps/v1", "StatefulSet")]
    return []
