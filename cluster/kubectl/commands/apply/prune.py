"""apply --prune: delete what apply made before, matches the selector and is no longer in the files."""

from __future__ import annotations

from collections.abc import Sequence

from cluster.kubectl import resources
from cluster.kubectl.command import Session
from cluster.kubectl.discovery import Mapping
from cluster.kubectl.errors import CommandError
from cluster.kubectl.lastapplied import ANNOTATION
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import Say, dry_run
from cluster.machinery.meta import annotations as annotations_of, is_deleting, uid

DEFAULT = (
    "core/v1/ConfigMap",
    "core/v1/Endpoints",
    "core/v1/PersistentVolumeClaim",
    "core/v1/Pod",
    "core/v1/ReplicationController",
    "core/v1/Secret",
    "core/v1/Service",
    "batch/v1/Job",
    "batch/v1/CronJob",
    "networking.k8s.io/v1/Ingress",
    "apps/v1/DaemonSet",
    "apps/v1/Deployment",
    "apps/v1/ReplicaSet",
    "apps/v1/StatefulSet",
)
CLUSTER_WIDE = ("core/v1/Namespace", "core/v1/PersistentVolume")


def prune(session: Session, applied: Sequence[Info], say: Say) -> None:
    kept = {uid(info.object or {}) for info in applied}
    namespaces = {info.namespace for info in applied if info.namespace} or {session.namespace}
    for mapping in _types(session):
        for where in sorted(namespaces) if mapping.namespaced else [""]:
            _prune_type(session, mapping, where, kept, say)


def _types(session: Session) -> list[Mapping]:
    given = session.flags["prune-allowlist"]
    default = DEFAULT if session.enforces_namespace else (*DEFAULT, *CLUSTER_WIDE)
    return [_mapping(session, text) for text in given or default]


def _mapping(session: Session, text: str) -> Mapping:
    parts = text.split("/")
    if len(parts) != 3:
        raise CommandError(f"invalid GroupVersionKind format: {text}, please follow <group/version/kind>")
    group, version, kind = parts
    found = session.discovery.kind(version if group == "core" else f"{group}/{version}", kind)
    if found is None:
        raise CommandError(f'no matches for kind "{kind}" in version "{group}/{version}"')
    return found


def _prune_type(session: Session, mapping: Mapping, where: str, kept: set[str], say: Say) -> None:
    listed = session.send("list", mapping, namespace=where, label_selector=session.flags["selector"])
    for item in listed["items"]:
        if ANNOTATION not in annotations_of(item) or uid(item) in kept or is_deleting(item):
            continue
        info = resources.as_info(mapping, item)
        if dry_run(session) == "none":
            session.send(
                "delete",
                mapping,
                name=info.name,
                namespace=info.namespace,
                body={"propagationPolicy": session.flags["cascade"].capitalize()},
            )
        say(info, "pruned")
