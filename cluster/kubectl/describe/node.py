"""Describing nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.kubectl.command import Session
from cluster.kubectl.describe import events
from cluster.kubectl.describe.page import Page, amount, date, lower
from cluster.kubectl.printers import server_table
from cluster.kubectl.resource_sums import requests_and_limits, total
from cluster.machinery import quantity
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, labels, name

ROLE = "node-role.kubernetes.io/"


def describe(page: Page, session: Session, obj: Object) -> None:
    spec, status = obj["spec"], obj.get("status") or {}
    page.line(f"Name:\t{name(obj)}")
    page.line(f"Roles:\t{roles(obj)}")
    page.marks(obj)
    page.line(f"CreationTimestamp:\t{date(obj['metadata'].get('creationTimestamp'))}")
    page.column("Taints", [taint(one) for one in _sorted_taints(spec.get("taints") or [])])
    page.line(f"Unschedulable:\t{lower(spec.get('unschedulable'))}")
    _lease(page, session, obj)
    _conditions(page, status)
    page.line("Addresses:")
    for one in status.get("addresses") or ():
        page.line(f"{one['type']}:\t{one['address']}", 1)
    for title, field in (("Capacity", "capacity"), ("Allocatable", "allocatable")):
        if status.get(field):
            page.line(f"{title}:")
            for key in sorted(status[field]):
                page.line(f"{key}:\t{amount(status[field][key])}", 1)
    _system(page, status.get("nodeInfo") or {})
    if spec.get("podCIDR"):
        page.line(f"PodCIDR:\t{spec['podCIDR']}")
    if spec.get("podCIDRs"):
        page.line(f"PodCIDRs:\t{','.join(spec['podCIDRs'])}")
    if spec.get("providerID"):
        page.line(f"ProviderID:\t{spec['providerID']}")
    _pods(page, session, obj)
    events.write(page, session, {**obj, "metadata": {**obj["metadata"], "uid": name(obj)}})


def roles(obj: Object) -> str:
    found = {key[len(ROLE) :] for key in labels(obj) if key.startswith(ROLE) and len(key) > len(ROLE)}
    if labels(obj).get("kubernetes.io/role"):
        found.add(labels(obj)["kubernetes.io/role"])
    return ",".join(sorted(found)) or "<none>"


def _sorted_taints(taints: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    order = {"NoExecute": 0, "NoSchedule": 1, "PreferNoSchedule": 2}
    return sorted(taints, key=lambda one: (order.get(one["effect"], 3), one["key"]))


def taint(given: Mapping[str, Any]) -> str:
    if not given.get("effect"):
        return f"{given['key']}={given.get('value', '')}"
    value = f"={given['value']}" if given.get("value") else ""
    return f"{given['key']}{value}:{given['effect']}"


def _lease(page: Page, session: Session, obj: Object) -> None:
    try:
        spec = session.client.get("leases.coordination.k8s.io", name(obj), "kube-node-lease").get("spec") or {}
    except StatusError:
        page.line("Lease:\tFailed to get lease: leases.coordination.k8s.io \"" + name(obj) + "\" not found")
        return
    page.line("Lease:")
    page.line(f"HolderIdentity:\t{spec.get('holderIdentity') or '<unset>'}", 1)
    page.line(f"AcquireTime:\t{date(spec.get('acquireTime'))}", 1)
    page.line(f"RenewTime:\t{date(spec.get('renewTime'))}", 1)


def _conditions(page: Page, status: Object) -> None:
    if not status.get("conditions"):
        return
    page.line("Conditions:")
    page.line("Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage", 1)
    page.line("----\t------\t-----------------\t------------------\t------\t-------", 1)
    for one in status["conditions"]:
        page.line(f"{one['type']} \t{one['status']} \t{date(one.get('lastHeartbeatTime'))} \t"
                  f"{date(one.get('lastTransitionTime'))} \t{one.get('reason', '')} \t{one.get('message', '')}", 1)


def _system(page: Page, info: Object) -> None:
    page.line("System Info:")
    for title, field in (
        ("Machine ID", "machineID"), ("System UUID", "systemUUID"), ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"), ("OS Image", "osImage"), ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"), ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"), ("Kube-Proxy Version", "kubeProxyVersion"),
    ):
        page.line(f"{title}:\t{info.get(field, '')}", 1)


def _pods(page: Page, session: Session, obj: Object) -> None:
    try:
        pods = session.client.list("pods", "", field_selector=(
            f"spec.nodeName={name(obj)},status.phase!=Succeeded,status.phase!=Failed"))["items"]
    except StatusError:
        page.line("Pods:\tnot authorized")
        return
    capacity = (obj.get("status") or {}).get("allocatable") or (obj.get("status") or {}).get("capacity") or {}
    page.line(f"Non-terminated Pods:\t({len(pods)} in total)")
    page.line("Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge", 1)
    page.line("---------\t----\t\t------------\t----------\t---------------\t-------------\t---", 1)
    for pod in pods:
        requests, limits = requests_and_limits(pod)
        cells = [_share(given.get(key, 0), capacity.get(key), key)
                 for key in ("cpu", "memory") for given in (requests, limits)]
        page.line(f"{pod['metadata']['namespace']}\t{name(pod)}\t\t" + "\t".join(cells)
                  + f"\t{server_table.age(pod, page.now)}", 1)
    _allocated(page, pods, capacity)


def _share(value: int, capacity: Any, key: str) -> str:
    """Return `100m (2%)`; values are in thousandths for cpu, whole units for the rest."""
    whole = 0
    if capacity is not None:
        whole = quantity.parse(capacity).milli_value if key == "cpu" else quantity.parse(capacity).value
    percent = int(value * 100 / whole) if whole else 0
    return f"{_shown(value, key)} ({percent}%)"


def _shown(value: int, key: str) -> str:
    if key == "cpu":
        return f"{value}m" if value % 1000 else str(value // 1000)
    return str(quantity.of_value(value, quantity.BINARY)) if value else "0"


def _allocated(page: Page, pods: Sequence[Object], capacity: Mapping[str, Any]) -> None:
    requests, limits = total(pods)
    page.line("Allocated resources:")
    page.line("(Total limits may be over 100 percent, i.e., overcommitted.)", 1)
    page.line("Resource\tRequests\tLimits", 1)
    page.line("--------\t--------\t------", 1)
    names = ["cpu", "memory", "ephemeral-storage", *sorted(key for key in capacity if key not in (
        "cpu", "memory", "ephemeral-storage", "pods"))]
    for key in names:
        if key.startswith("hugepages-") or "/" not in key:
            page.line(f"{key}\t{_share(requests.get(key, 0), capacity.get(key), key)}\t"
                      f"{_share(limits.get(key, 0), capacity.get(key), key)}", 1)
        else:
            page.line(f"{key}\t{requests.get(key, 0)}\t{limits.get(key, 0)}", 1)
