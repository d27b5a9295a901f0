"""ClusterRole aggregation: rules of roles that match the selectors of an aggregating role.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.controllers.base import Controller, Handler
from cluster.machinery.labels import from_label_selector
from cluster.machinery.meta import labels, name
from cluster.store.interface import Revision

ROLES = "clusterroles.rbac.authorization.k8s.io"


class ClusterRoleAggregation(Controller):
    name = "clusterrole-aggregation"
    account = "clusterrole-aggregation-controller"
    source = "clusterrole-aggregation-controller"

    def watches(self) -> Mapping[str, Handler]:
        return {ROLES: self._changed}

    def _changed(self, revision: Revision) -> Iterable[str]:
        """Any change may concern any aggregating role."""
        for role in self.store.list(ROLES):
            if role.get("aggregationRule"):
                yield name(role)

    def reconcile(self, key: str) -> float | None:
        role = self.store.get(ROLES, "", key)
        if role is None or not role.get("aggregationRule"):
            return None
        rules: list[dict[str, Any]] = []
        for given in role["aggregationRule"].get("clusterRoleSelectors") or ():
            matches = from_label_selector(given).matches
            for other in self.store.list(ROLES):
                if name(other) != key and matches(labels(other)):
                    rules.extend(rule for rule in other.get("rules") or () if rule not in rules)
        if rules != (role.get("rules") or []):
            self.client.update(ROLES, {**role, "rules": rules})
        return None
