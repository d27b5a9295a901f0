"""ExtendedResourceToleration: who asks for a special device tolerates the taint of the nodes that have it."""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, UPDATE, Attributes
from cluster.machinery.meta import Object


class ExtendedResourceToleration(Plugin):
    name = "ExtendedResourceToleration"
    operations = (CREATE, UPDATE)
    resources = frozenset({"pods"})
    mutates = True

    def admit(self, attributes: Attributes) -> None:
        if attributes.subresource:
            return
        spec = attributes.object["spec"]
        tolerations = list(spec.get("tolerations") or ())
        wanted = [{"key": name, "operator": "Exists", "effect": "NoSchedule"} for name in sorted(_devices(spec))]
        missing = [one for one in wanted if one not in tolerations]
        if missing:
            spec["tolerations"] = [*tolerations, *missing]


def _devices(spec: Object) -> set[str]:
    """Return the extended resources containers ask for: names with a domain that is not Kubernetes' own."""
    found: set[str] = set()
    for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        found.update((container.get("resources") or {}).get("requests") or ())
    return {name for name in found if "/" in name and not _is_native(name)}


def _is_native(name: str) -> bool:
    domain = name.partition("/")[0]
    return domain == "kubernetes.io" or domain.endswith(".kubernetes.io") or name.startswith("requests.")
