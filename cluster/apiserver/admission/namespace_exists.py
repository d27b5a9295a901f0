"""NamespaceExists: whatever is written in a namespace that is not there is refused, updates too."""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import Attributes
from cluster.machinery.errors import not_found


class NamespaceExists(Plugin):
    name = "NamespaceExists"
    judges = True

    def judge(self, attributes: Attributes) -> None:
        kind, namespace = attributes.kind, attributes.namespace
        if not kind.namespaced or kind.resource == "namespaces" or not namespace:
            return
        if attributes.server.store.get("namespaces", "", namespace) is None:
            raise not_found("namespaces", "", namespace)
