"""The rules a policy server goes by: a YAML file of CEL expressions that a learner writes.

Three lists, each optional; of each, rules are looked at from the first to the last. `when` is a CEL expression
that says whether a rule speaks (without it, it always does); `name` is what the log calls it.

    validate:                       # POST /validate: the first rule that denies decides; warnings add up
    - name: team
      when: request.resource.resource == "pods" && !("team" in object.metadata.?labels.orValue({}))
      deny: a pod needs the label team            # or denyExpression: '"not " + object.metadata.name'
      reason: Forbidden                           # and code: 403; without them a refusal is a 400
    - when: object.spec.containers.exists(c, c.image.endsWith(":latest"))
      warn: "latest moves"
    mutate:                         # POST /mutate: every rule that speaks adds its changes
    - labels: {reviewed: "yes"}                   # and annotations: {...}, made where there are none
    - when: object.spec.replicas > 3
      patch: [{op: replace, path: /spec/replicas, value: 3}]   # or patchExpression: a list of such maps
    authorize:                      # POST /authorize: the first rule that speaks decides; none: no opinion
    - when: user == "eve" && verb == "delete"
      deny: eve deletes nothing
    - when: '"auditors" in groups && verb in ["get", "list", "watch"]'
      allow: auditors may read

Rules of the first two lists see `request`, `object` and `oldObject` of the AdmissionReview; those of `authorize`
see `spec` of the SubjectAccessReview, and from it `user`, `groups`, `verb`, `group`, `resource`, `subresource`,
`namespace`, `name` and `path` ('' where not given).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from cluster.machinery import cel

Data = Mapping[str, Any]
Rule = Mapping[str, Any]

LISTS = ("validate", "mutate", "authorize")
_FIELDS: Mapping[str, frozenset[str]] = {
    "validate": frozenset({"name", "when", "deny", "denyExpression", "reason", "code", "warn"}),
    "mutate": frozenset({"name", "when", "patch", "patchExpression", "labels", "annotations"}),
    "authorize": frozenset({"name", "when", "allow", "deny"}),
}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ATTRIBUTES = ("verb", "group", "resource", "subresource", "namespace", "name", "path")


class BadPolicy(ValueError):
    """A file that holds no rules; the text says where."""


class RuleFailed(Exception):
    """A rule that could not be evaluated."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules came to: the `response` (or `status`) to send, and which rule decided."""

    body: Data
    allowed: bool | None
    rules: tuple[str, ...] = ()
    text: str = ""
    warnings: tuple[str, ...] = field(default=())


@lru_cache(maxsize=64)
def read(text: str) -> Mapping[str, tuple[Rule, ...]]:
    """Return the three lists of a file's text."""
    try:
        found = yaml.load(text, Loader=_LOADER) or {}
    except yaml.YAMLError as error:
        raise BadPolicy(str(error).replace("\n", " ")) from None
    if not isinstance(found, dict):
        raise BadPolicy("a policy is a map of validate, mutate and authorize")
    strange = sorted(set(found) - set(LISTS))
    if strange:
        raise BadPolicy(f'unknown field "{strange[0]}"')
    return {name: tuple(_checked(name, found.get(name) or ())) for name in LISTS}


def _checked(name: str, rules: Any) -> Iterator[Rule]:
    if not isinstance(rules, (list, tuple)):
        raise BadPolicy(f"{name} must be a list of rules")
    for index, rule in enumerate(rules):
        where = f"{name}[{index}]"
        if not isinstance(rule, dict):
            raise BadPolicy(f"{where} must be a map")
        strange = sorted(set(rule) - _FIELDS[name])
        if strange:
            raise BadPolicy(f'{where}: unknown field "{strange[0]}"')
        _compile(where, rule, _names(name))
        yield {"name": f"{where}", **rule}


def _names(name: str) -> tuple[str, ...]:
    return ("spec", "user", "groups", *_ATTRIBUTES) if name == "authorize" else ("request", "object", "oldObject")


def _compile(where: str, rule: Rule, names: tuple[str, ...]) -> None:
    for part in ("when", "denyExpression", "patchExpression"):
        if part in rule:
            try:
                cel.compile(str(rule[part]), dict.fromkeys(names, "dyn"))
            except cel.CompileError as error:
                raise BadPolicy(f"{where}.{part}: {error}") from None


def _value(rule: Rule, part: str, bindings: Data) -> Any:
    try:
        return cel.evaluate(str(rule[part]), bindings)
    except (cel.CelError, cel.CompileError) as error:
        raise RuleFailed(f"rule {rule['name']}: {part}: {error}") from None


def _speaking(rules: tuple[Rule, ...], bindings: Data) -> Iterator[Rule]:
    for rule in rules:
        if "when" not in rule or _value(rule, "when", bindings) is True:
            yield rule


def _admission(request: Data) -> Data:
    return {"request": request, "object": request.get("object"), "oldObject": request.get("oldObject")}


def validate(rules: tuple[Rule, ...], request: Data) -> Verdict:
    """Judge an admission request."""
    bindings, warnings = _admission(request), []
    for rule in _speaking(rules, bindings):
        if "warn" in rule:
            warnings.append(str(rule["warn"]))
        if "deny" in rule or "denyExpression" in rule:
            why = str(_value(rule, "denyExpression", bindings) if "denyExpression" in rule else rule["deny"])
            status = {"metadata": {}, "message": why, **{key: rule[key] for key in ("reason", "code") if key in rule}}
            body = {"allowed": False, "status": status, **({"warnings": warnings} if warnings else {})}
            return Verdict(body, False, (rule["name"],), why)
    return Verdict({"allowed": True, **({"warnings": warnings} if warnings else {})}, True)


def mutate(rules: tuple[Rule, ...], request: Data) -> Verdict:
    """Return the changes to an admission request's object."""
    bindings = _admission(request)
    operations: list[Data] = []
    names: list[str] = []
    shown: dict[str, Any] = {key: dict(_metadata(request).get(key) or {}) for key in ("labels", "annotations")}
    for rule in _speaking(rules, bindings):
        names.append(str(rule["name"]))
        for key, known in shown.items():
            operations += _merged(key, known, rule.get(key) or {})
        operations += list(rule.get("patch") or ())
        if "patchExpression" in rule:
            operations += list(_value(rule, "patchExpression", bindings))
    if not operations:
        return Verdict({"allowed": True}, True)
    patch = base64.b64encode(json.dumps(operations).encode()).decode()
    return Verdict({"allowed": True, "patchType": "JSONPatch", "patch": patch}, True, tuple(names))


def _metadata(request: Data) -> Data:
    return (request.get("object") or {}).get("metadata") or {}


def _merged(key: str, known: dict[str, Any], added: Data) -> Iterator[dict[str, Any]]:
    for name, value in added.items():
        escaped = str(name).replace("~", "~0").replace("/", "~1")
        if known:
            yield {"op": "add", "path": f"/metadata/{key}/{escaped}", "value": str(value)}
        else:
            yield {"op": "add", "path": f"/metadata/{key}", "value": {str(name): str(value)}}
        known[str(name)] = str(value)


def authorize(rules: tuple[Rule, ...], spec: Data) -> Verdict:
    """Answer a SubjectAccessReview."""
    attributes = spec.get("resourceAttributes") or spec.get("nonResourceAttributes") or {}
    groups = list(spec.get("groups") or spec.get("group") or ())
    bindings = {"spec": spec, "user": spec.get("user", ""), "groups": groups}
    bindings |= {name: attributes.get(name, "") for name in _ATTRIBUTES}
    for rule in _speaking(rules, bindings):
        for word in ("deny", "allow"):
            if rule.get(word):
                why = "" if rule[word] is True else str(rule[word])
                body = {"allowed": word == "allow", "denied": word == "deny", "reason": why}
                return Verdict(body, word == "allow", (rule["name"],), why)
    return Verdict({"allowed": False}, None)
