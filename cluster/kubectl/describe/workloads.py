"""Describing Deployments, ReplicaSets, ReplicationControllers, StatefulSets and DaemonSets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kubectl import podchoice
from cluster.kubectl.command import Session
from cluster.kubectl.describe import events, template
from cluster.kubectl.describe.page import Page, date, plain_selector, selector
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, annotations as annotations_of, controller_of, name, namespace, uid


def owned(session: Session, resource: str, obj: Object, given: dict[str, Any]) -> list[Object]:
    """Return what an object controls, selected by its selector."""
    if not given:
        return []
    try:
        listed = session.client.list(resource, namespace(obj), label_selector=podchoice.text(given))["items"]
    except StatusError:
        return []
    return [one for one in listed if (controller_of(one) or {}).get("uid") == uid(obj)]


def pods_status(pods: Sequence[Object]) -> str:
    counts = dict.fromkeys(("Running", "Pending", "Succeeded", "Failed"), 0)
    for pod in pods:
        phase = (pod.get("status") or {}).get("phase", "")
        if phase in counts:
            counts[phase] += 1
    return (f"{counts['Running']} Running / {counts['Pending']} Waiting / {counts['Succeeded']} Succeeded / "
            f"{counts['Failed']} Failed")


def conditions(page: Page, status: Object, *, reasons: bool = True) -> None:
    if not status.get("conditions"):
        return
    page.line("Conditions:")
    page.line("Type\tStatus\tReason", 1)
    page.line("----\t------\t------", 1)
    for one in status["conditions"]:
        page.line(f"{one['type']} \t{one['status']}\t{one.get('reason', '')}", 1)


# -- Deployment ------------------------------------------------------------------------------------------------------


def deployment(page: Page, session: Session, obj: Object) -> None:
    spec, status = obj["spec"], obj.get("status") or {}
    page.head(obj)
    page.line(f"CreationTimestamp:\t{date(obj['metadata'].get('creationTimestamp'))}")
    page.marks(obj)
    page.line(f"Selector:\t{selector(spec.get('selector'))}")
    page.line(f"Replicas:\t{spec.get('replicas', 0)} desired | {status.get('updatedReplicas', 0)} updated | "
              f"{status.get('replicas', 0)} total | {status.get('availableReplicas', 0)} available | "
              f"{status.get('unavailableReplicas', 0)} unavailable")
    strategy = spec.get("strategy") or {}
    page.line(f"StrategyType:\t{strategy.get('type', '')}")
    page.line(f"MinReadySeconds:\t{spec.get('minReadySeconds', 0)}")
    rolling = strategy.get("rollingUpdate")
    if rolling:
        page.line(f"RollingUpdateStrategy:\t{rolling.get('maxUnavailable')} max unavailable, {rolling.get('maxSurge')} "
                  "max surge")
    template.write(page, spec.get("template"))
    conditions(page, status)
    _replica_sets(page, session, obj)
    events.write(page, session, obj)


def _replica_sets(page: Page, session: Session, obj: Object) -> None:
    found = owned(session, "replicasets.apps", obj, obj["spec"].get("selector") or {})
    wanted = _plain(obj["spec"]["template"])
    found.sort(key=lambda one: (str(one["metadata"].get("creationTimestamp", "")), name(one)))
    new = next((one for one in found if _plain(one["spec"]["template"]) == wanted), None)
    old = [one for one in found if one is not new]
    page.line(f"OldReplicaSets:\t{_sets(old)}")
    page.line(f"NewReplicaSet:\t{_sets([new] if new else [])}")


def _plain(given: Object) -> Object:
    meta = dict(given.get("metadata") or {})
    labels = {key: value for key, value in (meta.get("labels") or {}).items() if key != "pod-template-hash"}
    return {"labels": labels, "annotations": meta.get("annotations") or {}, "spec": given.get("spec")}


def _sets(found: Sequence[Object]) -> str:
    return ", ".join(f"{name(one)} ({(one.get('status') or {}).get('replicas', 0)}/{one['spec'].get('replicas', 0)} "
                     "replicas created)" for one in found) or "<none>"


# -- ReplicaSet, ReplicationController -------------------------------------------------------------------------------


def replica_set(page: Page, session: Session, obj: Object) -> None:
    _replicated(page, session, obj, selector(obj["spec"].get("selector")), obj["spec"].get("selector") or {})


def replication_controller(page: Page, session: Session, obj: Object) -> None:
    given = obj["spec"].get("selector") or {}
    _replicated(page, session, obj, plain_selector(given), {"matchLabels": given})


def _replicated(page: Page, session: Session, obj: Object, shown: str, given: dict[str, Any]) -> None:
    spec, status = obj["spec"], obj.get("status") or {}
    page.head(obj)
    page.line(f"Selector:\t{shown}")
    page.marks(obj)
    owner = controller_of(obj)
    if owner:
        page.line(f"Controlled By:\t{owner['kind']}/{owner['name']}")
    page.line(f"Replicas:\t{status.get('replicas', 0)} current / {spec.get('replicas', 0)} desired")
    page.line(f"Pods Status:\t{pods_status(owned(session, 'pods', obj, given))}")
    template.write(page, spec.get("template"))
    conditions(page, status)
    events.write(page, session, obj)


# -- StatefulSet -----------------------------------------------------------------------------------------------------


def stateful_set(page: Page, session: Session, obj: Object) -> None:
    spec, status = obj["spec"], obj.get("status") or {}
    page.head(obj)
    page.line(f"CreationTimestamp:\t{date(obj['metadata'].get('creationTimestamp'))}")
    page.line(f"Selector:\t{selector(spec.get('selector'))}")
    page.marks(obj)
    page.line(f"Replicas:\t{spec.get('replicas', 0)} desired | {status.get('replicas', 0)} total")
    strategy = spec.get("updateStrategy") or {}
    page.line(f"Update Strategy:\t{strategy.get('type', '')}")
    rolling = strategy.get("rollingUpdate")
    if rolling:
        page.line(f"Partition:\t{rolling.get('partition', 0)}", 1)
        if rolling.get("maxUnavailable") is not None:
            page.line(f"MaxUnavailable:\t{rolling['maxUnavailable']}", 1)
    page.line(f"Pods Status:\t{pods_status(owned(session, 'pods', obj, spec.get('selector') or {}))}")
    template.write(page, spec.get("template"))
    _claims(page, spec.get("volumeClaimTemplates") or [])
    events.write(page, session, obj)


def _claims(page: Page, claims: Sequence[Object]) -> None:
    if not claims:
        page.line("Volume Claims:\t<none>")
        return
    page.line("Volume Claims:")
    for claim in claims:
        page.line(f"Name:\t{name(claim)}", 1)
        page.line(f"StorageClass:\t{claim['spec'].get('storageClassName', '')}", 1)
        page.pairs("  Labels", claim["metadata"].get("labels"))
        page.annotations("  Annotations", annotations_of(claim))
        request = ((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage")
        page.line(f"Capacity:\t{request or '<default>'}", 1)
        page.line(f"Access Modes:\t[{' '.join(claim['spec'].get('accessModes') or ())}]", 1)


# -- DaemonSet -------------------------------------------------------------------------------------------------------


def daemon_set(page: Page, session: Session, obj: Object) -> None:
    spec, status = obj["spec"], obj.get("status") or {}
    page.head(obj)
    page.line(f"Selector:\t{selector(spec.get('selector'))}")
    page.line(f"Node-Selector:\t{plain_selector(spec['template']['spec'].get('nodeSelector'))}")
    page.marks(obj)
    for title, field in (
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ):
        page.line(f"{title}: {status.get(field, 0)}")
    page.line(f"Pods Status:\t{pods_status(owned(session, 'pods', obj, spec.get('selector') or {}))}")
    template.write(page, spec.get("template"))
    events.write(page, session, obj)
