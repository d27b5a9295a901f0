"""ABAC: policies from a file, one JSON object a line. https://kubernetes.io/docs/reference/access-authn-authz/abac/

Lines of `abac.authorization.kubernetes.io/v1beta1` only; the unversioned form of old is not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from cluster.apiserver.authz.opinion import Listing, Opinion
from cluster.apiserver.authz.rules import Asked
from cluster.apiserver.request import User

_READS = frozenset({"get", "list", "watch"})
_VERSION = "abac.authorization.kubernetes.io/v1beta1"
_NO_MATCH = Opinion(None, "No policy matched.")


@dataclass(frozen=True, slots=True)
class Policy:
    """One line of the policy file; '' is a field that is not there."""

    user: str
    group: str
    namespace: str
    resource: str
    api_group: str
    path: str
    readonly: bool
    line: int
    spec: Mapping[str, Any]

    def is_about(self, user: User) -> bool:
        """Say whether user and group, where the policy names them, are the asking one's."""
        if self.user and self.user != user.name:
            return False
        return bool(self.user or self.group) and (not self.group or self.group in user.groups)

    def allows(self, asked: Asked) -> bool:
        if self.readonly and asked.verb not in _READS:
            return False
        if asked.path:
            return _covers_path(self.path, asked.path)
        resource = asked.resource.partition("/")[0]
        wanted = ((self.namespace, asked.namespace), (self.resource, resource), (self.api_group, asked.group))
        return all(pattern in ("*", given) for pattern, given in wanted)


def _covers_path(pattern: str, path: str) -> bool:
    if pattern in ("*", path):
        return True
    return pattern.endswith("*") and path.startswith(pattern[:-1])


def read(text: str) -> Iterator[Policy]:
    """Yield the policies of a file; raises ValueError with the line that is none."""
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield _policy(stripped, number)


def _policy(line: str, number: int) -> Policy:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"error reading policy line {number}: {error}") from None
    if not isinstance(found, dict) or found.get("apiVersion") != _VERSION or found.get("kind") != "Policy":
        raise ValueError(f"error reading policy line {number}: no Policy of {_VERSION}")
    spec = found.get("spec") or {}
    user, group = spec.get("user", ""), spec.get("group", "")
    if "*" in (user, group):  # a star for either means everybody who is authenticated
        user, group = "", "system:authenticated"
    words = (spec.get("namespace", ""), spec.get("resource", ""), spec.get("apiGroup", ""))
    return Policy(user, group, *words, spec.get("nonResourcePath", ""), bool(spec.get("readonly")), number, spec)


class Abac:
    name = "ABAC"

    def __init__(self, text: str):
        self._policies = tuple(read(text))

    def decide(self, user: User, asked: Asked) -> Opinion:
        for policy in self._policies:
            if policy.is_about(user) and policy.allows(asked):
                return Opinion(True, "", {"line": policy.line, "policy": policy.spec})
        return _NO_MATCH

    def rules(self, user: User, namespace: str) -> Listing:
        about = [policy for policy in self._policies if policy.is_about(user)]
        resources = tuple(
            {"verbs": _verbs(policy), "apiGroups": [policy.api_group], "resources": [policy.resource]}
            for policy in about
            if policy.resource and policy.namespace in ("*", namespace)
        )
        paths = tuple({"verbs": _verbs(one), "nonResourceURLs": [one.path]} for one in about if one.path)
        return Listing(resources, paths)


def _verbs(policy: Policy) -> list[str]:
    return ["get", "list", "watch"] if policy.readonly else ["*"]
