"""PodTopologyLabels: a pod learns the zone and region of the node it is bound to (KEP-4742)."""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, Attributes

_KEYS = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region")


class PodTopologyLabels(Plugin):
    name = "PodTopologyLabels"
    operations = (CREATE,)
    resources = frozenset({"pods"})
    mutates = True

    def admit(self, attributes: Attributes) -> None:
        binding = attributes.object
        if attributes.subresource != "binding":
            return
        node = attributes.server.store.get("nodes", "", (binding.get("target") or {}).get("name", ""))
        labels = ((node or {}).get("metadata") or {}).get("labels") or {}
        found = {key: labels[key] for key in _KEYS if key in labels}
        if found:
            metadata = binding.setdefault("metadata", {})
            metadata["labels"] = {**(metadata.get("labels") or {}), **found}
