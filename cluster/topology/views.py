"""The views of the glass: which kinds each shows and which relations join them.

`linked` kinds appear only where something in the view is joined to them: a thousand pods that mount
nothing say nothing about storage.
"""

from __future__ import annotations

from dataclasses import dataclass

_RBAC = ".rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True)
class View:
    """`layout` is how the browser arranges it: `tanks` by machine, or `layers` along the edges."""

    name: str
    layout: str
    resources: tuple[str, ...]
    relations: tuple[str, ...]
    linked: frozenset[str] = frozenset()


VIEWS: dict[str, View] = {
    view.name: view
    for view in (
        View(
            "machine",
            "tanks",
            ("nodes", "pods", "services", "ingresses.networking.k8s.io"),
            ("selects", "calls", "routes"),
        ),
        View(
            "ownership",
            "layers",
            (
                "cronjobs.batch",
                "deployments.apps",
                "daemonsets.apps",
                "statefulsets.apps",
                "replicationcontrollers",
                "horizontalpodautoscalers.autoscaling",
                "replicasets.apps",
                "jobs.batch",
                "pods",
            ),
            ("owns", "targets"),
        ),
        View(
            "traffic",
            "layers",
            ("ingresses.networking.k8s.io", "services", "networkpolicies.networking.k8s.io", "pods"),
            ("routes", "selects", "calls", "guards"),
        ),
        View(
            "storage",
            "layers",
            ("pods", "persistentvolumeclaims", "persistentvolumes", "storageclasses.storage.k8s.io"),
            ("mounts", "bound", "class"),
            frozenset({"pods"}),
        ),
        View("config", "layers", ("pods", "configmaps", "secrets"), ("mounts", "reads"), frozenset({"pods"})),
        View(
            "security",
            "layers",
            ("pods", "serviceaccounts", *(f"{each}{_RBAC}" for each in ("rolebindings", "clusterrolebindings")))
            + tuple(f"{each}{_RBAC}" for each in ("roles", "clusterroles")),
            ("acts-as", "grants", "to"),
            frozenset({f"clusterroles{_RBAC}", f"clusterrolebindings{_RBAC}"}),
        ),
    )
}
