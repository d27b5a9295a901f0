"""The claim each pod of a workload gets."""

from __future__ import annotations

from cluster.kinds.kind import Kind
from cluster.kinds.printing import AGE, NAME, name_and_age
from cluster.kinds.resource.requests import default_claim_spec
from cluster.machinery.meta import Object


def default(draft: Object) -> None:
    template = draft.setdefault("spec", {})
    template.setdefault("metadata", {})
    default_claim_spec(template.setdefault("spec", {}))


KIND = Kind(
    group="resource.k8s.io",
    version="v1",
    kind="ResourceClaimTemplate",
    plural="resourceclaimtemplates",
    namespaced=True,
    columns=(NAME, AGE),
    row=name_and_age,
    default=default,
)
