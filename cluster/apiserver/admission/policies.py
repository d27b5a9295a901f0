"""What validating and mutating admission policies share: definitions with their bindings, and the parameters of one.

Policies are compiled when one of them or a binding changes; without any a request costs two look-ups. Follows
k8s.io/apiserver `admission/plugin/policy/generic`.
https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#parameter-resources
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cluster.apiserver.admission.expressions import Bindings
from cluster.apiserver.admission.match_conditions import MatchConditions
from cluster.apiserver.admission.matching import Criteria
from cluster.apiserver.attributes import Attributes
from cluster.apiserver.conversion import from_stored
from cluster.kinds.admissionregistration.expressions import Scope
from cluster.kinds.kind import Kind
from cluster.machinery.cel import Program
from cluster.machinery.labels import from_label_selector
from cluster.machinery.meta import Object, name
from cluster.store.interface import Store

_MISSING = "no params found for policy binding with `Deny` parameterNotFoundAction"


class Misconfigured(Exception):
    """A policy or binding that cannot be used; the text is the real server's."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The part that every policy has. `spec` is the definition's, for what only one sort of policy has."""

    name: str
    ignores_failure: bool
    criteria: Criteria
    param_kind: Mapping[str, str] | None
    conditions: MatchConditions
    variables: Mapping[str, Program]
    scope: Scope
    spec: Mapping[str, Any]

    @classmethod
    def of(cls, policy: Object) -> Policy:
        """Compile a stored policy."""
        spec = policy["spec"]
        scope = Scope(params=bool(spec.get("paramKind")))
        conditions = MatchConditions.of(spec.get("matchConditions"), scope)
        for variable in spec.get("variables") or ():
            scope.add_stored_variable(variable["name"], variable["expression"])
        return cls(
            name(policy),
            spec.get("failurePolicy") == "Ignore",
            Criteria.of(spec.get("matchConstraints") or {}),
            spec.get("paramKind"),
            conditions,
            scope.programs,
            scope,
            spec,
        )


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a policy applies, with which parameters."""

    name: str
    criteria: Criteria | None
    actions: frozenset[str]
    param_ref: Mapping[str, Any] | None

    @classmethod
    def of(cls, binding: Object) -> Binding:
        spec = binding["spec"]
        matched = spec.get("matchResources")
        return cls(
            name(binding),
            Criteria.of(matched) if matched else None,
            frozenset(spec.get("validationActions") or ()),
            spec.get("paramRef"),
        )


P = TypeVar("P")


class Policies(Generic[P]):
    """The policies of one sort with their bindings, as the store has them now; `compile` makes one ready to run."""

    def __init__(self, definitions: str, bindings: str, compile_policy: Callable[[Object], P]):
        self._definitions, self._bindings, self._compile = definitions, bindings, compile_policy
        self._mark = (-1, -1)
        self._found: Sequence[tuple[P, Sequence[Binding]]] = ()

    def of(self, store: Store) -> Sequence[tuple[P, Sequence[Binding]]]:
        """Return the policies that are bound, in the order of their names."""
        mark = (store.last_change(self._definitions), store.last_change(self._bindings))
        if mark != self._mark:
            self._found, self._mark = tuple(self._read(store)), mark
        return self._found

    def _read(self, store: Store) -> Iterator[tuple[P, Sequence[Binding]]]:
        bound: dict[str, list[Binding]] = {}
        for binding in store.list(self._bindings):
            bound.setdefault(binding["spec"].get("policyName") or "", []).append(Binding.of(binding))
        for policy in store.list(self._definitions):
            if name(policy) in bound:
                yield self._compile(policy), bound[name(policy)]


def matched_version(policy: Policy, binding: Binding, attributes: Attributes) -> str:
    """Return the version in which policy and binding see a request; '' where they are not about it."""
    version = policy.criteria.version(attributes)
    if not version or binding.criteria is None:
        return version
    return version if binding.criteria.version(attributes) else ""


def parameters(policy: Policy, binding: Binding, attributes: Attributes) -> Sequence[Object | None]:
    """Return the objects a policy is to be evaluated with, one after the other: [None] where it takes none.

    Raise Misconfigured where there is no such kind or no such object and that is to be refused.
    """
    reference = binding.param_ref
    if policy.param_kind is None:
        return [None]
    kind = _param_kind(policy.param_kind, attributes)
    if reference is None:
        return [None]
    found = _referenced(kind, reference, attributes)
    if not found and reference.get("parameterNotFoundAction") == "Deny":
        raise Misconfigured(f"failed to configure binding: {_MISSING}")
    version = policy.param_kind["apiVersion"].rpartition("/")[2]
    return [from_stored(kind, version, obj) for obj in found]


def _param_kind(wanted: Mapping[str, str], attributes: Attributes) -> Kind:
    group, _, version = wanted["apiVersion"].rpartition("/")
    kind = attributes.server.registry.by_kind(group, wanted["kind"])
    if kind is not None and version in (kind.version, *kind.other_versions):
        return kind
    shown = f"{group}/{version}, Kind={wanted['kind']}"
    raise Misconfigured(f"failed to configure policy: failed to find resource referenced by paramKind: '{shown}'")


def _referenced(kind: Kind, reference: Mapping[str, Any], attributes: Attributes) -> Sequence[Object]:
    store, place = attributes.server.store, _namespace(kind, reference, attributes)
    if reference.get("name"):
        found = store.get(kind.key, place, reference["name"])
        return [found] if found is not None else []
    selector = from_label_selector(reference.get("selector") or {})
    return [obj for obj in store.list(kind.key, place) if selector.matches_object(obj)]


def _namespace(kind: Kind, reference: Mapping[str, Any], attributes: Attributes) -> str:
    given = reference.get("namespace") or ""
    if not kind.namespaced:
        if given:
            text = "paramRef.namespace must not be provided for a cluster-scoped `paramKind`"
            raise Misconfigured(f"failed to configure binding: {text}")
        return ""
    place = given or (attributes.namespace if attributes.kind.namespaced else "")
    if not place:
        text = "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
        raise Misconfigured(f"failed to configure binding: {text}")
    return str(place)


def conditions_hold(policy: Policy, bindings: Bindings) -> bool:
    """Say whether a policy's match conditions hold; raise CelError."""
    return not policy.conditions.programs or policy.conditions.hold(bindings)
