"""NamespaceLifecycle: nothing is created in a namespace that is not there or on its way out."""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, DELETE, UPDATE, Attributes
from cluster.machinery.errors import StatusError, forbidden, not_found

_IMMORTAL = frozenset({"default", "kube-system", "kube-public"})
_REVIEWS = frozenset({"localsubjectaccessreviews.authorization.k8s.io"})


class NamespaceLifecycle(Plugin):
    name = "NamespaceLifecycle"
    operations = (CREATE, UPDATE, DELETE)
    mutates = True

    def admit(self, attributes: Attributes) -> None:
        kind = attributes.kind
        if kind.resource == "namespaces":
            if attributes.operation == DELETE and attributes.name in _IMMORTAL:
                raise forbidden("namespaces", "", attributes.name, "this namespace may not be deleted")
            return
        if not kind.namespaced or attributes.operation != CREATE or kind.resource in _REVIEWS:
            return
        namespace = attributes.server.store.get("namespaces", "", attributes.namespace)
        if namespace is None:
            raise not_found("namespaces", "", attributes.namespace)
        if namespace["metadata"].get("deletionTimestamp"):
            raise self._terminating(attributes)

    def _terminating(self, attributes: Attributes) -> StatusError:
        where = attributes.namespace
        error = attributes.forbid(f"unable to create new content in namespace {where} because it is being terminated")
        cause = {"reason": "NamespaceTerminating", "message": f"namespace {where} is being terminated"}
        error.details["causes"] = [{**cause, "field": "metadata.namespace"}]
        error.has_details = True
        return error
