"""kubectl rollout status: says how far a rollout is, until it is done."""

from __future__ import annotations

from typing import Any

from cluster.kubectl import resources
from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.rollout import history
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import SELECTOR, filename
from cluster.kubectl.manifests import Info
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, annotations as annotations_of


def run(session: Session) -> int | None:
    selection = history.targets(session)
    selection.check()
    if not selection.infos:
        session.err(f"No resources found in {session.namespace} namespace.\n")
        return 0
    state = session.state
    timeout = session.flags["timeout"]
    state["rollouts"] = [[info.mapping.resource, info.namespace, info.name] for info in selection.infos]
    state["until"] = session.now() + timeout if timeout else None
    state["said"] = ""
    state["resume"] = True
    for info in selection.infos:
        history.check_kind(info, "status viewer")
    return resume(session)


def resume(session: Session) -> int | None:
    state = session.state
    while state["rollouts"]:
        resource, namespace, name = state["rollouts"][0]
        done = _look(session, Info(session.discovery.resource(resource), namespace, name))
        if not done and session.flags["watch"]:
            if state["until"] is not None and session.now() >= state["until"]:
                raise CommandError("timed out waiting for the condition")
            session.wait(state["until"])
            return None
        state["rollouts"].pop(0)
        state["said"] = ""
    return 0


def _look(session: Session, info: Info) -> bool:
    try:
        obj = resources.get(session, info)
    except StatusError as failure:
        if failure.reason == "NotFound" and session.state["said"]:
            raise CommandError("object has been deleted") from None
        raise
    text, done = STATUS[info.mapping.kind.kind](obj, session.flags["revision"])
    if text != session.state["said"]:
        session.out(text)
        session.state["said"] = text
    return done


def deployment(obj: Object, revision: int) -> tuple[str, bool]:
    """Return what is said about a Deployment, and whether it is done."""
    spec, status = obj["spec"], obj.get("status") or {}
    name = obj["metadata"]["name"]
    if revision:
        current = int(annotations_of(obj).get(history.REVISION, "0"))
        if current != revision:
            raise CommandError(f"desired revision ({revision}) is different from the running revision ({current})")
    if obj["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        return "Waiting for deployment spec update to be observed...\n", False
    conditions = status.get("conditions") or ()
    progressing: dict[str, Any] = next((one for one in conditions if one["type"] == "Progressing"), {})
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        raise CommandError(f'deployment "{name}" exceeded its progress deadline')
    wanted, updated = spec.get("replicas", 1), status.get("updatedReplicas", 0)
    total, available = status.get("replicas", 0), status.get("availableReplicas", 0)
    begin = f'Waiting for deployment "{name}" rollout to finish: '
    if updated < wanted:
        return f"{begin}{updated} out of {wanted} new replicas have been updated...\n", False
    if total > updated:
        return f"{begin}{total - updated} old replicas are pending termination...\n", False
    if available < updated:
        return f"{begin}{available} of {updated} updated replicas are available...\n", False
    return f'deployment "{name}" successfully rolled out\n', True


def daemonset(obj: Object, revision: int) -> tuple[str, bool]:
    spec, status = obj["spec"], obj.get("status") or {}
    name = obj["metadata"]["name"]
    if spec.get("updateStrategy", {}).get("type") != "RollingUpdate":
        raise CommandError("rollout status is only available for RollingUpdate strategy type")
    if obj["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        return "Waiting for daemon set spec update to be observed...\n", False
    wanted, updated = status.get("desiredNumberScheduled", 0), status.get("updatedNumberScheduled", 0)
    available = status.get("numberAvailable", 0)
    begin = f'Waiting for daemon set "{name}" rollout to finish: '
    if updated < wanted:
        return f"{begin}{updated} out of {wanted} new pods have been updated...\n", False
    if available < wanted:
        return f"{begin}{available} of {wanted} updated pods are available...\n", False
    return f'daemon set "{name}" successfully rolled out\n', True


def statefulset(obj: Object, revision: int) -> tuple[str, bool]:
    spec, status = obj["spec"], obj.get("status") or {}
    strategy: dict[str, Any] = spec.get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        raise CommandError("rollout status is only available for RollingUpdate strategy type")
    if not status.get("observedGeneration") or obj["metadata"].get("generation", 0) > status["observedGeneration"]:
        return "Waiting for statefulset spec update to be observed...\n", False
    wanted, ready = spec.get("replicas", 1), status.get("readyReplicas", 0)
    if ready < wanted:
        return f"Waiting for {wanted - ready} pods to be ready...\n", False
    partition = (strategy.get("rollingUpdate") or {}).get("partition") or 0
    updated = status.get("updatedReplicas", 0)
    if partition:
        if updated < wanted - partition:
            return (f"Waiting for partitioned roll out to finish: {updated} out of {wanted - partition} new pods have "
                    "been updated...\n"), False
        return f"partitioned roll out complete: {updated} new pods have been updated...\n", True
    if status.get("updateRevision") != status.get("currentRevision"):
        return (f"waiting for statefulset rolling update to complete {updated} pods at revision "
                f"{status.get('updateRevision')}...\n"), False
    return (f"statefulset rolling update complete {status.get('currentReplicas', 0)} pods at revision "
            f"{status.get('currentRevision')}...\n"), True


STATUS = {"Deployment": deployment, "DaemonSet": daemonset, "StatefulSet": statefulset}

COMMAND = Command(
    name="status", short="Show the status of the rollout", usage="status (TYPE NAME | TYPE/NAME) [flags]", run=run,
    resume=resume, long="Show the status of the rollout.\n\n By default 'rollout status' will watch the status of the "
    "latest rollout until it's done. If you don't want to wait for the rollout to finish then you can use "
    "--watch=false.",
    examples="# Wait until a deployment has rolled out\nkubectl rollout status deployment/web",
    flags=(SELECTOR, *filename("identifying the resource to get from a server."),
           Flag("revision", "int", 0, "Pin to a specific revision for showing its status. Defaults to 0 (last "
                "revision)."),
           Flag("timeout", "duration", 0.0, "The length of time to wait before ending watch, zero means never. Any "
                                            "other "
                "values should contain a corresponding time unit (e.g. 1s, 2m, 3h)."),
           Flag("watch", "bool", True, "Watch the status of the rollout until it's done.", "w")))
