"""Rows of rbac.authorization.k8s.io."""

from __future__ import annotations

from cluster.models.base import KubeObject


class ClusterRoleBinding(KubeObject):
    RESOURCE = "clusterrolebindings.rbac.authorization.k8s.io"


class ClusterRole(KubeObject):
    RESOURCE = "clusterroles.rbac.authorization.k8s.io"


class RoleBinding(KubeObject):
    RESOURCE = "rolebindings.rbac.authorization.k8s.io"


class Role(KubeObject):
    RESOURCE = "roles.rbac.authorization.k8s.io"
