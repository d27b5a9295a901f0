"""The Node object and its Lease: how a kubelet registers its machine and shows that it lives.

Leases are renewed every 10 s, the status is written every 5 min or when something changed.
Left out: resource pressure, so the three pressure conditions never become true.
https://kubernetes.io/docs/concepts/architecture/nodes/
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from cluster.apiserver.client import Client
from cluster.kubelet.host import Host
from cluster.kubelet.machines import Machine
from cluster.machinery.clock import micro_timestamp, timestamp
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object
from cluster.workloads.catalogue import image_of
from cluster.workloads.image import parse_reference

RENEW = 10.0
REPORT = 300.0
LEASES = "kube-node-lease"
_HEALTHY = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)
IMAGES_SHOWN = 50
_ROLE = "node-role.kubernetes.io/"


def node_object(machine: Machine, version: str, now: float) -> Object:
    """Return the Node as its kubelet registers it."""
    name = machine["name"]
    own = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
    }
    spec: dict[str, Any] = {"podCIDR": machine["podCIDR"], "podCIDRs": [machine["podCIDR"]]}
    if machine["taints"]:
        spec["taints"] = machine["taints"]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {**own, **_labels(machine, of_role=False)},
            "annotations": {
                "node.alpha.kubernetes.io/ttl": "0",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
        },
        "spec": spec,
        "status": node_status(machine, version, now, {}),
    }


def _labels(machine: Machine, *, of_role: bool) -> dict[str, str]:
    """Return the machine's labels that say its role, which a kubelet may not give itself, or all others."""
    return {key: value for key, value in machine["labels"].items() if key.startswith(_ROLE) is of_role}


def node_status(machine: Machine, version: str, now: float, old: Mapping[str, Any]) -> dict[str, Any]:
    """Return the status; conditions keep their transition times."""
    resources = {
        "cpu": machine["capacity"]["cpu"],
        "ephemeral-storage": machine["capacity"]["ephemeral-storage"],
        "hugepages-1Gi": "0",
        "hugepages-2Mi": "0",
        "memory": machine["capacity"]["memory"],
        "pods": machine["capacity"]["pods"],
    }
    return {
        **{field: old[field] for field in ("volumesAttached",) if field in old},
        "capacity": {**(old.get("capacity") or {}), **resources},
        "allocatable": {**(old.get("allocatable") or {}), **resources},
        "conditions": _conditions(now, old),
        "addresses": [
            {"type": "InternalIP", "address": machine["address"]},
            {"type": "Hostname", "address": machine["name"]},
        ],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": _node_info(machine, version),
        "images": _images(machine, now),
    }


def _conditions(now: float, old: Mapping[str, Any]) -> list[dict[str, Any]]:
    known = {one["type"]: one for one in old.get("conditions") or ()}
    built = [_condition(known.get(wanted[0]), wanted, now) for wanted in _HEALTHY]
    names = {wanted[0] for wanted in _HEALTHY}
    return [one for kind, one in known.items() if kind not in names] + built


def _condition(old: Mapping[str, Any] | None, wanted: tuple[str, str, str, str], now: float) -> dict[str, Any]:
    kind, status, reason, message = wanted
    same = old is not None and old["status"] == status
    return {
        "type": kind,
        "status": status,
        "lastHeartbeatTime": timestamp(now),
        "lastTransitionTime": old["lastTransitionTime"] if same and old else timestamp(now),
        "reason": reason,
        "message": message,
    }


def _node_info(machine: Machine, version: str) -> dict[str, Any]:
    words = f"{machine['name']}:{machine['address']}"
    machine_id = hashlib.md5(words.encode(), usedforsecurity=False).hexdigest()
    boot = hashlib.md5(f"{words}:{machine['boot']}".encode(), usedforsecurity=False).hexdigest()
    return {
        "machineID": machine_id,
        "systemUUID": _uuid(machine_id),
        "bootID": _uuid(boot),
        "kernelVersion": "6.1.0-44-amd64",
        "osImage": "Debian GNU/Linux 12 (bookworm)",
        "containerRuntimeVersion": "containerd://2.1.4",
        "kubeletVersion": version,
        "kubeProxyVersion": "",
        "operatingSystem": "linux",
        "architecture": "amd64",
        "swap": {"capacity": 0},
    }


def _uuid(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _images(machine: Machine, now: float) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name, ready in machine["images"].items():
        if ready <= now:
            reference = parse_reference(name)
            found.append({"names": [reference.image_id, str(reference)], "sizeBytes": image_of(reference).size})
    return sorted(found, key=lambda one: (-one["sizeBytes"], one["names"][-1]))[:IMAGES_SHOWN]


class NodeAgent:
    """The part of one kubelet that speaks for its machine."""

    def __init__(self, host: Host):
        self.host = host

    def beat(self) -> float:
        """Register, or renew what is due; return when to come again."""
        host, now = self.host, self.host.now
        if not host.machine["registered"]:
            self._register()
        node = host.context.store.get("nodes", "", host.name)
        if node is None:
            return now + RENEW
        self._renew(node)
        if now - host.machine.get("reported", 0.0) >= REPORT:
            self._report(node)
        return now + RENEW - (now % RENEW if now % RENEW else 0.0)

    def _register(self) -> None:
        host, machine = self.host, self.host.machine
        body = node_object(machine, host.context.config.version, host.now)
        try:
            node = self._mark(host.client.create("nodes", body))
        except StatusError as error:
            if error.reason != "AlreadyExists":
                raise
            node = self._report(host.client.get("nodes", host.name))
        if not (node.get("status") or {}).get("capacity"):
            node = self._report(node)
        machine |= {"registered": True, "reported": host.now}
        host.save()
        self._announce(node)

    def _mark(self, node: Object) -> Object:
        """Label a new node with its role, as kubeadm does with its own rights."""
        roles = _labels(self.host.machine, of_role=True)
        if not roles:
            return node
        return self.host.context.client.patch("nodes", self.host.name, {"metadata": {"labels": roles}})

    def _announce(self, node: Object) -> None:
        # A kubelet's events name its node by name instead of uid.
        subject = {**node, "metadata": {"name": self.host.name, "uid": self.host.name}}
        self.host.events.record(subject, "Normal", "Starting", "Starting kubelet.")
        for reason, text in (
            ("NodeHasSufficientMemory", "NodeHasSufficientMemory"),
            ("NodeHasNoDiskPressure", "NodeHasNoDiskPressure"),
            ("NodeHasSufficientPID", "NodeHasSufficientPID"),
            ("NodeReady", "NodeReady"),
        ):
            self.host.events.record(subject, "Normal", reason, f"Node {self.host.name} status is now: {text}")

    def _report(self, node: Object) -> Object:
        host = self.host
        status = node_status(host.machine, host.context.config.version, host.now, node.get("status") or {})
        host.machine["reported"] = host.now
        host.save()
        return host.client.update_status("nodes", {**node, "status": status})

    def _renew(self, node: Object) -> None:
        client: Client = self.host.client
        lease = self.host.context.store.get("leases.coordination.k8s.io", LEASES, self.host.name)
        moment = micro_timestamp(self.host.now)
        if lease is None:
            client.create("leases.coordination.k8s.io", self._lease(node, moment), LEASES)
            return
        renewed = {**lease, "spec": {**lease["spec"], "renewTime": moment}}
        client.update("leases.coordination.k8s.io", renewed)

    def _lease(self, node: Object, moment: str) -> Object:
        owner = {"apiVersion": "v1", "kind": "Node", "name": self.host.name, "uid": node["metadata"]["uid"]}
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": self.host.name, "namespace": LEASES, "ownerReferences": [owner]},
            "spec": {"holderIdentity": self.host.name, "leaseDurationSeconds": 40, "renewTime": moment},
        }
