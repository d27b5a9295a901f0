"""Which nodes a DaemonSet's pods belong on, and the pod for one node. Pure functions."""

from __future__ import annotations

from typing import Any

from cluster.controllers.pods import owner_pod
from cluster.machinery.meta import Object, annotations_of, labels, meta, name
from cluster.machinery.nodeselector import fits
from cluster.machinery.tolerations import untolerated

HASH = "controller-revision-hash"
GENERATION = "pod-template-generation"
TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"

TOLERATIONS: tuple[dict[str, str], ...] = tuple(
    {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": effect}
    for key, effect in (
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
    )
)
_HOST_NETWORK = {"key": "node.kubernetes.io/network-unavailable", "operator": "Exists", "effect": "NoSchedule"}


def tolerations(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the template's tolerations and those every daemon pod has."""
    wanted = [*TOLERATIONS, *([_HOST_NETWORK] if spec.get("hostNetwork") else [])]
    found = list(spec.get("tolerations") or ())
    return found + [each for each in wanted if each not in found]


def should_run(daemonset: Object, node: Object) -> tuple[bool, bool]:
    """Return whether a pod should be started on the node, and whether one there may stay."""
    spec = daemonset["spec"]["template"]["spec"]
    wanted = spec.get("nodeName")
    if (wanted and wanted != name(node)) or not fits(spec, labels(node), name(node)):
        return False, False
    taints = (node.get("spec") or {}).get("taints") or ()
    accepted = tolerations(spec)
    if untolerated(taints, accepted, ("NoSchedule", "NoExecute")) is None:
        return True, True
    return False, untolerated(taints, accepted, ("NoExecute",)) is None


def daemon_pod(daemonset: Object, hashed: str) -> Object:
    """Return the pod of the current template, for any node."""
    pod = owner_pod(daemonset, "apps/v1", "DaemonSet", daemonset["spec"]["template"])
    pod["metadata"]["labels"] = {**labels(pod), HASH: hashed, GENERATION: template_generation(daemonset)}
    pod["spec"] = {**pod["spec"], "tolerations": tolerations(pod["spec"])}
    return pod


def template_generation(daemonset: Object) -> str:
    return annotations_of(daemonset).get(TEMPLATE_GENERATION) or str(meta(daemonset).get("generation", 1))


def on_node(pod: Object, node: str) -> Object:
    """Return the pod bound by affinity to one node: the scheduler places it, and nowhere else."""
    affinity = dict(pod["spec"].get("affinity") or {})
    here = {"key": "metadata.name", "operator": "In", "values": [node]}
    node_affinity = dict(affinity.get("nodeAffinity") or {})
    terms = (node_affinity.get(_REQUIRED) or {}).get("nodeSelectorTerms") or [{}]
    node_affinity[_REQUIRED] = {"nodeSelectorTerms": [{**term, "matchFields": [here]} for term in terms]}
    affinity["nodeAffinity"] = node_affinity
    return {**pod, "metadata": dict(pod["metadata"]), "spec": {**pod["spec"], "affinity": affinity}}


def target_node(pod: Object) -> str:
    """Return the node a daemon pod is on, or is meant for."""
    bound = pod["spec"].get("nodeName")
    if bound:
        return str(bound)
    required = ((pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}).get(_REQUIRED) or {}
    for term in required.get("nodeSelectorTerms") or ():
        for field in term.get("matchFields") or ():
            if field.get("key") == "metadata.name" and len(field.get("values") or ()) == 1:
                return str(field["values"][0])
    return ""


def is_updated(daemonset: Object, pod: Object, hashed: str) -> bool:
    found = labels(pod)
    return found.get(HASH) == hashed or found.get(GENERATION) == annotations_of(daemonset).get(TEMPLATE_GENERATION)
