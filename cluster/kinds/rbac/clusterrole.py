"""Permissions across namespaces. https://kubernetes.io/docs/reference/access-authn-authz/rbac/"""

from __future__ import annotations

from cluster.kinds.kind import Kind
from cluster.kinds.printing import CREATED_AT, NAME, name_and_creation
from cluster.kinds.rbac.rules import validate_cluster_role

KIND = Kind(
    group="rbac.authorization.k8s.io",
    version="v1",
    kind="ClusterRole",
    plural="clusterroles",
    namespaced=False,
    name_rule="path",
    columns=(NAME, CREATED_AT),
    row=name_and_creation,
    judged_twice=True,
    metadata_checks=3,
    validate=validate_cluster_role,
)
