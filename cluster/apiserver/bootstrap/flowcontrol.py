"""API priority and fairness: the suggested and mandatory configuration. The lab shows it; requests are never queued.

https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cluster.machinery.meta import Object

_AUTO = {"annotations": {"apf.kubernetes.io/autoupdate-spec": "true"}}

# name: (shares, lendable percent, queues, hand size); no queues rejects at once
_LEVELS: dict[str, tuple[int, int, int, int]] = {
    "catch-all": (5, 0, 0, 0),
    "global-default": (20, 50, 128, 6),
    "leader-election": (10, 0, 16, 4),
    "node-high": (40, 25, 64, 6),
    "system": (30, 33, 64, 6),
    "workload-high": (40, 50, 128, 6),
    "workload-low": (100, 90, 128, 6),
}
_QUEUE_LENGTH = 50
_EVERYBODY = ("g:system:unauthenticated", "g:system:authenticated")
_NODE_RULES = (
    {
        "apiGroups": [""],
        "clusterScope": True,
        "namespaces": ["*"],
        "resources": ["nodes", "nodes/status"],
        "verbs": ["*"],
    },
    {"apiGroups": ["coordination.k8s.io"], "namespaces": ["*"], "resources": ["leases"], "verbs": ["*"]},
)
_LEADER_RULES = (
    {
        "apiGroups": ["coordination.k8s.io"],
        "namespaces": ["*"],
        "resources": ["leases"],
        "verbs": ["get", "create", "update"],
    },
)
_PROBE_PATHS = ["/healthz", "/readyz", "/livez"]

# name: (precedence, level, distinguisher, subjects, resource rules or None for everything, paths)
_SCHEMAS: dict[str, tuple[int, str, str, tuple[str, ...], tuple[Any, ...] | None, list[str]]] = {
    "exempt": (1, "exempt", "", ("g:system:masters",), None, ["*"]),
    "probes": (2, "exempt", "", _EVERYBODY, (), _PROBE_PATHS),
    "system-leader-election": (
        100,
        "leader-election",
        "ByUser",
        ("u:system:kube-controller-manager", "u:system:kube-scheduler", "s:kube-system/*"),
        _LEADER_RULES,
        [],
    ),
    "system-node-high": (400, "node-high", "ByUser", ("g:system:nodes",), _NODE_RULES, []),
    "system-nodes": (500, "system", "ByUser", ("g:system:nodes",), None, ["*"]),
    "kube-controller-manager": (
        800,
        "workload-high",
        "ByNamespace",
        ("u:system:kube-controller-manager",),
        None,
        ["*"],
    ),
    "kube-scheduler": (800, "workload-high", "ByNamespace", ("u:system:kube-scheduler",), None, ["*"]),
    "kube-system-service-accounts": (900, "workload-high", "ByNamespace", ("s:kube-system/*",), None, ["*"]),
    "service-accounts": (9000, "workload-low", "ByUser", ("g:system:serviceaccounts",), None, ["*"]),
    "global-default": (9900, "global-default", "ByUser", _EVERYBODY, None, ["*"]),
    "catch-all": (10000, "catch-all", "ByUser", _EVERYBODY, None, ["*"]),
}


def levels() -> Iterator[Object]:
    exempt = {"type": "Exempt", "exempt": {"lendablePercent": 0, "nominalConcurrencyShares": 0}}
    yield {"metadata": {"name": "exempt", **_AUTO}, "spec": exempt}
    for name, (shares, lendable, queues, hand) in _LEVELS.items():
        response: dict[str, Any] = {"type": "Reject"}
        if queues:
            queuing = {"handSize": hand, "queueLengthLimit": _QUEUE_LENGTH, "queues": queues}
            response = {"type": "Queue", "queuing": queuing}
        limited = {"lendablePercent": lendable, "limitResponse": response, "nominalConcurrencyShares": shares}
        yield {"metadata": {"name": name, **_AUTO}, "spec": {"type": "Limited", "limited": limited}}


def schemas() -> Iterator[Object]:
    for name, (precedence, level, distinguisher, subjects, resources, paths) in _SCHEMAS.items():
        rule: dict[str, Any] = {"subjects": [_subject(text) for text in subjects]}
        everything = {"apiGroups": ["*"], "clusterScope": True, "namespaces": ["*"], "resources": ["*"], "verbs": ["*"]}
        found = [everything] if resources is None else list(resources)
        if found:
            rule["resourceRules"] = found
        if paths:
            rule["nonResourceRules"] = [
                {"nonResourceURLs": paths, "verbs": ["get"] if paths is _PROBE_PATHS else ["*"]}
            ]
        spec: dict[str, Any] = {
            "matchingPrecedence": precedence,
            "priorityLevelConfiguration": {"name": level},
            "rules": [rule],
        }
        if distinguisher:
            spec["distinguisherMethod"] = {"type": distinguisher}
        yield {"metadata": {"name": name, **_AUTO}, "spec": spec}


def status(schema: Object, now: str) -> Object:
    """Return a FlowSchema's status: its level exists."""
    level = schema["spec"]["priorityLevelConfiguration"]["name"]
    message = f'This FlowSchema references the PriorityLevelConfiguration object named "{level}" and it exists'
    condition = {
        "type": "Dangling",
        "status": "False",
        "lastTransitionTime": now,
        "reason": "Found",
        "message": message,
    }
    return {"conditions": [condition]}


def _subject(text: str) -> dict[str, Any]:
    letter, _, name = text.partition(":")
    if letter == "g":
        return {"kind": "Group", "group": {"name": name}}
    if letter == "u":
        return {"kind": "User", "user": {"name": name}}
    namespace, _, account = name.partition("/")
    return {"kind": "ServiceAccount", "serviceAccount": {"name": account, "namespace": namespace}}
