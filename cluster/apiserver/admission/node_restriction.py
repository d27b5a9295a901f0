"""NodeRestriction: a kubelet writes its own Node, Lease and CSINode, and pods bound to its node, nothing else's.

https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, DELETE, UPDATE, Attributes
from cluster.apiserver.authz import references
from cluster.apiserver.authz.node import node_of
from cluster.machinery.errors import StatusError, not_found
from cluster.machinery.meta import Object

_LEASES, _CSI_NODES = "leases.coordination.k8s.io", "csinodes.storage.k8s.io"
_LEASE_SPACE = "kube-node-lease"
_RESTRICTED = "node-restriction.kubernetes.io"
_MIRROR = "kubernetes.io/config.mirror"
_KUBELET_LABELS = frozenset(
    {
        *("kubernetes.io/hostname", "kubernetes.io/arch", "kubernetes.io/os", "node.kubernetes.io/instance-type"),
        *("topology.kubernetes.io/zone", "topology.kubernetes.io/region", "beta.kubernetes.io/instance-type"),
        *("failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"),
        *("beta.kubernetes.io/arch", "beta.kubernetes.io/os"),
    }
)
_KUBELET_DOMAINS = ("kubelet.kubernetes.io", "node.kubernetes.io")
_CLAIM_STATUS = ("capacity", "conditions", "allocatedResources", "allocatedResourceStatuses")


class NodeRestriction(Plugin):
    name = "NodeRestriction"
    operations = (CREATE, UPDATE, DELETE)
    resources = frozenset({"pods", "nodes", "persistentvolumeclaims", "serviceaccounts", _LEASES, _CSI_NODES})
    judges = True

    def judge(self, attributes: Attributes) -> None:
        node = node_of(attributes.request.user)
        if node is None:
            return
        if not node:
            raise attributes.forbid(f'could not determine node from user "{attributes.request.user.name}"')
        _JUDGES[attributes.kind.resource](attributes, node)


def _pod(attributes: Attributes, node: str) -> None:
    judge = _POD_PARTS.get((attributes.subresource, attributes.operation))
    if judge is not None:
        judge(attributes, node)
    elif attributes.subresource:
        raise attributes.forbid(
            f"unexpected pod subresource \"{attributes.subresource}\", only 'status' and 'eviction' are allowed"
        )
    else:
        raise attributes.forbid(
            f'unexpected operation "{attributes.operation}", node "{node}" can only create and delete mirror pods'
        )


def _create_pod(attributes: Attributes, node: str) -> None:
    pod = attributes.object
    if _MIRROR not in (pod["metadata"].get("annotations") or {}):
        raise attributes.forbid(f'pod does not have "{_MIRROR}" annotation, node "{node}" can only create mirror pods')
    if pod["spec"].get("nodeName") != node:
        raise attributes.forbid(f'node "{node}" can only create pods with spec.nodeName set to itself')
    _check_owner(attributes, node, pod["metadata"].get("ownerReferences") or [])
    _check_references(attributes, node, pod)


def _check_owner(attributes: Attributes, node: str, owners: list[dict[str, Any]]) -> None:
    itself = f'node "{node}" can only create pods with'
    if len(owners) > 1:
        raise attributes.forbid(f"{itself} a single owner reference set to itself")
    owner = owners[0] if owners else {}
    if (owner.get("apiVersion"), owner.get("kind"), owner.get("name")) != ("v1", "Node", node):
        raise attributes.forbid(f"{itself} an owner reference set to itself")
    if not owner.get("controller"):
        raise attributes.forbid(f"{itself} a controller owner reference set to itself")
    if owner.get("blockOwnerDeletion"):
        raise attributes.forbid(f'node "{node}" must not set blockOwnerDeletion on an owner reference')
    found = attributes.server.store.get("nodes", "", node)
    if found is None:
        raise not_found("nodes", "", node)
    if owner.get("uid") != found["metadata"]["uid"]:
        real = found["metadata"]["uid"]
        raise attributes.forbid(f"node {node} UID mismatch: expected {owner.get('uid')} got {real}")


_REFERENCES = {
    "serviceaccounts": "a service account",
    "secrets": "secrets",
    "configmaps": "configmaps",
    "persistentvolumeclaims": "persistentvolumeclaims",
}


def _check_references(attributes: Attributes, node: str, pod: Object) -> None:
    used = {resource for resource, _ in references.of_pod(pod)}
    for resource, shown in _REFERENCES.items():
        if resource in used:
            raise attributes.forbid(f'node "{node}" can not create pods that reference {shown}')


def _delete_pod(attributes: Attributes, node: str) -> None:
    if ((attributes.old or {}).get("spec") or {}).get("nodeName") != node:
        raise attributes.forbid(f'node "{node}" can only delete pods with spec.nodeName set to itself')


def _pod_status(attributes: Attributes, node: str) -> None:
    old, new = attributes.old or {}, attributes.object
    if (old.get("spec") or {}).get("nodeName") != node:
        raise attributes.forbid(f'node "{node}" can only update pod status for pods with spec.nodeName set to itself')
    if (old["metadata"].get("labels") or {}) != (new["metadata"].get("labels") or {}):
        raise attributes.forbid(f'node "{node}" cannot update labels through pod status')
    if _claims(old) != _claims(new):
        raise attributes.forbid(f'node "{node}" cannot update resource claim statues')


def _claims(pod: Object) -> Any:
    return (pod.get("status") or {}).get("resourceClaimStatuses") or []


def _evict_pod(attributes: Attributes, node: str) -> None:
    pod = attributes.server.store.get("pods", attributes.namespace, attributes.name)
    if pod is None:
        raise not_found("pods", "", attributes.name)
    if pod["spec"].get("nodeName") != node:
        raise attributes.forbid(f"node {node} can only evict pods with spec.nodeName set to itself")


def _node(attributes: Attributes, node: str) -> None:
    if attributes.name != node:
        raise attributes.forbid(f'node "{node}" is not allowed to modify node "{attributes.name}"')
    if attributes.operation == DELETE:
        return
    new, old = attributes.object, attributes.old or {}
    if attributes.operation == UPDATE and _taints(new) != _taints(old):
        raise attributes.forbid(f'node "{node}" is not allowed to modify taints')
    changed = _forbidden_labels(new["metadata"].get("labels") or {}, (old.get("metadata") or {}).get("labels") or {})
    if changed and attributes.operation == CREATE:
        raise attributes.forbid(f'node "{node}" is not allowed to set the following labels: {changed}')
    if changed:
        raise attributes.forbid(f"is not allowed to modify labels: {changed}")


def _taints(node: Object) -> Any:
    return (node.get("spec") or {}).get("taints") or []


def _forbidden_labels(new: Mapping[str, str], old: Mapping[str, str]) -> str:
    changed = (key for key in {*new, *old} if new.get(key) != old.get(key))
    return ", ".join(sorted(key for key in changed if _is_forbidden(key)))


def _is_forbidden(label: str) -> bool:
    domain, slash, _ = label.partition("/")
    if not slash:
        return False
    if _is_in(domain, _RESTRICTED):
        return True
    if not any(_is_in(domain, one) for one in ("kubernetes.io", "k8s.io")):
        return False
    return label not in _KUBELET_LABELS and not any(_is_in(domain, one) for one in _KUBELET_DOMAINS)


def _is_in(domain: str, parent: str) -> bool:
    return domain == parent or domain.endswith(f".{parent}")


def _claim(attributes: Attributes, node: str) -> None:
    if attributes.subresource != "status" or attributes.operation != UPDATE:
        raise attributes.forbid("may only update PVC status")
    if _rest(attributes.object) != _rest(attributes.old or {}):
        raise attributes.forbid(
            f'node "{node}" is not allowed to update fields other than status.capacity and status.conditions'
        )


def _rest(claim: Object) -> Object:
    """Return what of a claim a node may not change."""
    metadata = {key: value for key, value in claim["metadata"].items() if key not in _UNCOMPARED and value}
    status = {key: value for key, value in (claim.get("status") or {}).items() if key not in _CLAIM_STATUS}
    return {"metadata": metadata, "spec": claim.get("spec"), "status": status}


_UNCOMPARED = ("resourceVersion", "managedFields")


def _account(attributes: Attributes, node: str) -> None:
    if attributes.operation != CREATE or attributes.subresource != "token":
        return
    bound = (attributes.object.get("spec") or {}).get("boundObjectRef") or {}
    if (bound.get("apiVersion"), bound.get("kind")) != ("v1", "Pod") or not bound.get("name"):
        raise attributes.forbid("node requested token not bound to a pod")
    if not bound.get("uid"):
        raise attributes.forbid("node requested token with a pod binding without a uid")
    pod = attributes.server.store.get("pods", attributes.namespace, bound["name"])
    if pod is None:
        raise not_found("pods", "", bound["name"])
    if pod["metadata"]["uid"] != bound["uid"]:
        raise attributes.forbid(
            f"the UID in the bound object reference ({bound['uid']}) does not match the UID in record. "
            "The object might have been deleted and then recreated"
        )
    if pod["spec"].get("nodeName") != node:
        raise attributes.forbid("node requested token bound to a pod scheduled on a different node")


def _lease(attributes: Attributes, node: str) -> None:
    if attributes.namespace != _LEASE_SPACE:
        raise attributes.forbid(f'can only access leases in the "{_LEASE_SPACE}" system namespace')
    _own(attributes, node, "node lease")


def _csi_node(attributes: Attributes, node: str) -> None:
    _own(attributes, node, "CSINode")


def _own(attributes: Attributes, node: str, what: str) -> None:
    if attributes.name != node:
        raise _not_own(attributes, what)


def _not_own(attributes: Attributes, what: str) -> StatusError:
    return attributes.forbid(f"can only access {what} with the same name as the requesting node")


_Judge = Callable[[Attributes, str], None]
_POD_PARTS: Mapping[tuple[str, str], _Judge] = {
    ("", CREATE): _create_pod,
    ("", DELETE): _delete_pod,
    ("status", UPDATE): _pod_status,
    ("eviction", CREATE): _evict_pod,
}
_JUDGES: Mapping[str, _Judge] = {
    "pods": _pod,
    "nodes": _node,
    "persistentvolumeclaims": _claim,
    "serviceaccounts": _account,
    _LEASES: _lease,
    _CSI_NODES: _csi_node,
}
