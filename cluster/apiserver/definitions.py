"""The life of a CustomResourceDefinition: its names are accepted, it is established, and in the end it is cleaned up.

In the real server three controllers of apiextensions-apiserver write these conditions a moment later; here a new
definition is settled with the request that makes it, and the controllers take over from there.
https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cluster.apiserver.custom import DEFINITIONS, ESTABLISHED, TERMINATING, CustomKind
from cluster.apiserver.request import Request
from cluster.kinds.kind import Kind
from cluster.machinery.conditions import Condition, is_true, of, replaced
from cluster.machinery.errors import StatusError, method_not_supported
from cluster.machinery.meta import Object, name

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
_ACCEPTED = "NamesAccepted"


def condition(type_: str, status: bool, reason: str, message: str, now: str) -> Condition:
    return {
        "type": type_,
        "status": "True" if status else "False",
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }


def settled(definition: Object, others: Iterable[Object], now: str) -> Object:
    """Return the status of a definition: which names it has, beside `others` of its group, and whether it is served."""
    status = dict(definition.get("status") or {})
    accepted, problem = _names(definition, list(others))
    names = condition(_ACCEPTED, not problem, *(problem or ("NoConflicts", "no conflicts found")), now)
    conditions = replaced(list(status.get("conditions") or ()), names)
    if not problem and not is_true(definition, ESTABLISHED):
        text = "the initial names have been accepted"
        conditions = replaced(conditions, condition(ESTABLISHED, True, "InitialNamesAccepted", text, now))
    elif of(definition, ESTABLISHED) is None:
        text = "not all names are accepted"
        conditions = replaced(conditions, condition(ESTABLISHED, False, "NotAccepted", text, now))
    return {**status, "conditions": conditions, "acceptedNames": accepted}


def _names(definition: Object, others: Sequence[Object]) -> tuple[dict[str, Any], tuple[str, str] | None]:
    """Return the names a definition may have, and (reason, message) of the last conflict."""
    wanted = definition["spec"]["names"]
    accepted = dict((definition.get("status") or {}).get("acceptedNames") or {})
    resources, kinds = set(_taken(others, "plural", "singular")), set(_taken(others, "kind", "listKind"))
    resources |= {short for other in others for short in _accepted(other).get("shortNames") or ()}
    problem: tuple[str, str] | None = None
    for field, reason, taken in (
        ("plural", "PluralConflict", resources),
        ("singular", "SingularConflict", resources),
        ("shortNames", "ShortNamesConflict", resources),
        ("kind", "KindConflict", kinds),
        ("listKind", "ListKindConflict", kinds),
    ):
        asked = wanted.get(field)
        used = [one for one in ([asked] if isinstance(asked, str) else asked or ()) if one in taken]
        if used and asked != accepted.get(field):
            shown = [f'"{one}" is already in use' for one in used]
            problem = reason, shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"
        else:
            accepted[field] = asked
    accepted["categories"] = wanted.get("categories")
    return {field: value for field, value in accepted.items() if value or field in ("plural", "kind")}, problem


def _accepted(definition: Object) -> dict[str, Any]:
    return (definition.get("status") or {}).get("acceptedNames") or {}


def _taken(others: Sequence[Object], *fields: str) -> Iterator[str]:
    for other in others:
        yield from (value for field in fields if (value := _accepted(other).get(field)))


def rivals(definitions: Iterable[Object], definition: Object) -> list[Object]:
    """Return the other definitions of the same group."""
    group = definition["spec"]["group"]
    return [one for one in definitions if one["spec"]["group"] == group and name(one) != name(definition)]


def establish(server: ApiServer, kind: Kind, request: Request, definition: Object) -> Object:
    """Settle a definition that was just made."""
    status = settled(definition, rivals(server.store.list(DEFINITIONS), definition), server.now())
    return server.write(kind, {**definition, "status": status}, request)


def begin_removal(definition: Object, now: str) -> Object:
    """Return a definition on its way out: it waits for its objects to be gone."""
    status = dict(definition.get("status") or {})
    text = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"
    pending = condition(TERMINATING, True, "InstanceDeletionPending", text, now)
    return {**definition, "status": {**status, "conditions": replaced(list(status.get("conditions") or ()), pending)}}


def refuse_creation(kind: Kind) -> None:
    """Raise 405 for a new object of a kind whose definition is terminating."""
    if isinstance(kind, CustomKind) and kind.terminating:
        error = method_not_supported(kind.plural, kind.group, "create")
        text = "create not allowed while custom resource definition is terminating"
        raise StatusError(405, error.reason, text, error.details)
