"""What every namespace gets: the ServiceAccount `default` and the ConfigMap `kube-root-ca.crt`.

Follows pkg/controller/serviceaccount and pkg/controller/certificates/rootcacertpublisher.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from cluster.controllers.base import Controller, Handler
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object
from cluster.store.interface import Revision


class PerNamespace(Controller):
    """Keeps one object of a fixed name in every active namespace."""

    resource: ClassVar[str]
    object_name: ClassVar[str]

    def watches(self) -> Mapping[str, Handler]:
        return {"namespaces": _of_namespace, self.resource: self._of_object}

    def _of_object(self, revision: Revision) -> Iterable[str]:
        wanted = revision.name == self.object_name and revision.verb != "ADDED"
        return (revision.namespace,) if wanted else ()

    def is_wanted(self, key: str) -> bool:
        namespace = self.store.get("namespaces", "", key)
        return namespace is not None and (namespace.get("status") or {}).get("phase") != "Terminating"

    def make(self, obj: Object) -> None:
        try:
            self.client.create(self.resource, obj)
        except StatusError as error:
            if error.reason not in ("AlreadyExists", "Forbidden"):
                raise


class ServiceAccountController(PerNamespace):
    name = "serviceaccount"
    account = "service-account-controller"
    source = "service-account-controller"
    resource = "serviceaccounts"
    object_name = "default"

    def reconcile(self, key: str) -> float | None:
        if self.is_wanted(key) and self.store.get(self.resource, key, self.object_name) is None:
            metadata = {"name": self.object_name, "namespace": key}
            self.make({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
        return None


DESCRIPTION = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes "
    "clusters."
)


class RootCaPublisher(PerNamespace):
    """The bundle is the lab's own (`Config.options["root-ca"]`)."""

    name = "root-ca-certificate-publisher"
    account = "root-ca-cert-publisher"
    source = "root-ca-cert-publisher"
    resource = "configmaps"
    object_name = "kube-root-ca.crt"

    def reconcile(self, key: str) -> float | None:
        if not self.is_wanted(key):
            return None
        data = {"ca.crt": str(self.context.config.options.get("root-ca", ""))}
        annotations = {"kubernetes.io/description": DESCRIPTION}
        current = self.store.get(self.resource, key, self.object_name)
        if current is None:
            metadata = {"name": self.object_name, "namespace": key, "annotations": annotations}
            self.make({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
        elif current.get("data") != data:
            self.client.update(self.resource, {**current, "data": data})
        return None


def _of_namespace(revision: Revision) -> Iterable[str]:
    return () if revision.verb == "DELETED" else (revision.name,)
