"""ResourceQuota: keeps `status.used` true. Admission charges it at once; this controller gives back.

Follows pkg/controller/resourcequota. https://kubernetes.io/docs/concepts/policy/resource-quotas/
"""

from __future__ import annotations

from collections.abc import Mapping

from cluster.apiserver.admission.usage import matches_scopes, usage_of
from cluster.controllers.base import Controller, Handler, as_added, split
from cluster.controllers.pods import is_finished
from cluster.machinery import quantity
from cluster.machinery.meta import Object, key as key_of, namespace
from cluster.machinery.quantity import Quantity
from cluster.store.interface import Revision

QUOTAS = "resourcequotas"
RESYNC = 300.0


class ResourceQuotaController(Controller):
    """Watches every resource: whatever is deleted may free some quota."""

    name = "resourcequota"
    account = "resourcequota-controller"
    source = "resourcequota-controller"

    def watches(self) -> Mapping[str, Handler]:
        return {}

    def resume(self) -> None:
        self.queue.clear()
        for quota in self.store.list(QUOTAS):
            self.observe(as_added(QUOTAS, quota))

    def observe(self, revision: Revision) -> None:
        if revision.resource == QUOTAS:
            before = revision.previous
            if before is None or before.get("spec") != revision.object.get("spec"):
                self.queue.add(key_of(revision.object))
        elif revision.namespace and _frees(revision) and self.store.count(QUOTAS, revision.namespace):
            for quota in self.store.list(QUOTAS, revision.namespace):
                self.later(key_of(quota))

    def reconcile(self, key: str) -> float | None:
        quota = self.store.get(QUOTAS, *split(key))
        if quota is None:
            return None
        hard = (quota.get("spec") or {}).get("hard") or {}
        totals = self._totals(quota, set(hard))
        used = {each: str(totals.get(each, quantity.parse("0"))) for each in hard}
        status = {"hard": hard, "used": used}
        if status != (quota.get("status") or {}):
            self.client.update_status(QUOTAS, {**quota, "status": status})
        return RESYNC

    def _totals(self, quota: Object, wanted: set[str]) -> dict[str, Quantity]:
        totals: dict[str, Quantity] = {}
        space = namespace(quota)
        for kind in self.client.server.registry:
            if not kind.namespaced or not kind.stored or not self.store.count(kind.key, space):
                continue
            for obj in self.store.list(kind.key, space):
                usage = usage_of(kind, obj)
                if not matches_scopes(quota, kind, obj):
                    continue
                for each in wanted & usage.keys():
                    totals[each] = totals[each] + usage[each] if each in totals else usage[each]
        return totals


def _frees(revision: Revision) -> bool:
    if revision.verb == "DELETED":
        return True
    before = revision.previous
    return (
        revision.resource == "pods" and before is not None and is_finished(revision.object) and not is_finished(before)
    )
