"""Machines: what stands in the rack before, and whether or not, a Node object speaks of it.

A machine is a state-book entry `machine/<name>`: capacity, address, labels and taints its kubelet
registers with, the image cache, and whether it is powered and its kubelet runs. Left out: hardware.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.machinery.cidr import nth_address, nth_subnet
from cluster.store.interface import StateBook
from cluster.workloads.image import parse_reference

Machine = dict[str, Any]
PREFIX = "machine/"
NETWORK = "172.18.0.0/16"
VERSION = "v1.36.2"
NODE_IMAGES = (
    f"registry.k8s.io/kube-proxy:{VERSION}",
    "registry.k8s.io/coredns/coredns:v1.14.2",
    "registry.k8s.io/pause:3.10.1",
    "registry.k8s.io/metrics-server/metrics-server:v0.8.0",
)
CONTROL_IMAGES = (
    f"registry.k8s.io/kube-apiserver:{VERSION}",
    f"registry.k8s.io/kube-controller-manager:{VERSION}",
    f"registry.k8s.io/kube-scheduler:{VERSION}",
    "registry.k8s.io/etcd:3.6.8-0",
)
CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers"


def machine(
    name: str,
    index: int,
    *,
    role: str = "worker",
    cpu: str = "4",
    memory: str = "8Gi",
    storage: str = "100Gi",
    pods: str = "110",
    labels: Mapping[str, str] | None = None,
    pod_cidr: str = "10.244.0.0/16",
    images: Sequence[str] | None = None,
) -> Machine:
    """Return the `index`-th machine of a lab (0 is the first); `images` are in its cache from the start.

    Unless told otherwise these are the cluster's own, as on a machine that kubeadm has prepared.
    """
    control = role == "control-plane"
    held = images if images is not None else (*NODE_IMAGES, *(CONTROL_IMAGES if control else ()))
    own = {CONTROL_PLANE: "", EXCLUDED: ""} if control else {}
    return {
        "name": name,
        "role": role,
        "address": nth_address(NETWORK, index + 2),
        "podCIDR": nth_subnet(pod_cidr, 24, index),
        "capacity": {"cpu": cpu, "memory": memory, "ephemeral-storage": storage, "pods": pods},
        "labels": {**own, **(labels or {})},
        "taints": [{"key": CONTROL_PLANE, "effect": "NoSchedule"}] if control else [],
        "powered": True,
        "kubelet": True,
        "registered": False,
        "boot": 0,
        "images": {str(parse_reference(image)): 0.0 for image in held},
        "pullFree": 0.0,
    }


def register(state: StateBook, spec: Machine) -> None:
    """Put a machine into the rack; its kubelet joins the cluster at its next look."""
    state.put(PREFIX + spec["name"], spec)


def machine_names(state: StateBook) -> list[str]:
    return [key[len(PREFIX) :] for key in state.keys(PREFIX)]


def read_machine(state: StateBook, name: str) -> Machine | None:
    found: Machine | None = state.get(PREFIX + name)
    return found


def save_machine(state: StateBook, spec: Machine) -> None:
    state.put(PREFIX + spec["name"], spec)


def is_working(spec: Machine | None) -> bool:
    """Say whether the machine's kubelet does anything."""
    return bool(spec and spec["powered"] and spec["kubelet"])
