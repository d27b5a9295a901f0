"""The authorizer: `authorizer.group("").resource("pods").namespace("x").check("create").allowed()`.

Whoever evaluates binds `authorizer` to an `Authorizer` that can ask; this only builds the question.
https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from cluster.machinery.cel.signatures import library
from cluster.machinery.cel.values import Opaque


@dataclass(frozen=True, slots=True)
class Question:
    """What `check` asks. `account` is (namespace, name) of a service account asked for in place of the requester."""

    verb: str = ""
    path: str = ""
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    account: tuple[str, str] | None = None


Decide = Callable[[Question], tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class _Asking(Opaque):
    decide: Decide
    question: Question = field(default_factory=Question)


@dataclass(frozen=True, slots=True)
class Authorizer(_Asking):
    TYPE: ClassVar[str] = "kubernetes.authorization.Authorizer"


@dataclass(frozen=True, slots=True)
class PathCheck(_Asking):
    TYPE: ClassVar[str] = "kubernetes.authorization.PathCheck"


@dataclass(frozen=True, slots=True)
class GroupCheck(_Asking):
    TYPE: ClassVar[str] = "kubernetes.authorization.GroupCheck"


@dataclass(frozen=True, slots=True)
class ResourceCheck(_Asking):
    TYPE: ClassVar[str] = "kubernetes.authorization.ResourceCheck"


@dataclass(frozen=True, slots=True)
class Decision(Opaque):
    TYPE: ClassVar[str] = "kubernetes.authorization.Decision"
    allowed: bool
    reason: str


def _with(type_: Callable[[Decide, Question], _Asking], part: str) -> Callable[[_Asking, str], _Asking]:
    def more(asking: _Asking, value: str) -> _Asking:
        changes: dict[str, Any] = {part: value}
        return type_(asking.decide, replace(asking.question, **changes))

    return more


def _account(asking: _Asking, namespace: str, name: str) -> Authorizer:
    return Authorizer(asking.decide, replace(asking.question, account=(namespace, name)))


def _check(asking: _Asking, verb: str) -> Decision:
    return Decision(*asking.decide(replace(asking.question, verb=verb)))


AUTHORIZER = library(
    [
        ("Authorizer.path(string) PathCheck", _with(PathCheck, "path")),
        ("Authorizer.group(string) GroupCheck", _with(GroupCheck, "group")),
        ("Authorizer.serviceAccount(string, string) Authorizer", _account),
        ("GroupCheck.resource(string) ResourceCheck", _with(ResourceCheck, "resource")),
        ("ResourceCheck.subresource(string) ResourceCheck", _with(ResourceCheck, "subresource")),
        ("ResourceCheck.namespace(string) ResourceCheck", _with(ResourceCheck, "namespace")),
        ("ResourceCheck.name(string) ResourceCheck", _with(ResourceCheck, "name")),
        ("ResourceCheck.fieldSelector(string) ResourceCheck", lambda asking, selector: asking),
        ("ResourceCheck.labelSelector(string) ResourceCheck", lambda asking, selector: asking),
        ("PathCheck.check(string) Decision; ResourceCheck.check(string) Decision", _check),
        ("Decision.errored() bool", lambda decision: False),
        ("Decision.error() string", lambda decision: ""),
        ("Decision.allowed() bool", lambda decision: decision.allowed),
        ("Decision.reason() string", lambda decision: decision.reason),
    ]
)
