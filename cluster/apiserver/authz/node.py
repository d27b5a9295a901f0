"""The Node authoriser: a kubelet reads what its own pods need, and writes its own node, lease and pods.

The real one keeps a graph of pods and what they name; here the way from an object to the node is
walked when somebody asks, over the index of pods by node.
https://kubernetes.io/docs/reference/access-authn-authz/node/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from cluster.apiserver.authz import references
from cluster.apiserver.authz.opinion import NO_OPINION, Listing, Opinion
from cluster.apiserver.authz.rules import Asked, Rule, exact_value
from cluster.apiserver.bootstrap import roles
from cluster.apiserver.request import User
from cluster.machinery.meta import Object
from cluster.store.interface import Store

GROUP, PREFIX = "system:nodes", "system:node:"
_MIRROR = "kubernetes.io/config.mirror"
_LEASE_SPACE = "kube-node-lease"
_OWN_VERBS = ("get", "create", "update", "patch", "delete")

Judge = Callable[["Node", str, Asked], Opinion]


def node_of(user: User) -> str | None:
    """Return the node a user is; '' when it names none, None when it is no node."""
    if not user.name.startswith(PREFIX) or GROUP not in user.groups:
        return None
    return user.name.removeprefix(PREFIX)


def _yes() -> Opinion:
    return Opinion(True, lasting=False)


def _no(reason: str = "") -> Opinion:
    return Opinion(None, reason, lasting=False)


class Node:
    name = "Node"

    def __init__(self, store: Store):
        self._store = store
        self._static = tuple(
            Rule.of(rule)
            for role in roles.cluster_roles()
            if role["metadata"]["name"] == "system:node"
            for rule in role["rules"]
        )

    def decide(self, user: User, asked: Asked) -> Opinion:
        node = node_of(user)
        if node is None:
            return NO_OPINION
        if not node:
            return _no(f'unknown node for user "{user.name}"')
        resource, _, _ = asked.resource.partition("/")
        judge = _JUDGES.get(f"{resource}.{asked.group}" if asked.group else resource)
        if judge is not None and not asked.path:
            return judge(self, node, asked)
        return _yes() if any(rule.allows(asked) for rule in self._static) else _no()

    def rules(self, user: User, namespace: str) -> Listing:
        if node_of(user) is None:
            return Listing()
        return Listing(incomplete=True, error="node authorizer does not support user rule resolution")

    def related(self, node: str, asked: Asked) -> Opinion:
        """Allow what a way leads from to the node."""
        if not asked.name:
            return _no("No Object name found")
        resource = asked.resource.partition("/")[0]
        key = f"{resource}.{asked.group}" if asked.group else resource
        if (asked.namespace, asked.name) in self._reached(node, key):
            return _yes()
        return _no(f"no relationship found between node '{node}' and this object")

    def _reached(self, node: str, resource: str) -> Iterator[tuple[str, str]]:
        """Yield (namespace, name) of the objects of one resource that belong to a node's pods, or to itself."""
        if resource in _OF_NODE:
            field = _OF_NODE[resource]
            yield from (_key(one) for one in self._store.list(resource) if (one.get("spec") or {}).get(field) == node)
            return
        for pod in self._store.pods_on(node):
            if resource == "pods":
                yield _key(pod)
            elif _MIRROR not in (pod["metadata"].get("annotations") or {}):
                yield from self._of_pod(pod, resource)

    def _of_pod(self, pod: Object, resource: str) -> Iterator[tuple[str, str]]:
        namespace = pod["metadata"]["namespace"]
        for kind, name in references.of_pod(pod):
            if kind == resource:
                yield namespace, name
            elif kind == "persistentvolumeclaims" and resource in ("persistentvolumes", "secrets"):
                yield from self._behind_claim(namespace, name, resource)

    def _behind_claim(self, namespace: str, name: str, resource: str) -> Iterator[tuple[str, str]]:
        claim = self._store.get("persistentvolumeclaims", namespace, name) or {}
        volume = self._store.get("persistentvolumes", "", (claim.get("spec") or {}).get("volumeName") or "")
        if volume is None:
            return
        bound = (volume.get("spec") or {}).get("claimRef") or {}
        if (bound.get("namespace"), bound.get("name")) != (namespace, name):
            return
        if resource == "persistentvolumes":
            yield "", volume["metadata"]["name"]
        else:
            yield from references.secrets_of_volume(volume)


_OF_NODE = {"volumeattachments.storage.k8s.io": "nodeName", "resourceslices.resource.k8s.io": "nodeName"}


def _key(obj: Object) -> tuple[str, str]:
    return obj["metadata"].get("namespace") or "", obj["metadata"]["name"]


def _sub(asked: Asked) -> str:
    return asked.resource.partition("/")[2]


def _selects(asked: Asked, field: str, value: str) -> bool:
    """Say whether the request's field selector demands `field=value`."""
    return exact_value(asked.field_selector, field) == value


def _read(self: Node, node: str, asked: Asked) -> Opinion:
    if asked.verb not in ("get", "list", "watch"):
        return _no("can only read resources of this type")
    if _sub(asked):
        return _no("cannot read subresource")
    if not asked.namespace:
        return _no("can only read namespaced object of this type")
    return self.related(node, asked)


def _get(self: Node, node: str, asked: Asked) -> Opinion:
    if asked.verb != "get":
        return _no("can only get individual resources of this type")
    if _sub(asked):
        return _no("cannot get subresource")
    return self.related(node, asked)


def _claim(self: Node, node: str, asked: Asked) -> Opinion:
    if _sub(asked) != "status":
        return _get(self, node, asked)
    if asked.verb not in ("update", "patch"):
        return _no("can only get/update/patch this type")
    return self.related(node, asked)


def _account(self: Node, node: str, asked: Asked) -> Opinion:
    if asked.verb != "create" or not asked.name:
        return _no("can only create tokens for individual service accounts")
    if _sub(asked) != "token":
        return _no("can only create token subresource of serviceaccount")
    return self.related(node, asked)


def _lease(self: Node, node: str, asked: Asked) -> Opinion:
    if asked.verb not in _OWN_VERBS:
        return _no("can only get, create, update, patch, or delete a node lease")
    if asked.namespace != _LEASE_SPACE:
        return _no(f'can only access leases in the "{_LEASE_SPACE}" system namespace')
    if asked.verb != "create" and asked.name != node:
        return _no("can only access node lease with the same name as the requesting node")
    return _yes()


def _csi_node(self: Node, node: str, asked: Asked) -> Opinion:
    if asked.verb not in _OWN_VERBS:
        return _no("can only get, create, update, patch, or delete a CSINode")
    if _sub(asked):
        return _no("cannot authorize CSINode subresources")
    if asked.verb != "create" and asked.name != node:
        return _no("can only access CSINode with the same name as the requesting node")
    return _yes()


def _slice(self: Node, node: str, asked: Asked) -> Opinion:
    if _sub(asked):
        return _no("cannot authorize ResourceSlice subresources")
    if asked.verb == "create":
        return _yes()
    if asked.verb in ("get", "update", "patch", "delete"):
        return self.related(node, asked)
    if asked.verb not in ("watch", "list", "deletecollection"):
        return _no(
            "only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, "
            "delete, deletecollection"
        )
    if _selects(asked, "nodeName", node) or _selects(asked, "spec.nodeName", node):
        return _yes()
    return _no("can only list/watch/deletecollection resourceslices with nodeName field selector")


def _node(self: Node, node: str, asked: Asked) -> Opinion:
    sub, verb = _sub(asked), asked.verb
    if (not sub and verb == "create") or (sub in ("", "status") and verb in ("update", "patch")):
        return _yes()  # which node it may be is for NodeRestriction to say
    if sub or verb not in ("get", "list", "watch"):
        return _no()
    if asked.name == node:
        return _yes()
    if not asked.name:
        return _no(f"node '{node}' cannot read all nodes, only its own Node object")
    return _no(f"node '{node}' cannot read '{asked.name}', only its own Node object")


_POD_WRITES = {("", "create"), ("", "delete"), ("status", "update"), ("status", "patch"), ("eviction", "create")}


def _pod(self: Node, node: str, asked: Asked) -> Opinion:
    sub, verb = _sub(asked), asked.verb
    if (sub, verb) in _POD_WRITES:
        return _yes()  # which pods is for NodeRestriction to say
    if sub or verb not in ("get", "list", "watch"):
        return _no()
    if verb == "get":
        return self.related(node, asked)
    if _selects(asked, "spec.nodeName", node):
        return _yes()
    return (
        self.related(node, asked) if asked.name else _no("can only list/watch pods with spec.nodeName field selector")
    )


_JUDGES: Mapping[str, Judge] = {
    "secrets": _read,
    "configmaps": _read,
    "persistentvolumeclaims": _claim,
    "persistentvolumes": _get,
    "resourceclaims.resource.k8s.io": _get,
    "volumeattachments.storage.k8s.io": _get,
    "serviceaccounts": _account,
    "leases.coordination.k8s.io": _lease,
    "csinodes.storage.k8s.io": _csi_node,
    "resourceslices.resource.k8s.io": _slice,
    "nodes": _node,
    "pods": _pod,
}
