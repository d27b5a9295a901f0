"""The kinds that are answered and never stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cluster.apiserver.request import Request, Result
from cluster.apiserver.reviews import access, components, identity, metrics
from cluster.apiserver.subresources import binding
from cluster.kinds.kind import Kind
from cluster.machinery.errors import method_not_supported

Handler = Callable[[Any, Kind, Request], Result]

REVIEWS: Mapping[str, Handler] = {
    "bindings": binding.bind,
    "nodes.metrics.k8s.io": metrics.read,
    "pods.metrics.k8s.io": metrics.read,
    "componentstatuses": components.read,
    "selfsubjectreviews.authentication.k8s.io": identity.of_self,
    "tokenreviews.authentication.k8s.io": identity.of_token,
    "localsubjectaccessreviews.authorization.k8s.io": access.of_subject,
    "selfsubjectaccessreviews.authorization.k8s.io": access.of_self,
    "selfsubjectrulesreviews.authorization.k8s.io": access.rules_of_self,
    "subjectaccessreviews.authorization.k8s.io": access.of_subject,
}


def handler(kind: Kind, request: Request) -> Handler:
    found = REVIEWS.get(kind.resource)
    if found is None or request.verb not in kind.verbs:
        raise method_not_supported(kind.plural, kind.group, request.verb)
    return found
