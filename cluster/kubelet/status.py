"""A pod's status as its kubelet reports it: phase, conditions, container statuses.

https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.kubelet.record import EPHEMERAL, INIT, MAIN, SIDECAR, Container, Record, container_specs
from cluster.machinery.clock import timestamp
from cluster.machinery.meta import Object
from cluster.workloads.image import InvalidReference, parse_reference

_FIELDS = {INIT: "initContainerStatuses", SIDECAR: "initContainerStatuses", MAIN: "containerStatuses"}
ORDER = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")


def pod_status(pod: Object, record: Record, host_ip: str, now: float) -> dict[str, Any]:
    """Return the whole status; conditions that did not change keep their transition time."""
    old = pod.get("status") or {}
    specs = container_specs(pod)
    phase = record.get("phase") or phase_of(pod, record, specs)
    generation = pod["metadata"].get("generation")
    status: dict[str, Any] = {"observedGeneration": generation} if generation else {}
    status["phase"] = phase
    status["conditions"] = _conditions(pod, record, specs, phase, old, now)
    status |= {field: record[field] for field in ("reason", "message") if record.get(field)}
    status["hostIP"], status["hostIPs"] = host_ip, [{"ip": host_ip}]
    if record["ip"]:
        status["podIP"], status["podIPs"] = record["ip"], [{"ip": record["ip"]}]
    status["startTime"] = timestamp(record["since"])
    status |= _container_statuses(pod, record, specs)
    status["qosClass"] = old.get("qosClass") or qos_class(pod)
    return status | {field: old[field] for field in ("nominatedNodeName", "resize") if old.get(field)}


def is_same_status(new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    """Say whether a write would change anything; a null and a missing field are the same."""
    if new == old:
        return True
    return _bare(new) == _bare(old)


def _bare(status: Mapping[str, Any]) -> dict[str, Any]:
    conditions = status.get("conditions") or ()
    return {**status, "conditions": [{**one, "lastProbeTime": None} for one in conditions]}


# -- phase -----------------------------------------------------------------------------------------


def phase_of(pod: Object, record: Record, specs: list[tuple[str, Object]]) -> str:
    """Return the phase by what the containers are at, as `getPhase` decides it."""
    policy = pod["spec"].get("restartPolicy", "Always")
    containers: Mapping[str, Container] = record["containers"]
    init = [containers[spec["name"]] for kind, spec in specs if kind == INIT and spec["name"] in containers]
    if any(has_failed(one) for one in init) and policy == "Never":
        return "Failed"
    if any(not is_done(one) for one in init):
        return "Pending"
    mains = [containers[spec["name"]] for kind, spec in specs if kind == MAIN and spec["name"] in containers]
    if any(one["state"] == "waiting" and not one["last"] for one in mains):
        return "Pending"
    if any(one["state"] == "running" for one in mains) or policy == "Always":
        return "Running"
    if all(is_done(one) for one in mains):
        return "Succeeded"
    return "Failed" if policy == "Never" else "Running"


def is_done(container: Container) -> bool:
    return bool(container["state"] == "terminated" and container["exit"] == 0)


def has_failed(container: Container) -> bool:
    return bool(container["state"] == "terminated" and container["exit"] != 0)


# -- conditions ------------------------------------------------------------------------------------


def _conditions(
    pod: Object,
    record: Record,
    specs: list[tuple[str, Object]],
    phase: str,
    old: Mapping[str, Any],
    now: float,
) -> list[dict[str, Any]]:
    known = {condition["type"]: condition for condition in old.get("conditions") or ()}
    wanted = _verdicts(pod, record, specs, phase, known)
    generation = pod["metadata"].get("generation")
    built = [_condition(kind, wanted[kind], generation, known.get(kind), now) for kind in ORDER]
    return built + [condition for kind, condition in known.items() if kind not in wanted]


def _condition(
    kind: str, verdict: tuple[bool, str, str], generation: int | None, old: Mapping[str, Any] | None, now: float
) -> dict[str, Any]:
    value, reason, message = verdict
    status = "True" if value else "False"
    same = old is not None and old.get("status") == status
    found: dict[str, Any] = {"type": kind}
    if generation:
        found["observedGeneration"] = generation
    found |= {"status": status, "lastProbeTime": None}
    found["lastTransitionTime"] = old["lastTransitionTime"] if same and old else timestamp(now)
    if reason:
        found["reason"] = reason
    if message:
        found["message"] = message
    return found


def _verdicts(
    pod: Object, record: Record, specs: list[tuple[str, Object]], phase: str, known: Mapping[str, Any]
) -> dict[str, tuple[bool, str, str]]:
    over = phase in ("Succeeded", "Failed")
    sandbox = bool(record["ip"]) and not over and record["stage"] not in ("setup", "ended")
    ready = _containers_ready(record, specs, phase)
    scheduled = known.get("PodScheduled") or {}
    return {
        "PodReadyToStartContainers": (sandbox, "", ""),
        "Initialized": _initialized(record, specs, phase),
        "Ready": _pod_ready(pod, ready, known),
        "ContainersReady": ready,
        "PodScheduled": (True, scheduled.get("reason", "") if scheduled.get("status") == "True" else "", ""),
    }


def _initialized(record: Record, specs: list[tuple[str, Object]], phase: str) -> tuple[bool, str, str]:
    if phase == "Succeeded":
        return (True, "PodCompleted", "")
    missing = [
        spec["name"]
        for kind, spec in specs
        if kind in (INIT, SIDECAR) and not _has_initialized(kind, record["containers"].get(spec["name"]))
    ]
    if missing:
        return (False, "ContainersNotInitialized", f"containers with incomplete status: [{' '.join(missing)}]")
    return (True, "", "")


def _has_initialized(kind: str, container: Container | None) -> bool:
    if container is None:
        return False
    return bool(container["started"] or container["last"]) if kind == SIDECAR else is_done(container)


def _containers_ready(record: Record, specs: list[tuple[str, Object]], phase: str) -> tuple[bool, str, str]:
    if phase == "Succeeded":
        return (False, "PodCompleted", "")
    if phase == "Failed":
        return (False, "PodFailed", "")
    counted = [spec["name"] for kind, spec in specs if kind in (SIDECAR, MAIN)]
    unready = [name for name in counted if not (record["containers"].get(name) or {}).get("ready")]
    if unready:
        return (False, "ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]")
    return (True, "", "")


def _pod_ready(pod: Object, ready: tuple[bool, str, str], known: Mapping[str, Any]) -> tuple[bool, str, str]:
    gates = [gate["conditionType"] for gate in pod["spec"].get("readinessGates") or ()]
    if not gates or not ready[0]:
        return ready
    messages = []
    for gate in gates:
        if gate not in known:
            messages.append(f'corresponding condition of pod readiness gate "{gate}" does not exist.')
        elif known[gate].get("status") != "True":
            messages.append(f'the status of pod readiness gate "{gate}" is not "True", but {known[gate]["status"]}')
    return (False, "ReadinessGatesNotReady", ", ".join(messages)) if messages else ready


# -- containers ------------------------------------------------------------------------------------


def _container_statuses(pod: Object, record: Record, specs: list[tuple[str, Object]]) -> dict[str, Any]:
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, spec in specs:
        container = record["containers"].get(spec["name"])
        if container is not None:
            field = "ephemeralContainerStatuses" if kind == EPHEMERAL else _FIELDS[kind]
            found.setdefault(field, []).append(container_status(pod, spec, container))
    return dict(found)


def container_status(pod: Object, spec: Object, container: Container) -> dict[str, Any]:
    """Return one containerStatus, its fields in the order the real kubelet writes them."""
    status: dict[str, Any] = {
        "name": spec["name"],
        "state": _state(container),
        "lastState": {"terminated": container["last"]} if container["last"] else {},
        "ready": container["ready"],
        "restartCount": container["restarts"],
        "image": _image_name(container),
        "imageID": container["imageID"],
    }
    if container["id"]:
        status["containerID"] = f"containerd://{container['id']}"
    status["started"] = container["started"]
    if container["state"] == "running":
        status |= _resources(spec)
    if spec.get("volumeMounts"):
        status["volumeMounts"] = [_mount_status(mount) for mount in spec["volumeMounts"]]
    if container["state"] == "running":
        status["user"] = {"linux": _linux_user(pod, spec)}
    return status


def _image_name(container: Container) -> str:
    if not container["imageID"]:
        return str(container["image"])
    try:
        return str(parse_reference(container["image"]))
    except InvalidReference:
        return str(container["image"])


def _state(container: Container) -> dict[str, Any]:
    if container["state"] == "running":
        return {"running": {"startedAt": timestamp(container["startedAt"])}}
    if container["state"] == "terminated":
        return {"terminated": terminated(container)}
    waiting = {"reason": container["reason"]}
    if container["message"]:
        waiting["message"] = container["message"]
    return {"waiting": waiting}


def terminated(container: Container) -> dict[str, Any]:
    """Return the `terminated` state of a container that has exited."""
    found: dict[str, Any] = {"exitCode": container["exit"]}
    found["reason"] = container["reason"]
    if container["message"]:
        found["message"] = container["message"]
    found |= {"startedAt": timestamp(container["startedAt"]), "finishedAt": timestamp(container["finishedAt"])}
    found["containerID"] = f"containerd://{container['id']}"
    return found


def _resources(spec: Object) -> dict[str, Any]:
    resources = spec.get("resources") or {}
    found: dict[str, Any] = {}
    if resources.get("requests"):
        found["allocatedResources"] = resources["requests"]
    found["resources"] = {field: resources[field] for field in ("limits", "requests") if resources.get(field)}
    return found


def _mount_status(mount: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"name": mount["name"], "mountPath": mount["mountPath"]}
    if mount.get("readOnly"):
        found |= {"readOnly": True, "recursiveReadOnly": mount.get("recursiveReadOnly", "Disabled")}
    return found


def _linux_user(pod: Object, spec: Object) -> dict[str, Any]:
    context = {**(pod["spec"].get("securityContext") or {}), **(spec.get("securityContext") or {})}
    user, group = int(context.get("runAsUser", 0)), int(context.get("runAsGroup", 0))
    groups = [group, *context.get("supplementalGroups", ())]
    groups += [context["fsGroup"]] if context.get("fsGroup") is not None else []
    return {"uid": user, "gid": group, "supplementalGroups": list(dict.fromkeys(groups))}


def qos_class(pod: Object) -> str:
    """Return Guaranteed, Burstable or BestEffort for cpu and memory of all containers."""
    guaranteed, anything = True, False
    for kind, spec in container_specs(pod):
        if kind == EPHEMERAL:
            continue
        resources = spec.get("resources") or {}
        limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
        for resource in ("cpu", "memory"):
            anything |= resource in limits or resource in requests
            guaranteed &= resource in limits and requests.get(resource, limits[resource]) == limits[resource]
    return "Guaranteed" if anything and guaranteed else "Burstable" if anything else "BestEffort"
