"""What kubectl set works on: the pod spec inside a pod or a workload, changed as a copy."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from cluster.kubectl import patching, resources
from cluster.kubectl.command import Session
from cluster.kubectl.errors import CommandError, Several
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import ALL, DRY_RUN, LOCAL, OUTPUT, RECORD, SELECTOR, field_manager, filename
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import dry_run, sayer
from cluster.kubectl.record import recorded
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object

PodSpec = dict[str, Any]
Change = Callable[[Info, PodSpec], None]


def flags(manager: str) -> tuple[Flag, ...]:
    return (*OUTPUT, DRY_RUN, SELECTOR, ALL, LOCAL, RECORD, field_manager(manager),
            *filename("identifying the resource to get from a server."))


def pod_spec(obj: Object) -> PodSpec | None:
    """Return the pod spec in a pod, a workload, a job or a cron job."""
    spec = obj.get("spec") or {}
    if obj.get("kind") == "Pod":
        return spec
    if obj.get("kind") == "CronJob":
        spec = spec.get("jobTemplate", {}).get("spec", {})
    found: PodSpec | None = spec.get("template", {}).get("spec")
    return found


def find(session: Session, words: list[str]) -> resources.Selection:
    given = session.flags
    if given["local"]:
        return resources.find(session, [], files=given["filename"], recursive=given["recursive"], fetch=False)
    return resources.find(
        session, words, selector=given["selector"], everything=given["all"], files=given["filename"],
        kustomize=given["kustomize"], recursive=given["recursive"])


def update(session: Session, words: list[str], change: Change, said: str, *, always: bool = False) -> int:
    """Change the pod spec of every object; say it for those that did change."""
    say = sayer(session)
    selection = find(session, words)
    failures = list(selection.failures)
    for info in selection.infos:
        try:
            if _update_one(session, info, change) or always:
                say(info, said)
        except (StatusError, CommandError) as failure:
            failures.append(failure)
    if failures:
        raise Several(failures)
    return 0


def _update_one(session: Session, info: Info, change: Change) -> bool:
    after = copy.deepcopy(info.object or {})
    spec = pod_spec(after)
    if spec is None:
        raise CommandError(f"{info.mapping.resource}/{info.name} is not a pod or does not have a pod "
                           "template")
    change(info, spec)
    if session.flags["local"] or dry_run(session) == "client":
        _show_empty_creation_time(after)
    if session.flags["local"]:
        info.object = after
        return True
    if after == info.object:
        return bool(session.flags["output"])
    return patching.change(session, info, recorded(session, after), manager=session.flags["field-manager"],
                           dry_run=dry_run(session))


def _show_empty_creation_time(obj: Object) -> None:
    """What is only printed went through Go's types, which write an empty creation time into templates."""
    template = (obj.get("spec") or {}).get("template")
    if isinstance(template, dict):
        template["metadata"] = {"creationTimestamp": None, **(template.get("metadata") or {})}


def every_container(spec: PodSpec) -> list[dict[str, Any]]:
    return [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]


def matches(pattern: str, name: str) -> bool:
    """Return whether a container name fits `*`, `web*` or `web`."""
    if "*" not in pattern:
        return pattern == name
    parts = pattern.split("*")
    return name.startswith(parts[0]) and name.endswith(parts[-1])
