"""kubectl create job, from an image or from a CronJob."""

from __future__ import annotations

from typing import Any

from cluster.kubectl.command import Session
from cluster.kubectl.commands.create import generator
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.machinery.meta import Object, meta, name as name_of, uid


def build(session: Session) -> Object:
    flags = session.flags
    name = generator.argument(session)
    if bool(flags["image"]) == bool(flags["from"]):
        raise CommandError("either --image or --from must be specified" if not flags["image"] else
                           "specify only one of --image or --from")
    if flags["from"]:
        if generator.command_after_dash(session):
            raise CommandError("cannot specify --from and command")
        return _from_cronjob(session, name)
    obj = generator.typed("batch/v1", "Job", name, session)
    obj["spec"] = {"template": {"metadata": generator.template_meta(), "spec": {
        "containers": [container(session, name)], "restartPolicy": "Never"}}}
    obj["status"] = {}
    return obj


def container(session: Session, name: str) -> dict[str, Any]:
    command = generator.command_after_dash(session)
    return {"name": name, "image": session.flags["image"], **({"command": command} if command else {}),
            "resources": {}}


def _from_cronjob(session: Session, name: str) -> Object:
    kind, _, source = session.flags["from"].partition("/")
    mapping = session.discovery.resource(kind)
    if mapping.kind.kind != "CronJob":
        raise CommandError(f"unknown object type {mapping.kind.kind}")
    cronjob = session.send("get", mapping, name=source, namespace=session.namespace)
    template = cronjob["spec"]["jobTemplate"]
    obj = generator.typed("batch/v1", "Job", name, session)
    given = meta(template)
    obj["metadata"] |= {key: given[key] for key in ("labels",) if key in given}
    obj["metadata"]["annotations"] = {"cronjob.kubernetes.io/instantiate": "manual", **(given.get("annotations") or {})}
    obj["metadata"]["ownerReferences"] = [{
        "apiVersion": "batch/v1", "kind": "CronJob", "name": name_of(cronjob), "uid": uid(cronjob), "controller": True}]
    obj["spec"] = template["spec"]
    obj["status"] = {}
    return obj


COMMAND = generator.command(
    "job", "Create a job with the specified name", build,
    (
        Flag("from", help="The name of the resource to create a Job from (only cronjob is supported)."),
        Flag("image", help="Image name to run."),
    ),
    usage="job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]",
    failure="failed to create job: ",
    examples="""# A job that runs one command
kubectl create job hello --image=busybox -- echo hello

# A job now, from a cron job
kubectl create job now --from=cronjob/tick""",
)
