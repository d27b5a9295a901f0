"""Describing PersistentVolumes, PersistentVolumeClaims, StorageClasses and CSINodes."""

from __future__ import annotations

from cluster.kubectl.command import Session
from cluster.kubectl.describe import events, volumes
from cluster.kubectl.describe.page import Page, amount, date
from cluster.machinery.meta import Object, annotations as annotations_of, is_deleting, name, namespace

MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
DEFAULT_CLASS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


def modes(given: list[str] | None) -> str:
    return ",".join(MODES.get(one, one) for one in given or ())


def _status(page: Page, obj: Object) -> None:
    if is_deleting(obj):
        page.line(f"Status:\tTerminating (lasts {page.since(obj['metadata']['deletionTimestamp'])})")
    else:
        page.line(f"Status:\t{(obj.get('status') or {}).get('phase', '')}")


def _finalizers(obj: Object) -> str:
    return f"[{' '.join(obj['metadata'].get('finalizers') or ())}]"


def volume(page: Page, session: Session, obj: Object) -> None:
    spec, status = obj["spec"], obj.get("status") or {}
    page.line(f"Name:\t{name(obj)}")
    page.marks(obj)
    page.line(f"Finalizers:\t{_finalizers(obj)}")
    page.line(f"StorageClass:\t{spec.get('storageClassName', '')}")
    _status(page, obj)
    claim = spec.get("claimRef")
    page.line(f"Claim:\t{claim['namespace']}/{claim['name']}" if claim else "Claim:\t")
    page.line(f"Reclaim Policy:\t{spec.get('persistentVolumeReclaimPolicy', '')}")
    page.line(f"Access Modes:\t{modes(spec.get('accessModes'))}")
    if spec.get("volumeMode"):
        page.line(f"VolumeMode:\t{spec['volumeMode']}")
    page.line(f"Capacity:\t{amount((spec.get('capacity') or {}).get('storage', '0'))}")
    _affinity(page, spec.get("nodeAffinity"))
    page.line(f"Message:\t{status.get('message', '')}")
    page.line("Source:")
    volumes.source(page, spec)
    events.write(page, session, obj)


def _affinity(page: Page, affinity: Object | None) -> None:
    terms = ((affinity or {}).get("required") or {}).get("nodeSelectorTerms") if affinity else None
    if not terms:
        page.line("Node Affinity:\t<none>")
        return
    page.line("Node Affinity:\t")
    page.line("Required Terms:\t", 1)
    for index, term in enumerate(terms):
        lead = f"Term {index}:\t"
        for one in term.get("matchExpressions") or ():
            values = f" [{', '.join(one['values'])}]" if one.get("values") else ""
            page.line(f"{lead}{one['key']} {one['operator'].lower()}{values}", 2)
            lead = "\t"


def claim(page: Page, session: Session, obj: Object) -> None:
    spec, status = obj["spec"], obj.get("status") or {}
    page.head(obj)
    page.line(f"StorageClass:\t{spec.get('storageClassName', '')}")
    _status(page, obj)
    page.line(f"Volume:\t{spec.get('volumeName', '')}")
    page.marks(obj)
    page.line(f"Finalizers:\t{_finalizers(obj)}")
    bound = bool(spec.get("volumeName"))
    capacity = (status.get("capacity") or {}).get("storage")
    page.line(f"Capacity:\t{amount(capacity) if bound and capacity else ''}")
    page.line(f"Access Modes:\t{modes(status.get('accessModes')) if bound else ''}")
    if spec.get("volumeMode"):
        page.line(f"VolumeMode:\t{spec['volumeMode']}")
    source = spec.get("dataSource")
    if source:
        page.line("DataSource:")
        for title, field in (("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")):
            if source.get(field):
                page.line(f"{title}:\t{source[field]}", 1)
    pods = session.client.list("pods", namespace(obj))["items"]
    users = [name(pod) for pod in pods if any(
        (one.get("persistentVolumeClaim") or {}).get("claimName") == name(obj) for one in pod["spec"].get("volumes") or
        ())]
    page.column("Used By", users)
    _claim_conditions(page, status)
    events.write(page, session, obj)


def _claim_conditions(page: Page, status: Object) -> None:
    if not status.get("conditions"):
        return
    page.line("Conditions:")
    page.line("Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage", 1)
    page.line("----\t------\t-----------------\t------------------\t------\t-------", 1)
    for one in status["conditions"]:
        page.line(f"{one['type']} \t{one['status']} \t{date(one.get('lastProbeTime'))} \t"
                  f"{date(one.get('lastTransitionTime'))} \t{one.get('reason', '')} \t{one.get('message', '')}", 1)


def storage_class(page: Page, session: Session, obj: Object) -> None:
    page.line(f"Name:\t{name(obj)}")
    default = any(annotations_of(obj).get(key) == "true" for key in DEFAULT_CLASS)
    page.line(f"IsDefaultClass:\t{'Yes' if default else 'No'}")
    page.line(f"Annotations:\t{_pairs(annotations_of(obj))}")
    page.line(f"Provisioner:\t{obj.get('provisioner', '')}")
    page.line(f"Parameters:\t{_pairs(obj.get('parameters') or {})}")
    expansion = obj.get("allowVolumeExpansion")
    page.line(f"AllowVolumeExpansion:\t{'<unset>' if expansion is None else 'True' if expansion else 'False'}")
    options = obj.get("mountOptions") or []
    if options:
        page.line("MountOptions:")
        for option in options:
            page.line(option, 1)
    else:
        page.line("MountOptions:\t<none>")
    page.line(f"ReclaimPolicy:\t{obj.get('reclaimPolicy', '')}")
    page.line(f"VolumeBindingMode:\t{obj.get('volumeBindingMode', '')}")
    events.write(page, session, obj)


def _pairs(given: dict[str, str]) -> str:
    return ",".join(f"{key}={given[key]}" for key in sorted(given)) or "<none>"


def csi_node(page: Page, session: Session, obj: Object) -> None:
    page.line(f"Name:\t{name(obj)}")
    page.marks(obj)
    page.line(f"CreationTimestamp:\t{date(obj['metadata'].get('creationTimestamp'))}")
    page.line("Spec:")
    drivers = obj["spec"].get("drivers") or []
    if drivers:
        page.line("Drivers:", 1)
    for driver in drivers:
        page.line(f"{driver['name']}:", 2)
        page.line(f"Node ID:\t{driver.get('nodeID', '')}", 3)
        if (driver.get("allocatable") or {}).get("count") is not None:
            page.line("Allocatables:", 3)
            page.line(f"Count:\t{driver['allocatable']['count']}", 4)
        if driver.get("topologyKeys"):
            page.line(f"Topology Keys:\t[{' '.join(driver['topologyKeys'])}]", 3)
    events.write(page, session, obj)
