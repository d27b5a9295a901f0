"""Describing pods."""

from __future__ import annotations

from cluster.kubectl.command import Session
from cluster.kubectl.describe import containers, events, template, volumes
from cluster.kubectl.describe.page import Page, date
from cluster.machinery.meta import Object, controller_of, is_deleting


def describe(page: Page, session: Session, obj: Object) -> None:
    spec, status = obj["spec"], obj.get("status") or {}
    page.head(obj)
    if spec.get("priority") is not None:
        page.line(f"Priority:\t{spec['priority']}")
    if spec.get("priorityClassName"):
        page.line(f"Priority Class Name:\t{spec['priorityClassName']}")
    if spec.get("runtimeClassName"):
        page.line(f"Runtime Class Name:\t{spec['runtimeClassName']}")
    if spec.get("serviceAccountName"):
        page.line(f"Service Account:\t{spec['serviceAccountName']}")
    page.line(f"Node:\t{spec['nodeName']}/{status.get('hostIP', '')}" if spec.get("nodeName") else "Node:\t<none>")
    if status.get("startTime"):
        page.line(f"Start Time:\t{date(status['startTime'])}")
    page.marks(obj)
    _status(page, obj)
    _addresses(page, status)
    owner = controller_of(obj)
    if owner:
        page.line(f"Controlled By:\t{owner['kind']}/{owner['name']}")
    if status.get("nominatedNodeName"):
        page.line(f"NominatedNodeName:\t{status['nominatedNodeName']}")
    _containers(page, obj)
    _gates(page, spec, status)
    if status.get("conditions"):
        page.line("Conditions:")
        page.line("Type\tStatus", 1)
        for one in status["conditions"]:
            page.line(f"{one['type']} \t{one['status']} ", 1)
    volumes.write(page, spec.get("volumes"))
    if status.get("qosClass"):
        page.line(f"QoS Class:\t{status['qosClass']}")
    page.pairs("Node-Selectors", spec.get("nodeSelector"))
    page.column("Tolerations", [template.toleration(one) for one in spec.get("tolerations") or ()])
    template.spread(page, spec.get("topologySpreadConstraints"))
    events.write(page, session, obj)


def _status(page: Page, obj: Object) -> None:
    status = obj.get("status") or {}
    if is_deleting(obj):
        page.line(f"Status:\tTerminating (lasts {page.since(obj['metadata']['deletionTimestamp'])})")
        page.line(f"Termination Grace Period:\t{obj['metadata'].get('deletionGracePeriodSeconds', 0)}s")
    else:
        page.line(f"Status:\t{status.get('phase', '')}")
    for title, field in (("Reason", "reason"), ("Message", "message")):
        if status.get(field):
            page.line(f"{title}:\t{status[field]}")
    seccomp = ((obj["spec"].get("securityContext") or {}).get("seccompProfile") or {}).get("type")
    if seccomp:
        page.line(f"SeccompProfile:\t{seccomp}")


def _addresses(page: Page, status: Object) -> None:
    page.line(f"IP:\t{status.get('podIP', '')}")
    addresses = status.get("podIPs") or []
    if not addresses:
        page.line("IPs:\t<none>")
        return
    page.line("IPs:")
    for address in addresses:
        page.line(f"IP:\t{address['ip']}", 1)


def _containers(page: Page, obj: Object) -> None:
    spec, status = obj["spec"], obj.get("status") or {}
    if spec.get("initContainers"):
        containers.write(page, "Init Containers", spec["initContainers"], status.get("initContainerStatuses") or [],
                         pod=obj)
    containers.write(page, "Containers", spec.get("containers") or [], status.get("containerStatuses") or [], pod=obj)
    if spec.get("ephemeralContainers"):
        containers.write(page, "Ephemeral Containers", spec["ephemeralContainers"],
                         status.get("ephemeralContainerStatuses") or [], pod=obj)


def _gates(page: Page, spec: Object, status: Object) -> None:
    if not spec.get("readinessGates"):
        return
    found = {one["type"]: one["status"] for one in status.get("conditions") or ()}
    page.line("Readiness Gates:")
    page.line("Type\tStatus", 1)
    for gate in spec["readinessGates"]:
        kind = gate["conditionType"]
        page.line(f"{kind} \t{found.get(kind, '<none>')} ", 1)
