"""NodeRestriction: a kubelet writes its own Node, its own Lease and pods bound to its node, nothing else's.

Simplified: labels under node-restriction.kubernetes.io and the checks of service-account tokens are left out.
"""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, DELETE, UPDATE, Attributes

_PREFIX = "system:node:"
_LEASES = "leases.coordination.k8s.io"


class NodeRestriction(Plugin):
    name = "NodeRestriction"
    operations = (CREATE, UPDATE, DELETE)
    resources = frozenset({"pods", "nodes", _LEASES})
    judges = True

    def judge(self, attributes: Attributes) -> None:
        user = attributes.request.user
        if not user.name.startswith(_PREFIX) or "system:nodes" not in user.groups:
            return
        node = user.name.removeprefix(_PREFIX)
        if attributes.kind.resource == "pods":
            self._pod(attributes, node)
        elif attributes.kind.resource == "nodes" and attributes.name != node:
            raise attributes.forbid(f'node "{node}" is not allowed to modify node "{attributes.name}"')
        elif attributes.kind.resource == _LEASES:
            self._lease(attributes, node)

    def _pod(self, attributes: Attributes, node: str) -> None:
        pod = attributes.old or attributes.object
        if attributes.operation == CREATE:
            mirror = "kubernetes.io/config.mirror" in (pod["metadata"].get("annotations") or {})
            if not mirror and not attributes.subresource:
                raise attributes.forbid(
                    f'pod does not have "kubernetes.io/config.mirror" annotation, node "{node}" can only create '
                    "mirror pods"
                )
        bound = (pod.get("spec") or {}).get("nodeName")
        if bound != node:
            verb = {CREATE: "create", UPDATE: "update status for", DELETE: "delete"}[attributes.operation]
            raise attributes.forbid(f'node "{node}" can only {verb} pods with spec.nodeName set to itself')

    def _lease(self, attributes: Attributes, node: str) -> None:
        if attributes.namespace != "kube-node-lease":
            raise attributes.forbid('can only access leases in the "kube-node-lease" system namespace')
        if attributes.name != node:
            raise attributes.forbid("can only access node lease with the same name as the requesting node")
