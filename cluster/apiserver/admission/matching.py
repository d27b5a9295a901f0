"""Which requests a webhook or an admission policy is about: rules, scope, match policy and the two selectors.

Follows k8s.io/apiserver `admission/plugin/webhook/predicates`. Simplified: with match policy Equivalent other
versions of one resource count as the same, other groups (events, events.k8s.io) do not.
https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.apiserver.attributes import CREATE, UPDATE, Attributes
from cluster.machinery.errors import not_found
from cluster.machinery.labels import Selector, from_label_selector
from cluster.machinery.meta import Object

GROUP = "admissionregistration.k8s.io"
# What guards the guards: no webhook and no policy is ever asked about these.
EXEMPT = frozenset(
    f"{plural}.{GROUP}"
    for plural in (
        "mutatingwebhookconfigurations",
        "validatingwebhookconfigurations",
        "mutatingadmissionpolicies",
        "mutatingadmissionpolicybindings",
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
    )
)


@dataclass(frozen=True, slots=True)
class MatchRule:
    """One RuleWithOperations, or one NamedRuleWithOperations: `names` empty is every name."""

    operations: frozenset[str]
    groups: frozenset[str]
    versions: frozenset[str]
    resources: tuple[tuple[str, str], ...]
    scope: str
    names: frozenset[str]

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> MatchRule:
        parts = [resource.partition("/") for resource in rule.get("resources") or ()]
        return cls(
            frozenset(rule.get("operations") or ()),
            frozenset(rule.get("apiGroups") or ()),
            frozenset(rule.get("apiVersions") or ()),
            tuple((resource, sub) for resource, _, sub in parts),
            rule.get("scope") or "*",
            frozenset(rule.get("resourceNames") or ()),
        )

    def matches(self, attributes: Attributes, version: str) -> bool:
        """Say whether the rule is about this request, taken as one of `version`."""
        kind = attributes.kind
        return (
            _one_of(self.operations, attributes.operation)
            and _one_of(self.groups, kind.group)
            and _one_of(self.versions, version)
            and self._has_resource(kind.plural, attributes.subresource)
            and self._in_scope(attributes)
            and (not self.names or attributes.name in self.names)
        )

    def _has_resource(self, plural: str, subresource: str) -> bool:
        return any(res in ("*", plural) and sub in ("*", subresource) for res, sub in self.resources)

    def _in_scope(self, attributes: Attributes) -> bool:
        if self.scope == "*":
            return True
        namespaced = bool(attributes.namespace) and attributes.kind.namespaced
        return namespaced if self.scope == "Namespaced" else not namespaced


def _one_of(wanted: frozenset[str], value: str) -> bool:
    return value in wanted or "*" in wanted


@dataclass(frozen=True, slots=True)
class Criteria:
    """The compiled form of a webhook's rules and selectors, or of a policy's `MatchResources`."""

    rules: tuple[MatchRule, ...]
    excluded: tuple[MatchRule, ...]
    equivalent: bool
    namespaces: Selector
    objects: Selector

    @classmethod
    def of(cls, given: Mapping[str, Any], rules: str = "resourceRules") -> Criteria:
        """Compile `given`; `rules` names its field of rules (a webhook's is `rules`)."""
        return cls(
            tuple(MatchRule.of(rule) for rule in given.get(rules) or ()),
            tuple(MatchRule.of(rule) for rule in given.get("excludeResourceRules") or ()),
            given.get("matchPolicy") != "Exact",
            from_label_selector(given.get("namespaceSelector") or {}),
            from_label_selector(given.get("objectSelector") or {}),
        )

    def version(self, attributes: Attributes) -> str:
        """Return the version in which the request is to be shown; '' when this is not about it."""
        if attributes.kind.resource in EXEMPT:
            return ""
        found = self._ruled(self.rules, attributes) if self.rules else attributes.request.version
        if not found or self.excluded and self._ruled(self.excluded, attributes):
            return ""
        return found if self._selected(attributes) else ""

    def _ruled(self, rules: Sequence[MatchRule], attributes: Attributes) -> str:
        for version in self._versions(attributes):
            if any(rule.matches(attributes, version) for rule in rules):
                return version
        return ""

    def _versions(self, attributes: Attributes) -> Sequence[str]:
        """Return the versions the request may be taken as, its own first."""
        asked, kind = attributes.request.version, attributes.kind
        if not self.equivalent or not kind.other_versions:
            return (asked,)
        return tuple(dict.fromkeys((asked, kind.version, *kind.other_versions)))

    def _selected(self, attributes: Attributes) -> bool:
        if not self.namespaces.is_empty and not _namespace_matches(self.namespaces, attributes):
            return False
        if self.objects.is_empty:
            return True
        return any(self._has_labels(each) for each in (attributes.draft, attributes.old))

    def _has_labels(self, obj: Object | None) -> bool:
        metadata = (obj or {}).get("metadata")
        return metadata is not None and self.objects.matches(metadata.get("labels"))


def _namespace_matches(selector: Selector, attributes: Attributes) -> bool:
    """Look at the labels of the namespace the object is in, or of the namespace itself as it is written."""
    if attributes.kind.resource == "namespaces":
        if not attributes.subresource and attributes.operation in (CREATE, UPDATE):
            return selector.matches_object(attributes.object)
        name = attributes.name
    elif not attributes.kind.namespaced:
        return True
    else:
        name = attributes.namespace
    found = attributes.server.store.get("namespaces", "", name)
    if found is None:
        raise not_found("namespaces", "", name)
    return selector.matches_object(found)
