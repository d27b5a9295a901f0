"""How many pods a voluntary disruption may take. https://kubernetes.io/docs/tasks/run-application/configure-pdb/"""

from __future__ import annotations

from cluster.kinds.kind import Kind, status_subresource

KIND = Kind(
    group="policy",
    version="v1",
    kind="PodDisruptionBudget",
    plural="poddisruptionbudgets",
    namespaced=True,
    short_names=("pdb",),
    subresources=(status_subresource("PodDisruptionBudget"),),
    has_status=True,
    has_generation=True,
    name_rule="path",
)
