"""Namespace deletion: empty it, pods first, say what remains, then finalise it.

Follows pkg/controller/namespace. Content is deleted five seconds after the namespace, as in the
real one, so that every API server has heard that it is terminating.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cluster.controllers.base import Controller, Handler, own_key
from cluster.kinds.kind import Kind
from cluster.machinery.clock import timestamp
from cluster.machinery.conditions import Condition, replaced
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, meta
from cluster.store.interface import Revision

GRACE = 5.0
DISCOVERY = 0.2  # the real one asks for every resource type first


class NamespaceController(Controller):
    name = "namespace"
    account = "namespace-controller"
    source = "namespace-controller"

    def watches(self) -> Mapping[str, Handler]:
        return {"namespaces": self.changed}

    def changed(self, revision: Revision) -> Iterator[str]:
        if revision.verb != "DELETED" and meta(revision.object).get("deletionTimestamp"):
            yield from self.later(own_key(revision)[0], GRACE + DISCOVERY)

    def reconcile(self, key: str) -> float | None:
        namespace = self.store.get("namespaces", "", key)
        if namespace is None or not meta(namespace).get("deletionTimestamp"):
            return None
        if not (namespace.get("spec") or {}).get("finalizers"):
            return None
        wait = self._empty_pods(key)
        if wait is None:
            self._empty(key)
        namespace = self._report(key, counted=wait is None)
        if wait is not None:
            return wait
        if any(True for _ in self._remaining(key)):
            return 1.0
        self._finalize(namespace)
        return None

    def _content(self, space: str) -> Iterator[Kind]:
        """Yield the kinds that have objects in the namespace, each storage key once."""
        seen = set()
        for kind in self.client.server.registry:
            if kind.namespaced and kind.stored and kind.key not in seen and "delete" in kind.verbs:
                seen.add(kind.key)
                if self.store.count(kind.key, space):
                    yield kind

    def _empty_pods(self, space: str) -> float | None:
        """Delete the pods; return when to look again while some are still shutting down."""
        if not self.store.count("pods", space):
            return None
        grace = max(_grace(pod) for pod in self.store.list("pods", space))
        self._delete_all("pods", space)
        return grace / 2 + 1 if self.store.count("pods", space) else None

    def _empty(self, space: str) -> None:
        for kind in list(self._content(space)):
            self._delete_all(kind.resource, space)

    def _delete_all(self, resource: str, space: str) -> None:
        try:
            self.client.delete_collection(resource, space)
        except StatusError as error:
            if error.code not in (404, 405):
                raise

    def _remaining(self, space: str) -> Iterator[tuple[Kind, Object]]:
        for kind in self._content(space):
            if kind.plural != "pods":
                for obj in self.store.list(kind.key, space):
                    yield kind, obj

    def _report(self, key: str, *, counted: bool) -> Object:
        """Write the five conditions of a terminating namespace; while pods go, nothing else is counted yet."""
        namespace = self.store.get("namespaces", "", key) or {}
        status = dict(namespace.get("status") or {})
        conditions: list[Condition] = list(status.get("conditions") or [])
        for each in self._conditions(key, counted=counted):
            conditions = replaced(conditions, each)
        if conditions == status.get("conditions"):
            return namespace
        return self.client.update_status("namespaces", {**namespace, "status": {**status, "conditions": conditions}})

    def _conditions(self, space: str, *, counted: bool) -> list[Condition]:
        counts: dict[str, int] = {}
        finalizers: dict[str, int] = {}
        for kind, obj in self._remaining(space) if counted else ():
            counts[kind.resource] = counts.get(kind.resource, 0) + 1
            for finalizer in meta(obj).get("finalizers") or ():
                finalizers[finalizer] = finalizers.get(finalizer, 0) + 1
        now = timestamp(self.clock.now())
        return [
            _condition("DeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered", now),
            _condition(
                "DeletionGroupVersionParsingFailure",
                "ParsedGroupVersions",
                "All legacy kube types successfully parsed",
                now,
            ),
            _condition(
                "DeletionContentFailure",
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization",
                now,
            ),
            _content_remaining(counts, now),
            _finalizers_remaining(finalizers, now),
        ]

    def _finalize(self, namespace: Object) -> None:
        spec = {**(namespace.get("spec") or {}), "finalizers": []}
        self.client.update("namespaces", {**namespace, "spec": spec}, subresource="finalize")


def _condition(kind: str, reason: str, message: str, now: str, status: str = "False") -> Condition:
    return {
        "type": f"Namespace{kind}",
        "status": status,
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }


def _content_remaining(counts: dict[str, int], now: str) -> Condition:
    if not counts:
        return _condition("ContentRemaining", "ContentRemoved", "All content successfully removed", now)
    listed = ", ".join(f"{resource} has {count} resource instances" for resource, count in sorted(counts.items()))
    return _condition("ContentRemaining", "SomeResourcesRemain", f"Some resources are remaining: {listed}", now, "True")


def _finalizers_remaining(finalizers: dict[str, int], now: str) -> Condition:
    if not finalizers:
        done = "All content-preserving finalizers finished"
        return _condition("FinalizersRemaining", "ContentHasNoFinalizers", done, now)
    listed = ", ".join(f"{each} in {count} resource instances" for each, count in sorted(finalizers.items()))
    message = f"Some content in the namespace has finalizers remaining: {listed}"
    return _condition("FinalizersRemaining", "SomeFinalizersRemain", message, now, "True")


def _grace(pod: Object) -> float:
    spec: dict[str, Any] = pod.get("spec") or {}
    return float(spec.get("terminationGracePeriodSeconds", 30))
