"""Node IPAM and the TTL annotation: every node gets a /24 of the pod range of its own."""

from __future__ import annotations

from collections.abc import Mapping

from cluster.controllers.base import Controller, Handler, own_key
from cluster.machinery.cidr import nth_subnet, parse_cidr
from cluster.machinery.meta import annotations_of

TTL = "node.alpha.kubernetes.io/ttl"
NODE_MASK = 24


class NodeIpamController(Controller):
    """Left out: several families and freeing ranges under load; a range is free when no node has it."""

    name = "node-ipam"
    account = "node-controller"
    source = "cidrAllocator"

    def watches(self) -> Mapping[str, Handler]:
        return {"nodes": own_key}

    def reconcile(self, key: str) -> float | None:
        node = self.store.get("nodes", "", key)
        if node is None or (node.get("spec") or {}).get("podCIDR"):
            return None
        free = self._free()
        if free is None:
            self.events.record(node, "Normal", "CIDRNotAvailable", f"Node {key} status is now: CIDRNotAvailable")
            return 10.0
        self.client.patch("nodes", key, {"spec": {"podCIDR": free, "podCIDRs": [free]}}, patch_type="strategic")
        return None

    def _free(self) -> str | None:
        network = parse_cidr(self.context.config.pod_cidr)
        taken = {(node.get("spec") or {}).get("podCIDR") for node in self.store.list("nodes")}
        if network is None:
            return None
        for index in range(2 ** max(0, NODE_MASK - network.prefixlen)):
            candidate = nth_subnet(self.context.config.pod_cidr, NODE_MASK, index)
            if candidate not in taken:
                return candidate
        return None


class NodeTtlController(Controller):
    """How long kubelets may cache Secrets: nothing in clusters of up to a hundred nodes."""

    name = "ttl"
    account = "ttl-controller"
    source = "ttl-controller"

    def watches(self) -> Mapping[str, Handler]:
        return {"nodes": own_key}

    def reconcile(self, key: str) -> float | None:
        node = self.store.get("nodes", "", key)
        count = self.store.count("nodes")
        wanted = "0" if count <= 100 else "15" if count <= 500 else "30"
        if node is not None and annotations_of(node).get(TTL) != wanted:
            self.client.patch("nodes", key, {"metadata": {"annotations": {TTL: wanted}}}, patch_type="strategic")
        return None
