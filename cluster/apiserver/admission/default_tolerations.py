"""DefaultTolerationSeconds: a pod stays five minutes on a node that is not ready or not reachable."""

from __future__ import annotations

from typing import Any

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, UPDATE, Attributes

_SECONDS = 300
_KEYS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


class DefaultTolerationSeconds(Plugin):
    name = "DefaultTolerationSeconds"
    operations = (CREATE, UPDATE)
    resources = frozenset({"pods"})
    mutates = True

    def admit(self, attributes: Attributes) -> None:
        if attributes.subresource:
            return
        spec = attributes.object["spec"]
        tolerations = spec.get("tolerations") or []
        missing = [key for key in _KEYS if not any(_covers(one, key) for one in tolerations)]
        if missing:
            spec["tolerations"] = [*tolerations, *map(_toleration, missing)]


def _covers(toleration: dict[str, Any], key: str) -> bool:
    return toleration.get("key") in (key, None, "") and toleration.get("effect") in ("NoExecute", None, "")


def _toleration(key: str) -> dict[str, Any]:
    return {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _SECONDS}
