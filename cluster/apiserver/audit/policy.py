"""The audit policy: the first rule that is about a request says how much of it is told.

https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from cluster.apiserver.request import Request, User

NONE, METADATA, REQUEST, RESPONSE = "None", "Metadata", "Request", "RequestResponse"
LEVELS = (NONE, METADATA, REQUEST, RESPONSE)
API = "audit.k8s.io/v1"


@dataclass(frozen=True, slots=True)
class Told:
    """How much of one request is told, and at which stages it is not."""

    level: str
    omitted: frozenset[str] = frozenset()
    without_managed_fields: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, as written."""

    spec: Mapping[str, Any]

    def concerns(self, request: Request, user: User) -> bool:
        spec = self.spec
        if spec.get("users") and user.name not in spec["users"]:
            return False
        if spec.get("userGroups") and not set(spec["userGroups"]) & set(user.groups):
            return False
        if spec.get("verbs") and request.verb not in spec["verbs"]:
            return False
        if spec.get("namespaces") or spec.get("resources"):
            return self._concerns_resource(request)
        if spec.get("nonResourceURLs"):
            return not request.resource and any(_covers(one, request.uri) for one in spec["nonResourceURLs"])
        return True

    def _concerns_resource(self, request: Request) -> bool:
        spaces, resources = self.spec.get("namespaces"), self.spec.get("resources")
        if not request.resource or (spaces and request.namespace not in spaces):
            return False
        return not resources or any(_has(one, request) for one in resources)


def _covers(pattern: str, uri: str) -> bool:
    path = uri.partition("?")[0]
    return pattern in ("*", path) or (pattern.endswith("*") and path.startswith(pattern[:-1]))


def _has(entry: Mapping[str, Any], request: Request) -> bool:
    """Say whether one GroupResources entry holds the request's resource."""
    if (entry.get("group") or "") != request.group:
        return False
    if not entry.get("resources"):
        return True
    if entry.get("resourceNames") and request.name not in entry["resourceNames"]:
        return False
    whole = f"{request.resource}/{request.subresource}" if request.subresource else request.resource
    wanted = {whole, "*", f"{request.resource}/*"} | ({f"*/{request.subresource}"} if request.subresource else set())
    return not wanted.isdisjoint(entry["resources"])


class Policy:
    """An audit policy. Without rules nothing is told."""

    def __init__(self, document: Mapping[str, Any]):
        self._rules = [Rule(rule) for rule in document.get("rules") or ()]
        self._omitted = frozenset(document.get("omitStages") or ())
        self._bare = bool(document.get("omitManagedFields"))
        self._told = [self._of(rule.spec) for rule in self._rules]

    def _of(self, spec: Mapping[str, Any]) -> Told:
        bare = spec.get("omitManagedFields")
        omitted = self._omitted | frozenset(spec.get("omitStages") or ())
        return Told(spec.get("level", NONE), omitted, self._bare if bare is None else bool(bare))

    def told(self, request: Request) -> Told:
        """Return what the first rule about this request says; nothing where none is."""
        user = request.impersonator or request.user
        for rule, told in zip(self._rules, self._told, strict=True):
            if rule.concerns(request, user):
                return told
        return Told(NONE)


def read(text: str) -> Policy:
    """Return the policy of a file; raises ValueError in the real words where it is none."""
    try:
        document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise ValueError(f"failed decoding: {error}") from None
    if not isinstance(document, dict) or document.get("kind") != "Policy" or document.get("apiVersion") != API:
        raise ValueError("unknown group version field or kind in policy")
    rules: Sequence[Mapping[str, Any]] = document.get("rules") or ()
    if not rules:
        raise ValueError("loaded illegal policy with 0 rules")
    for index, rule in enumerate(rules):
        if rule.get("level") not in LEVELS:
            supported = ", ".join(f'"{level}"' for level in LEVELS)
            raise ValueError(
                f'rules[{index}].level: Unsupported value: "{rule.get("level", "")}": supported values: {supported}'
            )
    return Policy(document)
