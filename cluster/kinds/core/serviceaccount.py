"""The identity of processes in pods. https://kubernetes.io/docs/concepts/security/service-accounts/"""

from __future__ import annotations

from cluster.kinds.kind import Kind, Subresource
from cluster.kinds.printing import AGE, NAME, name_and_age

KIND = Kind(
    group="",
    version="v1",
    kind="ServiceAccount",
    plural="serviceaccounts",
    namespaced=True,
    short_names=("sa",),
    subresources=(Subresource("token", "TokenRequest", ("create",), "authentication.k8s.io", "v1"),),
    columns=(NAME, AGE),
    metadata_checks=2,
    row=name_and_age,
)
