"""Says of each APIService behind a Service whether somebody answers for it: condition Available.

Follows kube-aggregator's remote available controller, which runs inside the API server; here it takes
its turns with the controllers. Whether the endpoint really answers a discovery request is left out.
https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cluster.apiserver.request import User, component
from cluster.controllers.base import Controller, Handler
from cluster.machinery.meta import Object, name, namespace
from cluster.store.interface import Revision

RESOURCE = "apiservices.apiregistration.k8s.io"
SLICES = "endpointslices.discovery.k8s.io"
_OWNER = "kubernetes.io/service-name"


class ApiServiceAvailability(Controller):
    """One key is one APIService."""

    name = "apiservice-remote-available"
    account = "apiservice-controller"
    source = "kube-aggregator"

    @classmethod
    def identity(cls) -> User:
        return component("system:apiserver", "system:masters")

    def watches(self) -> Mapping[str, Handler]:
        return {RESOURCE: _itself, "services": self._of_service, SLICES: self._of_slice}

    def _of_service(self, revision: Revision) -> Iterable[str]:
        return self._behind(revision.namespace, revision.name)

    def _of_slice(self, revision: Revision) -> Iterable[str]:
        owner = (revision.object["metadata"].get("labels") or {}).get(_OWNER, "")
        return self._behind(revision.namespace, owner)

    def _behind(self, space: str, service: str) -> Iterable[str]:
        """Return the APIServices that a Service stands for."""
        found = []
        for one in self.store.list(RESOURCE):
            where = one["spec"].get("service")
            if where and (where.get("namespace"), where.get("name")) == (space, service):
                found.append(name(one))
        return found

    def reconcile(self, key: str) -> float | None:
        found = self.store.get(RESOURCE, "", key)
        if found is None or not found["spec"].get("service"):
            return None
        status, reason, message = self._availability(found["spec"]["service"])
        old = _condition(found)
        if (old.get("status"), old.get("reason"), old.get("message")) == (status, reason, message):
            return None
        kept = old.get("lastTransitionTime") if old.get("status") == status else None
        since = kept or self.client.server.now()
        told = {"type": "Available", "status": status, "lastTransitionTime": since, "reason": reason}
        others = [one for one in _conditions(found) if one.get("type") != "Available"]
        new = {
            **found,
            "status": {**(found.get("status") or {}), "conditions": [*others, {**told, "message": message}]},
        }
        self.client.update_status(RESOURCE, new)
        return None

    def _availability(self, where: Mapping[str, str]) -> tuple[str, str, str]:
        space, service, port = where.get("namespace", ""), where.get("name", ""), where.get("port", 443)
        found = self.store.get("services", space, service)
        if found is None:
            return "False", "ServiceNotFound", f'service/{service} in "{space}" is not present'
        named = next((one for one in found["spec"].get("ports") or () if one.get("port") == port), None)
        if named is None:
            return "False", "ServicePortError", f'service/{service} in "{space}" is not listening on port {port}'
        slices = [one for one in self.store.list(SLICES, space) if _belongs(one, service)]
        if not slices:
            text = f'cannot find endpointslices for service/{service} in "{space}"'
            return "False", "EndpointsNotFound", text
        wanted = named.get("name", "")
        if not any(_is_ready(one, wanted) for one in slices):
            text = f'endpoints for service/{service} in "{space}" have no addresses with port name "{wanted}"'
            return "False", "MissingEndpoints", text
        return "True", "Passed", "all checks passed"


def _itself(revision: Revision) -> Iterable[str]:
    return [] if revision.verb == "DELETED" else [revision.name]


def _conditions(obj: Object) -> list[dict[str, str]]:
    return list((obj.get("status") or {}).get("conditions") or ())


def _condition(obj: Object) -> dict[str, str]:
    return next((one for one in _conditions(obj) if one.get("type") == "Available"), {})


def _belongs(slice_: Object, service: str) -> bool:
    return (slice_["metadata"].get("labels") or {}).get(_OWNER) == service and bool(namespace(slice_))


def _is_ready(slice_: Object, port: str) -> bool:
    if not any((one.get("name") or "") == port for one in slice_.get("ports") or ()):
        return False
    return any((one.get("conditions") or {}).get("ready") is not False for one in slice_.get("endpoints") or ())
