"""kubectl create cronjob."""

from __future__ import annotations

from cluster.kubectl.command import Session
from cluster.kubectl.commands.create import generator, job
from cluster.kubectl.flags import Flag
from cluster.machinery.meta import Object


def build(session: Session) -> Object:
    flags = session.flags
    generator.require(session, "image", "schedule")
    name = generator.argument(session)
    obj = generator.typed("batch/v1", "CronJob", name, session)
    template = {"metadata": generator.template_meta(), "spec": {
        "containers": [job.container(session, name)], "restartPolicy": flags["restart"] or "OnFailure"}}
    obj["spec"] = {
        "schedule": flags["schedule"],
        "jobTemplate": {"metadata": {"name": name, "creationTimestamp": None}, "spec": {"template": template}},
    }
    obj["status"] = {}
    return obj


COMMAND = generator.command(
    "cronjob", "Create a cron job with the specified name", build,
    (
        Flag("image", help="Image name to run."),
        Flag("restart", help="job's restart policy. supported values: OnFailure, Never"),
        Flag("schedule", help="A schedule in the Cron format the job should be run with."),
    ),
    usage="cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags]", aliases=("cj",),
    failure="failed to create cronjob: ",
    examples="# Every minute\nkubectl create cronjob tick --image=busybox --schedule='*/1 * * * *' -- date",
)
