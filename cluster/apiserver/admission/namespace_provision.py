"""NamespaceAutoProvision: a namespace is made when something is first written into it."""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, Attributes
from cluster.apiserver.request import ADMIN, Request


class NamespaceAutoProvision(Plugin):
    name = "NamespaceAutoProvision"
    operations = (CREATE,)
    mutates = True

    def admit(self, attributes: Attributes) -> None:
        kind, namespace, server = attributes.kind, attributes.namespace, attributes.server
        if attributes.request.dry_run or not kind.namespaced or not namespace:
            return
        if server.store.get("namespaces", "", namespace) is None:
            body = {"metadata": {"name": namespace}}
            cause = attributes.request.cause
            server.handle(Request("create", ADMIN, resource="namespaces", body=body, cause=cause))
