"""TaintNodesByCondition: a new Node is not ready until its kubelet says so."""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, Attributes

_NOT_READY = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


class TaintNodesByCondition(Plugin):
    name = "TaintNodesByCondition"
    operations = (CREATE,)
    resources = frozenset({"nodes"})
    mutates = True

    def admit(self, attributes: Attributes) -> None:
        spec = attributes.object.setdefault("spec", {})
        taints = spec.get("taints") or []
        if not any(_same(taint) for taint in taints):
            spec["taints"] = [*taints, dict(_NOT_READY)]


def _same(taint: dict[str, str]) -> bool:
    return all(taint.get(field) == value for field, value in _NOT_READY.items())
