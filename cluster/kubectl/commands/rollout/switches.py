"""kubectl rollout pause, resume and restart."""

from __future__ import annotations

import copy
from collections.abc import Callable

from cluster.kubectl import patching
from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.rollout import history
from cluster.kubectl.errors import CommandError, Several
from cluster.kubectl.flagsets import OUTPUT, SELECTOR, field_manager, filename
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import sayer
from cluster.machinery.clock import timestamp
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object

RESTARTED = "kubectl.kubernetes.io/restartedAt"


def _each(session: Session, change: Callable[[Session, Info, Object], Object], said: str) -> int:
    selection = history.targets(session)
    failures = list(selection.failures)
    say = sayer(session)
    if not selection.infos and not failures:
        session.err(f"No resources found in {session.namespace} namespace.\n")
    for info in selection.infos:
        try:
            after = change(session, info, copy.deepcopy(info.object or {}))
            patching.change(session, info, after, manager=session.flags["field-manager"])
            say(info, said)
        except (StatusError, CommandError) as failure:
            failures.append(failure)
    if failures:
        raise Several(failures)
    return 0


def _only_deployments(info: Info, verb: str) -> None:
    if info.mapping.kind.kind != "Deployment":
        raise CommandError(f"{info.mapping.resource} \"{info.name}\" {verb} is not supported")


def _pause(session: Session, info: Info, obj: Object) -> Object:
    _only_deployments(info, "pausing")
    if obj["spec"].get("paused"):
        raise CommandError(f'{info.mapping.resource} "{info.name}" is already paused')
    obj["spec"]["paused"] = True
    return obj


def _resume(session: Session, info: Info, obj: Object) -> Object:
    _only_deployments(info, "resuming")
    if not obj["spec"].get("paused"):
        raise CommandError(f'{info.mapping.resource} "{info.name}" is not paused')
    del obj["spec"]["paused"]
    return obj


def _restart(session: Session, info: Info, obj: Object) -> Object:
    if info.mapping.kind.kind not in history.SUPPORTED:
        raise CommandError(f"{info.mapping.resource} \"{info.name}\" restarting is not supported")
    if obj["spec"].get("paused"):
        raise CommandError(f"{info.mapping.resource} \"{info.name}\" can't restart paused deployment (run rollout "
                           f"resume "
                           "first)")
    meta = obj["spec"]["template"].setdefault("metadata", {})
    meta["annotations"] = {**(meta.get("annotations") or {}), RESTARTED: timestamp(session.now())}
    return obj


_FLAGS = (*OUTPUT, SELECTOR, field_manager("kubectl-rollout"),
          *filename("identifying the resource to get from a server."))

PAUSE = Command(
    name="pause", short="Mark the provided resource as paused", usage="pause RESOURCE", flags=_FLAGS,
    run=lambda session: _each(session, _pause, "paused"),
    long="Mark the provided resource as paused.\n\n Paused resources will not be reconciled by a controller. Use "
         "\"kubectl rollout resume\" to resume a paused resource. Currently only deployments support being paused.",
    examples="# Hold the rollout of a deployment\nkubectl rollout pause deployment/web")
RESUME = Command(
    name="resume", short="Resume a paused resource", usage="resume RESOURCE", flags=_FLAGS,
    run=lambda session: _each(session, _resume, "resumed"),
    long="Resume a paused resource.\n\n Paused resources will not be reconciled by a controller. By resuming a "
         "resource, "
         "we allow it to be reconciled again.",
    examples="# Go on with it\nkubectl rollout resume deployment/web")
RESTART = Command(
    name="restart", short="Restart a resource", usage="restart RESOURCE", flags=_FLAGS,
    run=lambda session: _each(session, _restart, "restarted"),
    long="Restart a resource.\n\n Resource rollout will be restarted.",
    examples="# New pods for a deployment, one after the other\nkubectl rollout restart deployment/web")
