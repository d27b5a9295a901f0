"""Short manifests for tests of kinds, and what a kind finds wrong with them."""

from __future__ import annotations

from typing import Any

from cluster.kinds import wire
from cluster.kinds.kind import Kind
from cluster.kinds.registry import REGISTRY

Object = dict[str, Any]


def kind(name: str, group: str = "") -> Kind:
    found = REGISTRY.by_kind(group, name)
    assert found is not None
    return found


def container(name: str = "c", image: str = "nginx:1.27", **fields: Any) -> Object:
    return {"name": name, "image": image, **fields}


def pod(name: str = "web", *containers: Object, **spec: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"containers": list(containers) or [container()], **spec},
    }


def workload(name: str = "web", labels: Object | None = None, template: Object | None = None, **spec: Any) -> Object:
    """Return a Deployment; `spec` may replace any part of it."""
    labels = labels or {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": template or {"metadata": {"labels": labels}, "spec": {"containers": [container()]}},
            **spec,
        },
    }


def service(name: str = "web", **spec: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80}], **spec},
    }


def stored(obj: Object) -> Object:
    """Return `obj` as a create would store it, apart from what the server adds."""
    group, _, version = obj["apiVersion"].rpartition("/")
    its = kind(obj["kind"], group)
    draft = wire.normalise(group, version, its.kind, obj)
    its.default(draft)
    its.prepare_create(draft)
    draft["metadata"].setdefault("uid", "9f2b7c1e-0000-4000-8000-000000000000")
    its.finish_create(draft)
    return draft


def problems(obj: Object) -> list[str]:
    """Return what is wrong with creating `obj`, as text."""
    draft = stored(obj)
    its = kind(draft["kind"], draft["apiVersion"].rpartition("/")[0])
    return [str(error) for error in its.validate(draft)]


def change_problems(new: Object, old: Object) -> list[str]:
    its = kind(new["kind"], new["apiVersion"].rpartition("/")[0])
    return [str(error) for error in its.update_errors(new, old)]
