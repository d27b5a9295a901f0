"""Gives a role to subjects within a namespace. https://kubernetes.io/docs/reference/access-authn-authz/rbac/"""

from __future__ import annotations

from cluster.kinds.kind import Kind
from cluster.kinds.rbac.bindings import COLUMNS, default, row
from cluster.kinds.rbac.rules import update_role_binding, validate_role_binding

KIND = Kind(
    group="rbac.authorization.k8s.io",
    version="v1",
    kind="RoleBinding",
    plural="rolebindings",
    namespaced=True,
    name_rule="path",
    columns=COLUMNS,
    row=row,
    default=default,
    judged_twice=True,
    metadata_checks=3,
    validate=validate_role_binding,
    validate_update=update_role_binding,
)
