"""MutatingAdmissionPolicy: changes in CEL, as an apply configuration or a JSON patch.

Follows k8s.io/apiserver `admission/plugin/policy/mutating`. A policy with `reinvocationPolicy: IfNeeded` is run once
more when one after it changed the object. https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from cluster.apiserver.admission.expressions import bindings_of, evaluated, with_variables
from cluster.apiserver.admission.matching import EXEMPT, GROUP
from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.admission.policies import (
    Binding,
    Misconfigured,
    Policies,
    Policy,
    conditions_hold,
    matched_version,
    parameters,
)
from cluster.apiserver.admission.redraft import shown, take, typed
from cluster.apiserver.attributes import CREATE, UPDATE, Attributes
from cluster.apiserver.managed import typed as fields
from cluster.machinery.cel import CelError, Program
from cluster.machinery.cel.values import Message, type_name
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object
from cluster.machinery.patch import jsonpatch


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of a policy: `patch` makes of a shown object and the expression's value what the object is to be."""

    program: Program
    patch: Callable[[Attributes, Object, Any], Object]

    @classmethod
    def of(cls, policy: Policy, given: Mapping[str, Any]) -> Mutation:
        field, patch = _PATCHES[given["patchType"]]
        return cls(policy.scope.ready(given[field]["expression"]), patch)


@dataclass(frozen=True, slots=True)
class Changes:
    """A policy with its mutations."""

    policy: Policy
    mutations: tuple[Mutation, ...]
    again: bool

    @classmethod
    def of(cls, stored: Object) -> Changes:
        policy = Policy.of(stored)
        mutations = tuple(Mutation.of(policy, given) for given in policy.spec.get("mutations") or ())
        return cls(policy, mutations, policy.spec.get("reinvocationPolicy") == "IfNeeded")


_Run = tuple[Changes, Binding]


class MutatingAdmissionPolicy(Plugin):
    name = "MutatingAdmissionPolicy"
    operations = (CREATE, UPDATE)
    mutates = True

    def __init__(self) -> None:
        definitions, bindings = f"mutatingadmissionpolicies.{GROUP}", f"mutatingadmissionpolicybindings.{GROUP}"
        self._policies = Policies(definitions, bindings, Changes.of)

    def admit(self, attributes: Attributes) -> None:
        found = self._policies.of(attributes.server.store)
        if not found or attributes.draft is None or attributes.kind.resource in EXEMPT:
            return
        runs = [(changes, binding) for changes, bindings in found for binding in bindings]
        again = _round(runs, attributes)
        if again:
            _round(again, attributes)


def _round(runs: list[_Run], attributes: Attributes) -> list[_Run]:
    """Run all policies that match; return those to be run again because one after them changed the object."""
    done: list[_Run] = []
    again: list[_Run] = []
    for run in runs:
        if _mutated(*run, attributes):
            again += [earlier for earlier in done if earlier[0].again and earlier not in again]
        done.append(run)
    return again


def _mutated(changes: Changes, binding: Binding, attributes: Attributes) -> bool:
    """Let one policy change the draft as one binding applies it; return whether it did."""
    version = matched_version(changes.policy, binding, attributes)
    if not version:
        return False
    before = orjson.dumps(attributes.object)
    try:
        for params in parameters(changes.policy, binding, attributes):
            _mutate(changes, attributes, version, params)
    except (CelError, Misconfigured, jsonpatch.PatchError) as error:
        if not changes.policy.ignores_failure:
            raise _denial(changes.policy, binding, attributes, str(error)) from None
        attributes.object.clear()
        attributes.object.update(orjson.loads(before))
    return orjson.dumps(attributes.object) != before


def _mutate(changes: Changes, attributes: Attributes, version: str, params: Object | None) -> None:
    if not conditions_hold(changes.policy, bindings_of(attributes, version, params)):
        return
    for mutation in changes.mutations:
        # Each mutation sees what the one before it made.
        bindings = with_variables(bindings_of(attributes, version, params), changes.policy.variables)
        value = evaluated(mutation.program, bindings)
        copy: Object = orjson.loads(orjson.dumps(shown(attributes, attributes.object, version)))
        changed = mutation.patch(attributes, copy, value)
        take(attributes, attributes.object, typed(attributes, changed, version), version)


def _denial(policy: Policy, binding: Binding, attributes: Attributes, why: str) -> StatusError:
    text = f"policy '{policy.name}' with binding '{binding.name}' denied request: {why}"
    error = attributes.forbid(text)
    return StatusError(422, "Invalid", error.message, {**error.details, "causes": [{"message": text}]})


def _applied(attributes: Attributes, obj: Object, value: Any) -> Object:
    """Merge an apply configuration as server-side apply would; what is no list of its own keys stays whole."""
    if not isinstance(value, Message) or value.type_name != "Object":
        raise CelError(f"unsupported return type from ApplyConfiguration expression: {type_name(value)}")
    _check_names(value, "Object")
    kind = attributes.server.fields.type_of(attributes.kind)
    configuration = _plain(value)
    whole = list(_atoms(kind, configuration, ""))
    if whole:
        text = f"may not mutate atomic arrays, maps or structs: {', '.join(whole)}"
        raise CelError(f"invalid ApplyConfiguration: {text}")
    merged: Object = fields.merge(kind, obj, configuration)
    return merged


def _check_names(value: Message, path: str) -> None:
    for field, inner in value.fields.items():
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, Message):
                _check_name(one, f"{path}.{field}")
                _check_names(one, f"{path}.{field}")


def _check_name(value: Message, path: str) -> None:
    if value.type_name != path:
        text = f'unexpected type name "{value.type_name}", expected "{path}", which matches field name path from root'
        raise CelError(f"type mismatch: {text} Object type")


def _atoms(kind: fields.Type, value: Any, path: str) -> Iterator[str]:
    """Yield the paths of lists, maps and structs that can only be replaced whole."""
    if kind.shape == fields.LEAF and isinstance(value, (dict, list)) and path:
        yield path
    elif isinstance(value, dict):
        for field, inner in value.items():
            yield from _atoms(kind.field(field), inner, f"{path}.{field}")
    elif isinstance(value, list):
        for item in value:
            yield from _atoms(kind.item, item, path)


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return {field: _plain(inner) for field, inner in value.fields.items()}
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _patched(attributes: Attributes, obj: Object, value: Any) -> Object:
    """Apply a JSON patch; a test that fails leaves the object as it is."""
    if not isinstance(value, list) or not all(_is_operation(one) for one in value):
        raise CelError("unsupported return type from JSONPatch expression: it must be a list of JSONPatch")
    operations = [_plain(one) for one in value]
    untouched: Object = orjson.loads(orjson.dumps(obj))
    try:
        for operation in operations:
            _make_way(obj, operation)
            obj = jsonpatch.apply(obj, [operation])
    except jsonpatch.PatchError as error:
        if any(one.get("op") == "test" for one in operations) and "testing" in str(error):
            return untouched
        raise
    return obj


def _is_operation(value: Any) -> bool:
    return isinstance(value, Message) and value.type_name == "JSONPatch"


def _make_way(document: Any, operation: Mapping[str, Any]) -> None:
    """An addition makes the maps it needs on its way."""
    if operation.get("op") != "add":
        return
    for step in str(operation.get("path") or "").split("/")[1:-1]:
        if not isinstance(document, dict):
            return
        document = document.setdefault(step.replace("~1", "/").replace("~0", "~"), {})


_PATCHES: Mapping[str, tuple[str, Callable[[Attributes, Object, Any], Object]]] = {
    "ApplyConfiguration": ("applyConfiguration", _applied),
    "JSONPatch": ("jsonPatch", _patched),
}
