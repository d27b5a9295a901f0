"""RuntimeClass: a pod's runtime must exist; its overhead and node selector are added to the pod."""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, Attributes
from cluster.machinery.meta import Object


class RuntimeClass(Plugin):
    name = "RuntimeClass"
    operations = (CREATE,)
    resources = frozenset({"pods"})
    mutates = True

    def admit(self, attributes: Attributes) -> None:
        if not attributes.concerns("pods"):
            return
        spec = attributes.object["spec"]
        name = spec.get("runtimeClassName")
        if not name:
            if spec.get("overhead"):
                raise attributes.forbid(
                    "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
                )
            return
        found = attributes.server.store.get("runtimeclasses.node.k8s.io", "", name)
        if found is None:
            raise attributes.forbid(f'pod rejected: RuntimeClass "{name}" not found')
        self._apply(attributes, spec, found)

    def _apply(self, attributes: Attributes, spec: Object, found: Object) -> None:
        overhead = (found.get("overhead") or {}).get("podFixed")
        if overhead:
            if spec.get("overhead") and spec["overhead"] != overhead:
                raise attributes.forbid("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
            spec["overhead"] = overhead
        scheduling = found.get("scheduling") or {}
        for key, value in (scheduling.get("nodeSelector") or {}).items():
            selector = spec.setdefault("nodeSelector", {})
            if selector.setdefault(key, value) != value:
                raise attributes.forbid(
                    f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; pod.spec.nodeSelector[{key}] = "
                    f"{selector[key]}"
                )
        extra = [one for one in scheduling.get("tolerations") or () if one not in (spec.get("tolerations") or ())]
        if extra:
            spec["tolerations"] = [*(spec.get("tolerations") or ()), *extra]
