"""What RoleBindings and ClusterRoleBindings share: their row and their defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column
from cluster.kinds.printing import AGE, NAME, age, wide
from cluster.machinery.meta import Object, name

GROUP = "rbac.authorization.k8s.io"

COLUMNS = (
    NAME,
    Column("Role", about="roleRef"),
    AGE,
    wide("Users", text="Users in the roleBinding"),
    wide("Groups", text="Groups in the roleBinding"),
    wide("ServiceAccounts", text="ServiceAccounts in the roleBinding"),
)


def default(draft: Object) -> None:
    role = draft.setdefault("roleRef", {})
    if not role.get("apiGroup"):
        role["apiGroup"] = GROUP
    for subject in draft.get("subjects") or ():
        if not subject.get("apiGroup") and subject.get("kind") in ("User", "Group"):
            subject["apiGroup"] = GROUP


def _subjects(obj: Object, kind: str) -> str:
    found = [subject for subject in obj.get("subjects") or () if subject.get("kind") == kind]
    if kind == "ServiceAccount":
        return ", ".join(f"{subject.get('namespace', '')}/{subject.get('name', '')}" for subject in found)
    return ", ".join(subject.get("name", "") for subject in found)


def row(obj: Object, now: float) -> Sequence[Any]:
    role = obj.get("roleRef") or {}
    return (
        name(obj),
        f"{role.get('kind', '')}/{role.get('name', '')}",
        age(obj, now),
        *(_subjects(obj, kind) for kind in ("User", "Group", "ServiceAccount")),
    )
