"""The EndpointSlice controller: the slices of every Service with a selector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from cluster.apiserver.context import Context
from cluster.controllers.base import Handler, split
from cluster.controllers.endpoints import slices
from cluster.controllers.endpoints.backends import (
    HEADLESS,
    MANAGED_BY,
    SERVICE_NAME,
    ServiceController,
    hostname_in,
    is_headless,
    pods_selected,
    ports_of,
    target_of,
    with_address,
)
from cluster.controllers.endpoints.slices import Endpoint, Ports
from cluster.controllers.endpoints.triggers import noted
from cluster.controllers.pods import is_ready
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, annotations_of, is_deleting, labels, meta, name, namespace
from cluster.machinery.owners import controller_reference
from cluster.store.interface import Revision

SLICES = "endpointslices.discovery.k8s.io"
ZONE = "topology.kubernetes.io/zone"


class SliceWriter(ServiceController):
    """Knows the slices it manages, by Service, and carries out plans for them."""

    manager: ClassVar[str]
    owner_kind: ClassVar[str]

    def __init__(self, context: Context):
        self._known: dict[str, dict[str, None]] = {}
        super().__init__(context)

    def slice_changed(self, revision: Revision) -> Iterable[str]:
        found = labels(revision.object)
        if found.get(MANAGED_BY) != self.manager:
            return
        key = f"{revision.namespace}/{found.get(SERVICE_NAME, '')}"
        if revision.verb == "DELETED":
            self._known.get(key, {}).pop(revision.name, None)
        else:
            self._known.setdefault(key, {}).setdefault(revision.name)
        if revision.verb != "ADDED" and revision.actor != self.client.user.name:
            yield key

    def current(self, key: str) -> list[Object]:
        space = split(key)[0]
        found = (self.store.get(SLICES, space, each) for each in sorted(self._known.get(key, ())))
        return [each for each in found if each is not None and not is_deleting(each)]

    def carry_out(self, owner: Object, wanted: dict[str, str], kind: str, plan: slices.Plan, triggered: str) -> None:
        for ports, endpoints in plan.create:
            draft = {**self._draft(owner), "addressType": kind}
            self._create(_filled(_told(draft, wanted, triggered), ports, endpoints))
        for current, ports, endpoints in plan.update:
            self.client.update(SLICES, _filled(_told(current, wanted, triggered), ports, endpoints))
        for current in plan.delete:
            self.remove(current)

    def remove(self, current: Object) -> None:
        try:
            self.client.delete(SLICES, name(current), namespace(current))
        except StatusError as error:
            if error.code != 404:
                raise

    def _draft(self, owner: Object) -> Object:
        metadata = {
            "generateName": f"{name(owner)}-",
            "namespace": namespace(owner),
            "ownerReferences": [controller_reference(owner, "v1", self.owner_kind)],
        }
        return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": metadata}

    def _create(self, draft: Object) -> None:
        try:
            self.client.create(SLICES, draft)
        except StatusError as error:
            causes = error.details.get("causes") or []
            if not any(cause.get("reason") == "NamespaceTerminating" for cause in causes):
                raise


def _told(draft: Object, wanted: dict[str, str], triggered: str) -> Object:
    """Return the slice with its labels and the moment that triggered this write."""
    notes = noted(annotations_of(draft), triggered)
    metadata = {key: value for key, value in meta(draft).items() if key != "annotations"} | {"labels": wanted}
    return {**draft, "metadata": {**metadata, "annotations": notes} if notes else metadata}


def _filled(draft: Object, ports: Ports, endpoints: Sequence[Endpoint]) -> Object:
    return {**draft, "endpoints": list(endpoints), "ports": ports}


class EndpointSliceController(SliceWriter):
    name = "endpointslice"
    account = "endpointslice-controller"
    source = "endpoint-slice-controller"
    manager = "endpointslice-controller.k8s.io"
    owner_kind = "Service"

    def watches(self) -> Mapping[str, Handler]:
        return {"services": self.service_changed, "pods": self.pod_changed, SLICES: self.slice_changed}

    def reconcile(self, key: str) -> float | None:
        service = self.store.get("services", *split(key))
        if service is None:
            self.triggers.forget(key)
            return None
        if service["spec"].get("type") == "ExternalName" or not service["spec"].get("selector") or is_deleting(service):
            return None
        pods = pods_selected(self.store, service)
        triggered = self.triggers.of(key, service, pods)
        family = (service["spec"].get("ipFamilies") or ["IPv4"])[0]
        current = self.current(key)
        plan = slices.plan(self._desired(service, pods), current)
        wanted = self._labels(service)
        changing = [each for each, _, _ in plan.update]
        for each in current:
            if labels(each) != wanted and each not in changing and each not in plan.delete:
                plan.update.append((each, each.get("ports") or [], each.get("endpoints") or []))
        self.carry_out(service, wanted, family, plan, triggered)
        return None

    def _labels(self, service: Object) -> dict[str, str]:
        wanted = {**labels(service), MANAGED_BY: self.manager, SERVICE_NAME: name(service)}
        return {**wanted, HEADLESS: ""} if is_headless(service) else wanted

    def _desired(self, service: Object, pods: list[Object]) -> list[tuple[Ports, list[Endpoint]]]:
        groups: dict[tuple[str, ...], tuple[Ports, list[Endpoint]]] = {}
        for pod in with_address(pods):
            ports = ports_of(service, pod)
            if ports or is_headless(service):
                group = groups.setdefault(tuple(map(str, ports)), (ports, []))
                group[1].append(self._endpoint(service, pod))
        return list(groups.values())

    def _endpoint(self, service: Object, pod: Object) -> Endpoint:
        serving, terminating = is_ready(pod), is_deleting(pod)
        ready = bool(service["spec"].get("publishNotReadyAddresses")) or (serving and not terminating)
        endpoint: dict[str, Any] = {
            "addresses": [pod["status"]["podIP"]],
            "conditions": {"ready": ready, "serving": serving, "terminating": terminating},
            "targetRef": target_of(pod),
        }
        hostname = hostname_in(service, pod)
        if hostname:
            endpoint["hostname"] = hostname
        node = self.store.get("nodes", "", pod["spec"].get("nodeName", ""))
        if node is not None:
            endpoint["nodeName"] = name(node)
            if ZONE in labels(node):
                endpoint["zone"] = labels(node)[ZONE]
        return endpoint


class EndpointSliceMirroringController(SliceWriter):
    """Endpoints that somebody made for a Service without selector, as slices."""

    name = "endpointslicemirroring"
    account = "endpointslicemirroring-controller"
    source = "endpoint-slice-mirroring-controller"
    manager = "endpointslicemirroring-controller.k8s.io"
    owner_kind = "Endpoints"

    def watches(self) -> Mapping[str, Handler]:
        return {"endpoints": self._endpoints_changed, "services": self.service_changed, SLICES: self.slice_changed}

    def _endpoints_changed(self, revision: Revision) -> Iterable[str]:
        return (f"{revision.namespace}/{revision.name}",)

    def reconcile(self, key: str) -> float | None:
        service = self.store.get("services", *split(key))
        endpoints = self.store.get("endpoints", *split(key))
        current = self.current(key)
        if endpoints is None or service is None or service["spec"].get("selector") or _is_skipped(endpoints):
            for each in current:
                self.remove(each)
            return None
        wanted = {**labels(endpoints), MANAGED_BY: self.manager, SERVICE_NAME: name(service)}
        plan = slices.plan(list(_mirrored(endpoints)), current)
        self.carry_out(endpoints, wanted, "IPv4", plan, "")
        return None


def _is_skipped(endpoints: Object) -> bool:
    found = labels(endpoints)
    leader = "control-plane.alpha.kubernetes.io/leader" in (meta(endpoints).get("annotations") or {})
    return leader or found.get("endpointslice.kubernetes.io/skip-mirror") == "true"


def _mirrored(endpoints: Object) -> Iterable[tuple[Ports, list[Endpoint]]]:
    for subset in endpoints.get("subsets") or ():
        ports = [{"name": "", **each} for each in subset.get("ports") or ()]
        found = [_mirror(each, ready=True) for each in subset.get("addresses") or ()]
        found += [_mirror(each, ready=False) for each in subset.get("notReadyAddresses") or ()]
        yield ports, found[:1000]


def _mirror(address: dict[str, Any], *, ready: bool) -> Endpoint:
    endpoint: Endpoint = {"addresses": [address["ip"]], "conditions": {"ready": ready}}
    for field in ("hostname", "nodeName", "targetRef"):
        if address.get(field):
            endpoint[field] = address[field]
    return endpoint
