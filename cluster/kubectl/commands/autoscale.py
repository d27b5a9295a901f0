"""kubectl autoscale."""

from __future__ import annotations

from cluster.kubectl import resources
from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.create import generator
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import DRY_RUN, OUTPUT, RECORD, SAVE_CONFIG, SELECTOR, field_manager, filename
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import sayer
from cluster.machinery.meta import Object


def run(session: Session) -> int:
    flags = session.flags
    generator.require(session, "max")
    if flags["max"] < 1:
        raise CommandError(f"--max=MAXPODS is required and must be at least 1, max: {flags['max']}")
    if flags["max"] < flags["min"]:
        raise CommandError(f"--max=MAXPODS must be larger or equal to --min=MINPODS, max: {flags['max']}, min: "
                           f"{flags['min']}")
    say = sayer(session)
    selection = resources.find(session, session.args, selector=flags["selector"], files=flags["filename"],
                               kustomize=flags["kustomize"], recursive=flags["recursive"])
    selection.check()
    for info in selection.infos:
        say(generator.submit(session, _autoscaler(session, info), manager="kubectl-autoscale"), "autoscaled")
    return 0


def _autoscaler(session: Session, info: Info) -> Object:
    flags = session.flags
    if not any(sub.name == "scale" for sub in info.mapping.kind.subresources):
        raise CommandError(f"cannot autoscale a {info.mapping.kind.kind}.{info.mapping.group}: could not "
                           "find scale client")
    obj = generator.typed("autoscaling/v2", "HorizontalPodAutoscaler", flags["name"] or info.name, session)
    spec: Object = {"scaleTargetRef": {"kind": info.mapping.kind.kind, "name": info.name,
                                       "apiVersion": info.mapping.api_version}}
    if flags["min"] > 0:
        spec["minReplicas"] = flags["min"]
    spec["maxReplicas"] = flags["max"]
    if flags["cpu-percent"] >= 0:
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": {
            "type": "Utilization", "averageUtilization": flags["cpu-percent"]}}}]
    obj["spec"] = spec
    obj["status"] = {"desiredReplicas": 0, "currentMetrics": None}
    return obj


COMMAND = Command(
    name="autoscale", run=run,
    short="Auto-scale a deployment, replica set, stateful set, or replication controller",
    usage="autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu-percent=CPU]",
    long="Creates an autoscaler that automatically chooses and sets the number of pods that run in a Kubernetes "
         "cluster.",
    examples="# Between two and ten replicas, aiming at 80 percent of the requested processor\nkubectl autoscale "
             "deployment web --min=2 --max=10 --cpu-percent=80",
    flags=(
        *OUTPUT, DRY_RUN, SAVE_CONFIG, RECORD, SELECTOR, field_manager("kubectl-autoscale"),
        *filename("identifying the resource to autoscale."),
        Flag("cpu-percent", "int", -1, "The target average CPU utilization (represented as a percent of requested CPU) "
             "over all the pods."),
        Flag("max", "int", -1, "The upper limit for the number of pods that can be set by the autoscaler. Required."),
        Flag("min", "int", -1, "The lower limit for the number of pods that can be set by the autoscaler."),
        Flag("name", help="The name for the newly created object. If not specified, the name of the input resource "
                          "will "
             "be used."),
    ),
)
