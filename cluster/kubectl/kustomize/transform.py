"""What a kustomization does to all its resources: namespace, names, labels, annotations, images, replicas."""

from __future__ import annotations

from typing import Any

from cluster.kinds.registry import REGISTRY
from cluster.kubectl.kustomize import references
from cluster.kubectl.kustomize.resource import Resource

SELECTOR_IN_LABELS = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")
SCALED = ("Deployment", "ReplicaSet", "StatefulSet", "ReplicationController")
UNPREFIXED = ("CustomResourceDefinition", "APIService", "Namespace")


def apply(kustomization: dict[str, Any], found: list[Resource]) -> None:
    """Do everything the kustomization asks for, in kustomize's order."""
    for resource in found:
        _namespace(resource, kustomization.get("namespace"))
        _rename(resource, kustomization.get("namePrefix") or "", kustomization.get("nameSuffix") or "")
        _labels(resource, kustomization)
        _annotations(resource, kustomization.get("commonAnnotations") or {})
        for given in kustomization.get("replicas") or ():
            if resource.kind in SCALED and given.get("name") in resource.names():
                resource.data.setdefault("spec", {})["replicas"] = given.get("count")
        for given in kustomization.get("images") or ():
            _image(resource, given)
    references.update(found)


def _namespace(resource: Resource, namespace: str | None) -> None:
    if not namespace:
        return
    group = str(resource.data.get("apiVersion", "")).rpartition("/")[0]
    kind = REGISTRY.by_kind(group, resource.kind)
    if kind is None or kind.namespaced:
        resource.data.setdefault("metadata", {})["namespace"] = namespace
    if resource.kind in ("RoleBinding", "ClusterRoleBinding"):
        for subject in resource.data.get("subjects") or ():
            if subject.get("kind") == "ServiceAccount" and subject.get("name") == "default":
                subject["namespace"] = namespace


def _rename(resource: Resource, prefix: str, suffix: str) -> None:
    if (prefix or suffix) and resource.kind not in UNPREFIXED:
        resource.rename(f"{prefix}{resource.name}{suffix}")


def _labels(resource: Resource, kustomization: dict[str, Any]) -> None:
    common = kustomization.get("commonLabels") or {}
    if common:
        _label(resource, common, selectors=True, templates=True)
    for given in kustomization.get("labels") or ():
        selectors = bool(given.get("includeSelectors"))
        _label(resource, given.get("pairs") or {}, selectors, selectors or bool(given.get("includeTemplates")))


def _label(resource: Resource, pairs: dict[str, str], selectors: bool, templates: bool) -> None:
    data = resource.data
    _add(data.setdefault("metadata", {}), "labels", pairs)
    spec = data.get("spec")
    if not isinstance(spec, dict):
        return
    if templates:
        for template in _templates(spec):
            _add(template.setdefault("metadata", {}), "labels", pairs)
    if selectors and resource.kind in SELECTOR_IN_LABELS:
        _add(spec.setdefault("selector", {}), "matchLabels", pairs)
    elif selectors and resource.kind in ("Service", "ReplicationController") and spec.get("selector"):
        _add(spec, "selector", pairs)


def _templates(spec: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    job = spec.get("jobTemplate")
    if isinstance(job, dict):
        found += [job, *_templates(job.get("spec") or {})]
    if isinstance(spec.get("template"), dict):
        found.append(spec["template"])
    return found


def _annotations(resource: Resource, pairs: dict[str, str]) -> None:
    if not pairs:
        return
    _add(resource.data.setdefault("metadata", {}), "annotations", pairs)
    spec = resource.data.get("spec")
    for template in _templates(spec) if isinstance(spec, dict) else ():
        _add(template.setdefault("metadata", {}), "annotations", pairs)


def _add(holder: dict[str, Any], field: str, pairs: dict[str, str]) -> None:
    holder[field] = {**(holder.get(field) or {}), **pairs}


def _image(resource: Resource, given: dict[str, Any]) -> None:
    spec = references.pod_spec(resource) or {}
    for field in ("containers", "initContainers", "ephemeralContainers"):
        for container in spec.get(field) or ():
            name, tag, digest = split_image(str(container.get("image", "")))
            if name != given.get("name"):
                continue
            name = given.get("newName") or name
            if given.get("digest"):
                container["image"] = f"{name}@{given['digest']}"
            elif given.get("newTag"):
                container["image"] = f"{name}:{given['newTag']}"
            else:
                container["image"] = name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def split_image(image: str) -> tuple[str, str, str]:
    """Return (name, tag, digest) of an image reference."""
    rest, _, digest = image.partition("@")
    before, colon, tag = rest.rpartition(":")
    if colon and "/" not in tag:
        return before, tag, digest
    return rest, "", digest
