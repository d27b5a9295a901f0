"""kubectl scale."""

from __future__ import annotations

from cluster.kubectl import resources
from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.create.generator import require
from cluster.kubectl.errors import CommandError, Several
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import ALL, DRY_RUN, OUTPUT, RECORD, SELECTOR, filename
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import dry_run, sayer
from cluster.kubectl.record import ANNOTATION as CHANGE_CAUSE, command_line
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, resource_version


def run(session: Session) -> int:
    flags = session.flags
    require(session, "replicas")
    if flags["replicas"] < 0:
        raise CommandError("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0")
    if flags["current-replicas"] < -1:
        raise CommandError("The --current-replicas must specify an integer of -1 or greater")
    say = sayer(session)
    selection = resources.find(
        session, session.args, selector=flags["selector"], everything=flags["all"], files=flags["filename"],
        kustomize=flags["kustomize"], recursive=flags["recursive"])
    failures = list(selection.failures)
    if not selection.infos:
        raise CommandError("no objects passed to scale" + (f" {failures[0]}" if failures else ""))
    for info in selection.infos:
        try:
            _scale_one(session, info)
            say(info, "scaled")
        except (StatusError, CommandError) as failure:
            failures.append(failure)
    if failures:
        raise Several(failures)
    return 0


def _scale_one(session: Session, info: Info) -> None:
    flags = session.flags
    if not any(sub.name == "scale" for sub in info.mapping.kind.subresources):
        raise StatusError(404, "NotFound", "the server could not find the requested resource")
    _check_preconditions(session, info)
    mode = dry_run(session)
    if mode == "client":
        return
    session.send("patch", info.mapping, name=info.name, namespace=info.namespace, subresource="scale",
                 patch_type="merge", body={"spec": {"replicas": flags["replicas"]}}, dry_run=mode == "server",
                 field_manager="kubectl")
    if flags["record"]:
        cause = command_line(session)
        session.send("patch", info.mapping, name=info.name, namespace=info.namespace, patch_type="merge",
                     body={"metadata": {"annotations": {CHANGE_CAUSE: cause}}}, field_manager="kubectl-scale")


def _check_preconditions(session: Session, info: Info) -> None:
    flags = session.flags
    live: Object = info.object or {}
    current = live.get("spec", {}).get("replicas", 0)
    if flags["current-replicas"] >= 0 and current != flags["current-replicas"]:
        raise CommandError(f"Expected replicas to be {flags['current-replicas']}, was {current}")
    wanted = flags["resource-version"]
    if wanted and wanted != resource_version(live):
        raise CommandError(f"Expected resource version to be {wanted}, was {resource_version(live)}")


COMMAND = Command(
    name="scale", short="Set a new size for a deployment, replica set, or replication controller", run=run,
    usage="scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)",
    long="Set a new size for a deployment, replica set, replication controller, or stateful set.\n\n With "
         "--current-replicas or --resource-version the size changes only if they are what is there now.",
    examples="""# Three replicas
kubectl scale --replicas=3 deployment/web

# Only if there are two now
kubectl scale --current-replicas=2 --replicas=3 deployment/web

# Several at once
kubectl scale --replicas=5 deployment/web deployment/api""",
    flags=(
        *OUTPUT, DRY_RUN, SELECTOR, ALL, RECORD, *filename("identifying the resource to set a new size"),
        Flag("current-replicas", "int", -1, "Precondition for current size. Requires that the current size of the "
             "resource match this value in order to scale. -1 (default) for no condition."),
        Flag("replicas", "int", 0, "The new desired number of replicas. Required."),
        Flag("resource-version", help="Precondition for resource version. Requires that the current resource version "
             "match this value in order to scale."),
        Flag("timeout", "duration", 0.0, "The length of time to wait before giving up on a scale operation, zero means "
             "don't wait. Any other values should contain a corresponding time unit (e.g. 1s, 2m, 3h)."),
    ),
)
