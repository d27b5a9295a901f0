"""The Endpoints controller: one Endpoints object per Service with a selector, at most 1,000 addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.controllers.base import Handler, split
from cluster.controllers.endpoints.backends import (
    HEADLESS,
    ServiceController,
    hostname_in,
    is_headless,
    pods_selected,
    ports_of,
    target_of,
    with_address,
)
from cluster.controllers.endpoints.triggers import noted
from cluster.controllers.pods import is_ready
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, annotations_of, is_deleting, labels, meta, name, namespace
from cluster.store.interface import Revision

LIMIT = 1000
MANAGED_BY = "endpoints.kubernetes.io/managed-by"
OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"
Subset = dict[str, Any]


class EndpointsController(ServiceController):
    name = "endpoints"
    account = "endpoint-controller"
    source = "endpoint-controller"

    def watches(self) -> Mapping[str, Handler]:
        return {"services": self.service_changed, "pods": self.pod_changed, "endpoints": self._endpoints_changed}

    def _endpoints_changed(self, revision: Revision) -> tuple[str, ...]:
        return () if revision.verb == "ADDED" else (f"{revision.namespace}/{revision.name}",)

    def reconcile(self, key: str) -> float | None:
        service = self.store.get("services", *split(key))
        current = self.store.get("endpoints", *split(key))
        if service is None:
            self.triggers.forget(key)
            self._drop(current)
        elif service["spec"].get("selector") and service["spec"].get("type") != "ExternalName":
            pods = pods_selected(self.store, service)
            triggered = self.triggers.of(key, service, pods)
            self._write(service, current, self._subsets(service, pods), triggered)
        return None

    def _drop(self, current: Object | None) -> None:
        if current is None or labels(current).get(MANAGED_BY, "endpoint-controller") != "endpoint-controller":
            return
        try:
            self.client.delete("endpoints", name(current), namespace(current))
        except StatusError as error:
            if error.code != 404:
                raise

    def _subsets(self, service: Object, pods: list[Object]) -> list[Subset]:
        open_early = bool(service["spec"].get("publishNotReadyAddresses"))
        groups: dict[tuple[Any, ...], Subset] = {}
        for pod in with_address(pods):
            if is_deleting(pod) and not open_early:
                continue
            ports = [{field: value for field, value in each.items() if value != ""} for each in ports_of(service, pod)]
            if not ports and not is_headless(service):
                continue
            subset = groups.setdefault(tuple(map(str, ports)), {"ports": ports})
            state = "addresses" if open_early or is_ready(pod) else "notReadyAddresses"
            subset.setdefault(state, []).append(_address(service, pod))
        return [_sorted(subset) for subset in groups.values()]

    def _write(self, service: Object, current: Object | None, subsets: list[Subset], triggered: str) -> None:
        wanted_labels = {**labels(service), MANAGED_BY: "endpoint-controller"}
        if is_headless(service):
            wanted_labels[HEADLESS] = ""
        annotations = {}
        if sum(len(each.get("addresses", ())) + len(each.get("notReadyAddresses", ())) for each in subsets) > LIMIT:
            subsets, annotations = _truncated(subsets), {OVER_CAPACITY: "truncated"}
        if current is None:
            self._create(service, wanted_labels, noted(annotations, triggered), subsets)
            return
        kept = {key: value for key, value in annotations_of(current).items() if key != OVER_CAPACITY}
        same = (current.get("subsets") or []) == subsets and labels(current) == wanted_labels
        if same and annotations_of(current) == {**kept, **annotations}:
            return
        metadata = {**meta(current), "labels": wanted_labels, "annotations": noted({**kept, **annotations}, triggered)}
        self.client.update("endpoints", _with_subsets({**current, "metadata": metadata}, subsets))

    def _create(
        self, service: Object, found: dict[str, str], annotations: dict[str, str], subsets: list[Subset]
    ) -> None:
        metadata: dict[str, Any] = {"name": name(service), "namespace": namespace(service), "labels": found}
        if annotations:
            metadata["annotations"] = annotations
        draft = _with_subsets({"apiVersion": "v1", "kind": "Endpoints", "metadata": metadata}, subsets)
        try:
            self.client.create("endpoints", draft)
        except StatusError as error:
            if error.reason not in ("Forbidden", "AlreadyExists"):
                self.events.record(
                    service,
                    "Warning",
                    "FailedToCreateEndpoint",
                    f"Failed to create endpoint for service {namespace(service)}/{name(service)}: {error.message}",
                )
                raise


def _with_subsets(draft: Object, subsets: list[Subset]) -> Object:
    draft = {field: value for field, value in draft.items() if field != "subsets"}
    return {**draft, "subsets": subsets} if subsets else draft


def _address(service: Object, pod: Object) -> dict[str, Any]:
    address: dict[str, Any] = {"ip": pod["status"]["podIP"]}
    hostname = hostname_in(service, pod)
    if hostname:
        address["hostname"] = hostname
    if pod["spec"].get("nodeName"):
        address["nodeName"] = pod["spec"]["nodeName"]
    address["targetRef"] = target_of(pod)
    return address


def _sorted(subset: Subset) -> Subset:
    ordered: Subset = {}
    for state in ("addresses", "notReadyAddresses"):
        if subset.get(state):
            ordered[state] = sorted(subset[state], key=lambda each: (each["ip"], each["targetRef"]["uid"]))
    if subset["ports"]:
        ordered["ports"] = subset["ports"]
    return ordered


def _truncated(subsets: list[Subset]) -> list[Subset]:
    """Keep the first thousand addresses, ready ones first."""
    room = LIMIT
    cut = [dict(subset) for subset in subsets]
    for state in ("addresses", "notReadyAddresses"):
        for subset in cut:
            if state in subset:
                subset[state] = subset[state][:room]
                room -= len(subset[state])
    return cut
