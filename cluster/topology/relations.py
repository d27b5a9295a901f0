"""Which objects belong together, and why: the declared table of the picture's edges.

A `Naming` reads the other end's name from one object alone (an owner reference, a volume). A `Matching`
compares a fact of one object with a fact of another (a selector with labels). `calls` is no API relation:
it is what a pod's settings, or its image, say about the services it talks to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cluster.kinds.registry import REGISTRY
from cluster.machinery.labels import from_label_selector, from_map
from cluster.machinery.meta import Object, labels, meta, name, namespace
from cluster.topology.graph import node_id
from cluster.topology.reach import hosts_named_by


@dataclass(frozen=True, slots=True)
class Naming:
    """`names(obj)` yields the ids of the other ends; `inward` turns the edge round (owner → owned)."""

    kind: str
    source: tuple[str, ...]  # resources; empty: all
    names: Callable[[Object], Iterable[str]]
    inward: bool = False


@dataclass(frozen=True, slots=True)
class Matching:
    """Edge from source to target in one namespace when `fits(of_source, of_target)`."""

    kind: str
    source: str
    target: str
    of_source: Callable[[Object], Any]
    of_target: Callable[[Object], Any]
    fits: Callable[[Any, Any], bool]


def owner_id(obj: Object) -> str:
    """Return the node of the owner that controls `obj`, or an empty text."""
    return next((owner for owner in _owners(obj)), "")


def _owners(obj: Object) -> Iterable[str]:
    for owner in meta(obj).get("ownerReferences") or ():
        group, _, _ = str(owner.get("apiVersion", "")).rpartition("/")
        kind = _KINDS.get((group, str(owner.get("kind"))))
        if kind is not None:
            yield node_id(kind.key, namespace(obj) if kind.namespaced else "", str(owner.get("name")))


_KINDS = {(kind.group, kind.kind): kind for kind in REGISTRY}


def _machine(pod: Object) -> Iterable[str]:
    placed = pod.get("spec", {}).get("nodeName")
    return [node_id("nodes", "", placed)] if placed else []


def _volumes(pod: Object) -> Iterable[Mapping[str, Any]]:
    volumes = pod.get("spec", {}).get("volumes") or ()
    for volume in volumes:
        yield volume
        yield from (volume.get("projected") or {}).get("sources") or ()


def _claims(pod: Object) -> Iterable[str]:
    for volume in _volumes(pod):
        claim = volume.get("persistentVolumeClaim")
        if claim:
            yield node_id("persistentvolumeclaims", namespace(pod), str(claim.get("claimName")))


def _settings(pod: Object) -> Iterable[str]:
    where = namespace(pod)
    for volume in _volumes(pod):
        if (volume.get("configMap") or {}).get("name"):
            yield node_id("configmaps", where, volume["configMap"]["name"])
        secret = volume.get("secret") or {}
        if secret.get("secretName") or secret.get("name"):
            yield node_id("secrets", where, secret.get("secretName") or secret["name"])


def _environment(pod: Object) -> Iterable[str]:
    for container in _containers(pod):
        for source in container.get("envFrom") or ():
            yield from _references(pod, source.get("configMapRef"), source.get("secretRef"))
        for variable in container.get("env") or ():
            source = variable.get("valueFrom") or {}
            yield from _references(pod, source.get("configMapKeyRef"), source.get("secretKeyRef"))


def _containers(pod: Object) -> list[Mapping[str, Any]]:
    spec = pod.get("spec", {})
    return [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]


def _references(pod: Object, config: Any, secret: Any) -> Iterable[str]:
    if config and config.get("name"):
        yield node_id("configmaps", namespace(pod), config["name"])
    if secret and secret.get("name"):
        yield node_id("secrets", namespace(pod), secret["name"])


def _account(pod: Object) -> Iterable[str]:
    account = pod.get("spec", {}).get("serviceAccountName")
    return [node_id("serviceaccounts", namespace(pod), account)] if account else []


def _backends(ingress: Object) -> Iterable[str]:
    spec = ingress.get("spec", {})
    paths = [path for rule in spec.get("rules") or () for path in (rule.get("http") or {}).get("paths") or ()]
    for backend in [spec.get("defaultBackend") or {}, *(path.get("backend") or {} for path in paths)]:
        if backend.get("service"):
            yield node_id("services", namespace(ingress), str(backend["service"].get("name")))


def _volume_of_claim(claim: Object) -> Iterable[str]:
    volume = claim.get("spec", {}).get("volumeName")
    return [node_id("persistentvolumes", "", volume)] if volume else []


def _storage_class(obj: Object) -> Iterable[str]:
    named = obj.get("spec", {}).get("storageClassName")
    return [node_id("storageclasses.storage.k8s.io", "", named)] if named else []


def _scaled(autoscaler: Object) -> Iterable[str]:
    target = autoscaler.get("spec", {}).get("scaleTargetRef") or {}
    group, _, _ = str(target.get("apiVersion", "")).rpartition("/")
    kind = _KINDS.get((group, str(target.get("kind"))))
    return [node_id(kind.key, namespace(autoscaler), str(target.get("name")))] if kind else []


def _granted(binding: Object) -> Iterable[str]:
    role = binding.get("roleRef") or {}
    if role.get("kind") == "Role":
        yield node_id("roles.rbac.authorization.k8s.io", namespace(binding), str(role.get("name")))
    elif role:
        yield node_id("clusterroles.rbac.authorization.k8s.io", "", str(role.get("name")))


def _subjects(binding: Object) -> Iterable[str]:
    for subject in binding.get("subjects") or ():
        if subject.get("kind") == "ServiceAccount":
            where = subject.get("namespace") or namespace(binding)
            yield node_id("serviceaccounts", where, str(subject.get("name")))


def _plain_selector(service: Object) -> Any:
    return from_map(service["spec"]["selector"]) if service.get("spec", {}).get("selector") else None


def _pod_selector(policy: Object) -> Any:
    return from_label_selector(policy.get("spec", {}).get("podSelector") or {})


def _selects(selector: Any, carried: Any) -> bool:
    return selector is not None and bool(selector.matches(carried))


_BINDINGS = ("rolebindings.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io")

RELATIONS: tuple[Naming | Matching, ...] = (
    Naming("owns", (), _owners, inward=True),
    Naming("runs-on", ("pods",), _machine),
    Naming("mounts", ("pods",), _claims),
    Naming("mounts", ("pods",), _settings),
    Naming("reads", ("pods",), _environment),
    Naming("acts-as", ("pods",), _account),
    Naming("routes", ("ingresses.networking.k8s.io",), _backends),
    Naming("bound", ("persistentvolumeclaims",), _volume_of_claim),
    Naming("class", ("persistentvolumeclaims", "persistentvolumes"), _storage_class),
    Naming("targets", ("horizontalpodautoscalers.autoscaling",), _scaled),
    Naming("grants", _BINDINGS, _granted),
    Naming("to", _BINDINGS, _subjects, inward=True),
    Matching("selects", "services", "pods", _plain_selector, labels, _selects),
    Matching("guards", "networkpolicies.networking.k8s.io", "pods", _pod_selector, labels, _selects),
    Matching("calls", "pods", "services", hosts_named_by, name, lambda hosts, service: service in hosts),
)
