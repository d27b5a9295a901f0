"""The RBAC authoriser over the compiled policy. https://kubernetes.io/docs/reference/access-authn-authz/rbac/"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.apiserver.authz.opinion import NO_OPINION, Listing, Opinion
from cluster.apiserver.authz.rules import CLUSTER_ROLES, RESOURCES, ROLES, Asked, Grant, Policy, Rule
from cluster.apiserver.request import User
from cluster.store.interface import Store


class Rbac:
    """Allows what a bound role lists; never refuses."""

    name = "RBAC"

    def __init__(self, store: Store):
        self._store = store
        self._mark: tuple[int, ...] = ()
        self._policy: Policy | None = None

    def policy(self) -> Policy:
        """Return the roles and bindings of now."""
        mark = tuple([self._store.last_change(resource) for resource in RESOURCES])
        if self._policy is None or mark != self._mark:
            self._policy, self._mark = Policy(self._store), mark
        return self._policy

    def decide(self, user: User, asked: Asked) -> Opinion:
        grant, index, missing = self.policy().find(user, asked)
        if grant is not None:
            return Opinion(True, grant.reason(), self._detail(grant, index))
        if not missing:
            return NO_OPINION
        text = missing[0] if len(missing) == 1 else f"[{', '.join(missing)}]"
        return Opinion(None, f"RBAC: {text}", error=text)

    def _detail(self, grant: Grant, index: int) -> Mapping[str, Any]:
        role = grant.role_reference()
        resource = ROLES if role["kind"] == "Role" else CLUSTER_ROLES
        found = self._store.get(resource, role["namespace"], role["name"]) or {}
        rule = (found.get("rules") or [{}])[index]
        binding, subject = grant.binding_reference(), grant.subject_reference()
        return {"binding": binding, "role": role, "index": index, "rule": rule, "subject": subject}

    def rules(self, user: User, namespace: str) -> Listing:
        policy = self.policy()
        grants = list(policy.grants(user, namespace))
        held = [rule for grant in grants for rule in policy.rules(grant) or ()]
        error = ", ".join(grant.role_missing() for grant in grants if policy.rules(grant) is None)
        resources = tuple(_resource_rule(rule) for rule in held if rule.resources)
        paths = tuple({"verbs": sorted(rule.verbs), "nonResourceURLs": list(rule.urls)} for rule in held if rule.urls)
        return Listing(resources, paths, False, f"[{error}]" if ", " in error else error)


def _resource_rule(rule: Rule) -> dict[str, Any]:
    made = {"verbs": sorted(rule.verbs), "apiGroups": sorted(rule.groups), "resources": sorted(rule.resources)}
    return made | ({"resourceNames": sorted(rule.names)} if rule.names else {})
