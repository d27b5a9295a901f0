"""What a new lab holds: its machines, kubeadm's objects and add-ons, and how long it has already run."""

from __future__ import annotations

from collections.abc import Mapping

from cluster.apiserver.bootstrap.fresh import install as install_api
from cluster.apiserver.client import Client
from cluster.apiserver.context import Config
from cluster.apiserver.request import ADMIN
from cluster.kubelet.machines import Machine, machine, machine_names, read_machine, register
from cluster.kubelet.volumes import node_files_key
from cluster.runtime import pki
from cluster.runtime.assembly import Parts
from cluster.runtime.settings import LabSettings
from cluster.store.memory import MemoryStore
from cluster.store.state import MemoryState
from cluster.workloads.addons import FOLDER, addon_objects, static_manifests

# A new lab looks as one does a minute after `kubeadm init`: everything that starts has started.
WARM = 60.0

# Static pod → component of the simulation that stands for it.
STATIC = {
    "kube-controller-manager": "kube-controller-manager",
    "kube-scheduler": "kube-scheduler",
}
# Profile → the optional add-ons it brings.
PROFILES: Mapping[str, tuple[str, ...]] = {"default": ("metrics-server", "local-path"), "minimal": ()}
HEARTBEATS = frozenset({"leases.coordination.k8s.io"})


def machines(settings: LabSettings) -> list[Machine]:
    """Return the machines a lab begins with; none at all when `workers` is below zero."""
    if settings.workers < 0:
        return []
    workers = [machine(f"worker-{number}", number) for number in range(1, settings.workers + 1)]
    return [machine("cp-1", 0, role="control-plane"), *workers]


def install(parts: Parts, settings: LabSettings) -> None:
    """Bring a cluster to where `kubeadm init` and its joins leave it: objects written, machines switched on."""
    install_api(parts.server, ca=str(parts.learner.config.options["root-ca"]))
    admin = Client(parts.server, ADMIN, manager="kubeadm")
    for obj in addon_objects(*PROFILES[settings.profile]):
        group = obj["apiVersion"].rpartition("/")[0]
        kind = parts.server.registry.by_kind(group, obj["kind"])
        if kind is None:
            raise LookupError(f"an add-on has an unknown kind: {obj['apiVersion']} {obj['kind']}")
        admin.create(kind.resource, obj)
    for spec in machines(settings):
        register(parts.state, spec)
        if spec["role"] == "control-plane":
            _lay_files(parts, spec)


def _lay_files(parts: Parts, spec: Machine) -> None:
    """Lay down what kubeadm leaves on a control-plane machine: manifests, keys, certificates, kubeconfigs."""
    manifests = static_manifests(
        spec["name"], spec["address"], pod_cidr=Config().pod_cidr, service_cidr=Config().service_cidr
    )
    key = node_files_key(spec["name"])
    tree = parts.state.get(key) or {}
    keys = pki.files(parts.authority, parts.server.tokens, spec["name"], spec["address"])
    laid = {path: {"text": text, "mode": _mode(path)} for path, text in (*manifests.items(), *keys.items())}
    parts.state.put(key, {**tree, **laid})


def _mode(path: str) -> int:
    return 0o644 if path.endswith((".crt", ".pub")) else 0o600


def stopped_components(store: MemoryStore, state: MemoryState) -> frozenset[str]:
    """Return the components that stand still: their manifest was taken away, or their machine is off.

    A cluster without any machine is driven all the same: somebody has to.
    """
    machines = [read_machine(state, name) or {} for name in machine_names(state)]
    hosts = [machine for machine in machines if machine.get("role") == "control-plane"]
    return frozenset(
        component
        for pod, component in STATIC.items()
        if hosts and all(_is_stopped(store, state, pod, host) for host in hosts)
    )


def _is_stopped(store: MemoryStore, state: MemoryState, pod: str, host: Machine) -> bool:
    if not host["powered"]:
        return True
    if f"{FOLDER}/{pod}.yaml" in (state.get(node_files_key(host["name"])) or {}):
        return False
    found = store.get("pods", "kube-system", f"{pod}-{host['name']}")
    return found is None or bool(found["metadata"].get("deletionTimestamp"))


def last_meaningful(store: MemoryStore) -> int:
    """Return the newest revision that is more than a heartbeat."""
    return max((store.last_change(key) for key in store.resources() if key not in HEARTBEATS), default=0)
