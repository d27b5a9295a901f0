"""What the roles say about a denial, as data to be remembered: rules that nearly match, roles that would do, the least
Role that would allow it, and the commands that make it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cluster.apiserver.authz.chain import asked_of
from cluster.apiserver.authz.explain import BindingView, Explanation, RoleView, explain, smallest_role
from cluster.apiserver.authz.rules import Asked
from cluster.apiserver.request import Request
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

BINDINGS, RULES, ROLES = 12, 3, 8  # how many of each are worth remembering
Data = dict[str, Any]


def explanation(server: ApiServer, request: Request) -> Data:
    """Return the explanation of a request the authorisers denied."""
    asked = asked_of(request) if request.resource else Asked(request.verb, path=request.uri.partition("?")[0])
    found = explain(server, request.user, asked)
    role, binding = smallest_role(request.user, asked)
    return {
        "asked": _asked(asked),
        "bindings": [_binding(one) for one in _nearest(found)],
        "unbound": [{"role": dict(one.role), "rule": dict(one.rule)} for one in _of_people(found.unbound)[:ROLES]],
        "role": role,
        "binding": binding,
        "commands": [_role_command(role), _binding_command(binding)],
    }


def _asked(asked: Asked) -> Data:
    if asked.path:
        return {"verb": asked.verb, "path": asked.path}
    fields = ("verb", "group", "resource", "namespace", "name")
    return {field: getattr(asked, field) for field in fields}


def _nearest(found: Explanation) -> list[BindingView]:
    """Return the bindings that come nearest first; those everybody holds and that say nothing of it come last."""
    views = [*found.bindings, *found.elsewhere]
    return sorted(views, key=lambda view: (not view.nearly, _distance(view), not view.counts))[:BINDINGS]


def _of_people(roles: Sequence[RoleView]) -> Sequence[RoleView]:
    """Return the roles people give to people; those of the cluster's own components only where there are no others."""
    return [one for one in roles if not one.role["name"].startswith("system:")] or roles


def _distance(view: BindingView) -> int:
    return min((len(rule.differs) for rule in view.rules), default=9)


def _binding(view: BindingView) -> Data:
    rules = sorted(view.rules, key=lambda rule: len(rule.differs))[:RULES]
    return {
        "binding": dict(view.binding),
        "role": dict(view.role),
        "subject": dict(view.subject),
        "counts": view.counts,
        "role_exists": view.role_exists,
        "nearly": view.nearly,
        "rules": [{"index": one.index, "rule": dict(one.rule), "differs": list(one.differs)} for one in rules],
        "more": len(view.rules) - len(rules),
    }


def _role_command(role: Object) -> str:
    (rule,) = role["rules"]
    words = ["kubectl create", role["kind"].lower(), role["metadata"]["name"], *_flags("verb", rule["verbs"])]
    for url in rule.get("nonResourceURLs", ()):
        words.append(f"--non-resource-url={url}")
    for resource in rule.get("resources", ()):
        words.append(f"--resource={_typed(resource, rule['apiGroups'][0])}")
    words += _flags("resource-name", rule.get("resourceNames", ()))
    return " ".join([*words, *_namespace(role)])


def _typed(resource: str, group: str) -> str:
    plural, slash, sub = resource.partition("/")
    return f"{plural}.{group}{slash}{sub}" if group else resource


def _binding_command(binding: Object) -> str:
    role, (subject,) = binding["roleRef"], binding["subjects"]
    words = ["kubectl create", binding["kind"].lower(), binding["metadata"]["name"]]
    words.append(f"--{role['kind'].lower()}={role['name']}")
    if subject["kind"] == "ServiceAccount":
        words.append(f"--serviceaccount={subject['namespace']}:{subject['name']}")
    else:
        words.append(f"--{subject['kind'].lower()}={subject['name']}")
    return " ".join([*words, *_namespace(binding)])


def _flags(name: str, values: Sequence[str]) -> list[str]:
    return [f"--{name}={value}" for value in values]


def _namespace(obj: Object) -> list[str]:
    namespace = obj["metadata"].get("namespace")
    return [f"-n {namespace}"] if namespace else []
