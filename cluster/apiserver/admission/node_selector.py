"""PodNodeSelector: a namespace's annotation, or the configuration, says which nodes its pods may run on.

https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podnodeselector
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.admission.settings import Settings
from cluster.apiserver.attributes import CREATE, Attributes
from cluster.machinery.errors import not_found

_ANNOTATION = "scheduler.alpha.kubernetes.io/node-selector"
_DEFAULT = "clusterDefaultNodeSelector"


class PodNodeSelector(Plugin):
    name = "PodNodeSelector"
    operations = (CREATE,)
    resources = frozenset({"pods"})
    mutates = True
    judges = True

    def __init__(self, settings: Settings):
        self._configured: Mapping[str, Any] = settings.of(self.name).get("podNodeSelectorPluginConfig") or {}

    def admit(self, attributes: Attributes) -> None:
        if attributes.subresource:
            return
        spec = attributes.object["spec"]
        wanted, own = self._of_namespace(attributes), spec.get("nodeSelector") or {}
        if any(own.get(key, value) != value for key, value in wanted.items()):
            raise attributes.forbid("pod node label selector conflicts with its namespace node label selector")
        if wanted:
            spec["nodeSelector"] = {**own, **wanted}
        self.judge(attributes)

    def judge(self, attributes: Attributes) -> None:
        """The selector must lie within what the configuration allows the namespace."""
        if attributes.subresource:
            return
        allowed = _labels(self._configured.get(attributes.namespace, ""))
        selector = attributes.object["spec"].get("nodeSelector") or {}
        if allowed and any(allowed.get(key, value) != value for key, value in selector.items()):
            raise attributes.forbid("pod node label selector labels conflict with its namespace whitelist")

    def _of_namespace(self, attributes: Attributes) -> Mapping[str, str]:
        namespace = attributes.server.store.get("namespaces", "", attributes.namespace)
        if namespace is None:
            raise not_found("namespaces", "", attributes.namespace)
        annotations = namespace["metadata"].get("annotations") or {}
        return _labels(annotations.get(_ANNOTATION, self._configured.get(_DEFAULT, "")))


def _labels(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in str(text).split(",") if "=" in part)
    return {key.strip(): value.strip() for key, _, value in pairs}
