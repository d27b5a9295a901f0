"""Priority: a pod's class becomes a number. https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/"""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, UPDATE, Attributes
from cluster.machinery.errors import invalid
from cluster.machinery.fielderrors import forbidden_field
from cluster.machinery.meta import Object

_CLASSES = "priorityclasses.scheduling.k8s.io"


class Priority(Plugin):
    name = "Priority"
    operations = (CREATE, UPDATE)
    resources = frozenset({"pods", _CLASSES})
    mutates = True
    judges = True

    def admit(self, attributes: Attributes) -> None:
        if not attributes.concerns("pods"):
            return
        spec = attributes.object["spec"]
        if attributes.operation == UPDATE:
            old = (attributes.old or {}).get("spec") or {}
            for field in ("priority", "preemptionPolicy"):
                if spec.get(field) is None and old.get(field) is not None:
                    spec[field] = old[field]
            return
        chosen = self._class_of(attributes, spec)
        value = chosen.get("value", 0) if chosen else 0
        policy = (chosen or {}).get("preemptionPolicy") or "PreemptLowerPriority"
        given = spec.get("priority")
        if given is not None and given != value:
            raise attributes.forbid(
                f"the integer value of priority ({given}) must not be provided in pod spec; priority admission "
                f"controller computed {value} from the given PriorityClass name"
            )
        spec["priority"] = value
        spec.setdefault("preemptionPolicy", policy)

    def _class_of(self, attributes: Attributes, spec: Object) -> Object | None:
        store = attributes.server.store
        name = spec.get("priorityClassName")
        if name:
            found = store.get(_CLASSES, "", name)
            if found is None:
                raise attributes.forbid(f"no PriorityClass with name {name} was found")
            return found
        defaults = [one for one in store.list(_CLASSES) if one.get("globalDefault")]
        if not defaults:
            return None
        chosen = min(defaults, key=lambda one: one.get("value", 0))
        spec["priorityClassName"] = chosen["metadata"]["name"]
        return chosen

    def judge(self, attributes: Attributes) -> None:
        """There is one global default at most."""
        if not attributes.concerns(_CLASSES) or not attributes.object.get("globalDefault"):
            return
        for other in attributes.server.store.list(_CLASSES):
            name = other["metadata"]["name"]
            if other.get("globalDefault") and name != attributes.name:
                text = f"PriorityClass {name} is already marked as default. Only one default can exist"
                if attributes.operation == UPDATE or attributes.old is None:
                    raise invalid(
                        "PriorityClass", "scheduling.k8s.io", attributes.name, [forbidden_field("globalDefault", text)]
                    )
