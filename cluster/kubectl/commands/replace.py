"""kubectl replace, with --force: delete, wait, create."""

from __future__ import annotations

from typing import Any

from cluster.kubectl import resources
from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands import delete
from cluster.kubectl.errors import CommandError, Several, with_context
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import DRY_RUN, OUTPUT, SAVE_CONFIG, VALIDATE, field_manager, filename
from cluster.kubectl.lastapplied import ANNOTATION, with_last_applied
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import dry_run, sayer
from cluster.kubectl.validation import field_validation
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, annotations as annotations_of


def run(session: Session) -> int | None:
    flags = session.flags
    if not flags["filename"] and not flags["kustomize"]:
        raise CommandError("must specify one of -f and -k")
    if flags["grace-period"] >= 0 and not flags["force"]:
        raise CommandError("--grace-period must have --force specified")
    if flags["timeout"] and not flags["force"]:
        raise CommandError("--timeout must have --force specified")
    if dry_run(session) != "none" and flags["force"]:
        raise CommandError("--dry-run can not be used when --force is set")
    found = _objects(session)
    return _force(session, found) if flags["force"] else _replace(session, found)


def _objects(session: Session) -> list[Info]:
    flags = session.flags
    found: list[Info] = []
    for info in resources.from_files(session, flags["filename"], flags["kustomize"], flags["recursive"],
                                     validate=field_validation(session) != "Ignore"):
        if isinstance(info, CommandError):
            raise info
        found.append(info)
    if not found:
        raise CommandError("no objects passed to replace")
    return found


def _annotated(session: Session, obj: Object) -> Object:
    """Keep the apply annotation in step where the object has one, or --save-config asks for it."""
    wanted = session.flags["save-config"] or ANNOTATION in annotations_of(obj)
    return with_last_applied(obj) if wanted else obj


def _replace(session: Session, found: list[Info]) -> int:
    say = sayer(session)
    failures: list[Exception] = []
    for info in found:
        try:
            if dry_run(session) != "client":
                info.object = session.send(
                    "update", info.mapping, body=_annotated(session, info.object or {}), name=info.name,
                    namespace=info.namespace, subresource=session.flags["subresource"],
                    dry_run=dry_run(session) == "server", field_manager=session.flags["field-manager"],
                    field_validation=field_validation(session))
            say(info, "replaced")
        except StatusError as failure:
            failures.append(with_context(failure, f'error when replacing "{info.source}"'))
    if failures:
        raise Several(failures)
    return 0


def _force(session: Session, found: list[Info]) -> int | None:
    """Delete first; the rest is done once all is gone."""
    left: list[dict[str, Any]] = []
    for info in found:
        grace = 1 if session.flags["grace-period"] == 0 else session.flags["grace-period"]
        try:
            left += _deleted(session, info, grace)
        except StatusError as failure:
            if failure.reason != "NotFound":
                raise
    session.state["resume"] = True
    session.state["delete"] = {"left": left, "until": None}
    return resume(session)


def _deleted(session: Session, info: Info, grace: int) -> list[dict[str, Any]]:
    live = resources.get(session, info)
    options: dict[str, Any] = {"propagationPolicy": "Background"}
    if grace >= 0:
        options["gracePeriodSeconds"] = grace
    session.send("delete", info.mapping, name=info.name, namespace=info.namespace, body=options)
    session.out(f'{info.mapping.prefix} "{info.name}" deleted\n')
    return [{"type": info.mapping.resource, "namespace": info.namespace, "name": info.name,
             "uid": live["metadata"].get("uid", "")}]


def resume(session: Session) -> int | None:
    if delete.resume(session) is None:
        return None
    say = sayer(session)
    for info in _objects(session):
        try:
            info.object = session.send(
                "create", info.mapping, body=_annotated(session, info.object or {}), namespace=info.namespace,
                field_manager=session.flags["field-manager"], field_validation=field_validation(session))
        except StatusError as failure:
            raise with_context(failure, f'error when creating "{info.source}"') from None
        say(info, "replaced")
    return 0


COMMAND = Command(
    name="replace", short="Replace a resource by file name or stdin", usage="replace -f FILENAME", run=run,
    resume=resume,
    long="Replace a resource by file name or stdin.\n\n JSON and YAML formats are accepted. If replacing an existing "
         "resource, the complete resource spec must be provided.",
    examples="""# Replace a pod by what a file says
kubectl replace -f pod.yaml

# Delete it and create it again
kubectl replace --force -f pod.yaml""",
    flags=(
        *OUTPUT, DRY_RUN, SAVE_CONFIG, VALIDATE, field_manager("kubectl-replace"),
        *filename("The files that contain the configurations to replace."),
        Flag("cascade", "string", "background", 'Must be "background", "orphan", or "foreground".', bare="background"),
        Flag("force", "bool", False, "If true, immediately remove resources from API and bypass graceful deletion."),
        Flag("grace-period", "int", -1, "Period of time in seconds given to the resource to terminate gracefully."),
        Flag("raw", help="Raw URI to PUT to the server."),
        Flag("subresource", help="If specified, replace will operate on the subresource of the requested object."),
        Flag("timeout", "duration", 0.0, "The length of time to wait before giving up on a delete."),
        Flag("wait", "bool", False, "If true, wait for resources to be gone before returning."),
    ),
)
