"""Which pods stand behind a Service, and as what: shared by Endpoints and EndpointSlices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cluster.controllers.base import SETTLE, Controller
from cluster.controllers.endpoints.triggers import TriggerTimes
from cluster.controllers.pods import is_finished, is_ready
from cluster.machinery.labels import Selector, from_map
from cluster.machinery.meta import Object, is_deleting, key as key_of, labels, meta, name, namespace, uid
from cluster.store.interface import Revision, Store

HEADLESS = "service.kubernetes.io/headless"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
SERVICE_NAME = "kubernetes.io/service-name"


class Services:
    """The selectors of all Services by namespace, kept from the writes a controller observes."""

    def __init__(self) -> None:
        self._selectors: dict[str, dict[str, Selector]] = {}

    def observe(self, revision: Revision) -> None:
        known = self._selectors.setdefault(revision.namespace, {})
        chosen = (revision.object.get("spec") or {}).get("selector")
        if revision.verb == "DELETED" or not chosen:
            known.pop(revision.name, None)
        else:
            known[revision.name] = from_map(chosen)

    def selecting(self, space: str, found: dict[str, str]) -> Iterator[str]:
        for service, selector in self._selectors.get(space, {}).items():
            if selector.matches(found):
                yield f"{space}/{service}"


class ServiceController(Controller):
    """A controller whose keys are Services and which follows their pods."""

    def __init__(self, context: Any):
        self.services = Services()
        self.triggers = TriggerTimes()
        super().__init__(context)

    def service_changed(self, revision: Revision) -> Iterable[str]:
        self.services.observe(revision)
        return (key_of(revision.object),)

    def pod_changed(self, revision: Revision) -> Iterable[str]:
        before, after = revision.previous, revision.object
        if revision.verb == "MODIFIED" and before is not None and _facts(before) == _facts(after):
            return ()
        for state in (after, before):
            if state is not None:
                for key in self.services.selecting(revision.namespace, labels(state)):
                    self.queue.add_after(key, SETTLE)
        return ()


def _facts(pod: Object) -> tuple[Any, ...]:
    """Return what endpoints are made of."""
    status = pod.get("status") or {}
    return (
        status.get("podIP"),
        status.get("phase"),
        is_ready(pod),
        is_deleting(pod),
        meta(pod).get("labels"),
        (pod.get("spec") or {}).get("nodeName"),
    )


def pods_selected(store: Store, service: Object) -> list[Object]:
    matches = from_map(service["spec"]["selector"]).matches
    return [pod for pod in store.list("pods", namespace(service)) if matches(labels(pod))]


def with_address(pods: Iterable[Object]) -> Iterator[Object]:
    """Yield the pods that have an address and are not finished: those that can stand behind a Service."""
    return (pod for pod in pods if (pod.get("status") or {}).get("podIP") and not is_finished(pod))


def ports_of(service: Object, pod: Object) -> list[dict[str, Any]]:
    """Return the Service's ports as this pod serves them; a named port it lacks is left out."""
    found = []
    for port in service["spec"].get("ports") or ():
        number = _number(port, pod)
        if number is not None:
            each = {"name": port.get("name", ""), "port": number, "protocol": port.get("protocol", "TCP")}
            if port.get("appProtocol"):
                each["appProtocol"] = port["appProtocol"]
            found.append(each)
    return found


def _number(port: dict[str, Any], pod: Object) -> int | None:
    target = port.get("targetPort") or port["port"]
    if isinstance(target, int):
        return target
    spec = pod["spec"]
    sidecars = [each for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always"]
    for container in [*spec["containers"], *sidecars]:
        for each in container.get("ports") or ():
            if each.get("name") == target and each.get("protocol", "TCP") == port.get("protocol", "TCP"):
                return int(each["containerPort"])
    return None


def hostname_in(service: Object, pod: Object) -> str:
    """Return the pod's DNS name under this Service, if it has one (`hostname` and `subdomain`)."""
    spec = pod["spec"]
    return str(spec.get("hostname", "")) if spec.get("subdomain") == name(service) else ""


def target_of(pod: Object) -> dict[str, str]:
    return {"kind": "Pod", "namespace": namespace(pod), "name": name(pod), "uid": uid(pod)}


def is_headless(service: Object) -> bool:
    return service["spec"].get("clusterIP") in ("None", None, "")
