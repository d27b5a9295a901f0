"""A pod as the scheduler reads it once: requests, ports, affinity terms compiled.

Follows k8s.io/component-helpers `resource.PodRequests` and the framework's PodInfo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cluster.machinery.labels import Selector, from_label_selector
from cluster.machinery.meta import Object, labels, meta, name, namespace, uid
from cluster.machinery.quantity import parse

# What a container that asks for nothing is scored as: 100m and 200Mi.
DEFAULT_CPU = 100
DEFAULT_MEMORY = 200 * 1024 * 1024
Resources = dict[str, int]
Port = tuple[str, str, int]  # (host IP, protocol, number)


@lru_cache(maxsize=4096)
def amount(resource: str, quantity: str) -> int:
    """Return cpu in thousandths, everything else in whole units."""
    parsed = parse(quantity)
    return parsed.milli_value if resource == "cpu" else parsed.value


@dataclass(frozen=True, slots=True)
class Term:
    """One pod affinity term: pods in these namespaces that match, on the same `key` domain."""

    key: str
    selector: Selector
    namespaces: frozenset[str]
    namespace_selector: Selector | None = None
    weight: int = 0

    def covers(self, space: str, space_labels: Mapping[str, str]) -> bool:
        if space in self.namespaces:
            return True
        return self.namespace_selector is not None and self.namespace_selector.matches(space_labels)


@dataclass(slots=True)
class PodInfo:
    obj: Object
    key: str
    uid: str
    namespace: str
    labels: dict[str, str]
    priority: int
    requests: Resources
    scored_cpu: int
    scored_memory: int
    ports: tuple[Port, ...] = ()
    affinity: tuple[Term, ...] = ()
    anti_affinity: tuple[Term, ...] = ()
    preferred: tuple[Term, ...] = ()  # weight below zero: preferred anti-affinity
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def spec(self) -> dict[str, Any]:
        return self.obj["spec"]  # type: ignore[no-any-return]

    @property
    def node(self) -> str:
        return str(self.obj["spec"].get("nodeName") or "")


def pod_info(pod: Object) -> PodInfo:
    spec = pod["spec"]
    requests, cpu, memory = pod_requests(spec)
    space = namespace(pod)
    info = PodInfo(
        pod, f"{space}/{name(pod)}", uid(pod), space, labels(pod), spec.get("priority") or 0, requests, cpu, memory
    )
    info.ports = _ports(spec)
    affinity = spec.get("affinity")
    if affinity:
        _read_affinity(info, affinity)
    return info


def pod_requests(spec: dict[str, Any]) -> tuple[Resources, int, int]:
    """Return what the pod asks for, and cpu and memory with the defaults used for scoring."""
    total: Resources = {}
    cpu = memory = 0
    for container in spec["containers"]:
        asked = _asked(container)
        _add(total, asked)
        cpu += asked.get("cpu", DEFAULT_CPU)
        memory += asked.get("memory", DEFAULT_MEMORY)
    if spec.get("initContainers"):
        total, cpu, memory = _with_init(spec["initContainers"], total, cpu, memory)
    pod_level = (spec.get("resources") or {}).get("requests") or {}
    for resource, quantity in pod_level.items():
        total[resource] = amount(resource, quantity)
    if pod_level:
        cpu, memory = total.get("cpu", cpu), total.get("memory", memory)
    for resource, quantity in (spec.get("overhead") or {}).items():
        total[resource] = total.get(resource, 0) + amount(resource, quantity)
    return total, cpu, memory


def _asked(container: dict[str, Any]) -> Resources:
    requests = (container.get("resources") or {}).get("requests")
    return {resource: amount(resource, quantity) for resource, quantity in requests.items()} if requests else {}


def _add(total: Resources, more: Resources) -> None:
    for resource, value in more.items():
        total[resource] = total.get(resource, 0) + value


def _with_init(containers: list[Any], total: Resources, cpu: int, memory: int) -> tuple[Resources, int, int]:
    """Init containers run one after another beside the sidecars started before them."""
    sidecars: Resources = {}
    peak: Resources = {}
    for container in containers:
        asked = _asked(container)
        if container.get("restartPolicy") == "Always":
            _add(total, asked)
            _add(sidecars, asked)
            cpu += asked.get("cpu", DEFAULT_CPU)
            memory += asked.get("memory", DEFAULT_MEMORY)
            asked = {}
        for resource in {*asked, *sidecars}:
            peak[resource] = max(peak.get(resource, 0), asked.get(resource, 0) + sidecars.get(resource, 0))
    total = {resource: max(total.get(resource, 0), peak.get(resource, 0)) for resource in {*total, *peak}}
    return total, max(cpu, peak.get("cpu", 0)), max(memory, peak.get("memory", 0))


def _ports(spec: dict[str, Any]) -> tuple[Port, ...]:
    found = []
    sidecars = [each for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always"]
    for container in [*spec["containers"], *sidecars]:
        for port in container.get("ports") or ():
            if port.get("hostPort"):
                found.append((port.get("hostIP") or "0.0.0.0", port.get("protocol", "TCP"), int(port["hostPort"])))
    return tuple(found)


def _read_affinity(info: PodInfo, affinity: dict[str, Any]) -> None:
    attract, repel = affinity.get("podAffinity") or {}, affinity.get("podAntiAffinity") or {}
    required, preferred = (
        "requiredDuringSchedulingIgnoredDuringExecution",
        "preferredDuringSchedulingIgnoredDuringExecution",
    )
    info.affinity = tuple(_term(info, each) for each in attract.get(required) or ())
    info.anti_affinity = tuple(_term(info, each) for each in repel.get(required) or ())
    info.preferred = (
        *(_term(info, each["podAffinityTerm"], each["weight"]) for each in attract.get(preferred) or ()),
        *(_term(info, each["podAffinityTerm"], -each["weight"]) for each in repel.get(preferred) or ()),
    )


def _term(info: PodInfo, term: dict[str, Any], weight: int = 0) -> Term:
    selector = dict(term.get("labelSelector") or {}) if term.get("labelSelector") is not None else None
    if selector is not None:
        expressions = list(selector.get("matchExpressions") or ())
        for fields, operator in (("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")):
            for key in term.get(fields) or ():
                if key in info.labels and not any(each.get("key") == key for each in expressions):
                    expressions.append({"key": key, "operator": operator, "values": [info.labels[key]]})
        selector["matchExpressions"] = expressions
    chosen = term.get("namespaceSelector")
    spaces = frozenset(term.get("namespaces") or ())
    if not spaces and chosen is None:
        spaces = frozenset({info.namespace})
    return Term(
        term["topologyKey"],
        from_label_selector(selector),
        spaces,
        from_label_selector(chosen) if chosen is not None else None,
        weight,
    )


def is_best_effort(info: PodInfo) -> bool:
    return not info.requests.get("cpu") and not info.requests.get("memory")


def start_time(pod: Object) -> str:
    return str((pod.get("status") or {}).get("startTime") or meta(pod).get("creationTimestamp", ""))
