"""Describing Namespaces, ResourceQuotas, LimitRanges, autoscalers, budgets, priorities and certificate requests."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from cryptography import x509

from cluster.kubectl.command import Session
from cluster.kubectl.describe import events
from cluster.kubectl.describe.page import Page, amount, date, lower, selector
from cluster.machinery import goduration
from cluster.machinery.meta import Object, annotations as annotations_of, name


def namespace_(page: Page, session: Session, obj: Object) -> None:
    page.line(f"Name:\t{name(obj)}")
    page.marks(obj)
    status = obj.get("status") or {}
    page.line(f"Status:\t{status.get('phase', '')}")
    if status.get("conditions"):
        page.line("Conditions:")
        page.line("Type\tStatus\tLastTransitionTime\tReason\tMessage", 1)
        page.line("----\t------\t------------------\t------\t-------", 1)
        for one in status["conditions"]:
            page.line("\t".join((one["type"], one["status"], date(one.get("lastTransitionTime")), one.get("reason", ""),
                                 one.get("message", ""))), 1)
    page.line("")
    quotas = session.client.list("resourcequotas", name(obj))["items"]
    page.flush()
    if quotas:
        page.line("Resource Quotas")
        for quota in quotas:
            _quota_in_namespace(page, quota)
    else:
        page.line("No resource quota.")
    page.line("")
    page.flush()
    _limits_in_namespace(page, session.client.list("limitranges", name(obj))["items"])


def _quota_in_namespace(page: Page, quota: Object) -> None:
    page.line(f"Name:\t{name(quota)}", 1)
    if quota["spec"].get("scopes"):
        page.line(f"Scopes:\t{', '.join(quota['spec']['scopes'])}", 1)
    page.line("Resource\tUsed\tHard", 1)
    page.line("--------\t---\t---", 1)
    for key, used, hard in _quota_rows(quota):
        page.line(f"{key}\t{used}\t{hard}", 1)


def _quota_rows(quota: Object) -> list[tuple[str, str, str]]:
    status = quota.get("status") or {}
    hard, used = status.get("hard") or {}, status.get("used") or {}
    return [(key, amount(used.get(key, "0")), amount(hard[key])) for key in sorted(hard)]


def quota(page: Page, session: Session, obj: Object) -> None:
    page.head(obj)
    scopes = obj["spec"].get("scopes") or []
    if scopes:
        page.line(f"Scopes:\t{', '.join(sorted(scopes))}")
        for scope in sorted(scopes):
            if scope in SCOPES:
                page.line(f" * {SCOPES[scope]}")
    page.line("Resource\tUsed\tHard")
    page.line("--------\t----\t----")
    for key, used, hard in _quota_rows(obj):
        page.line(f"{key}\t{used}\t{hard}")


SCOPES = {
    "Terminating": "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before "
    "being actively terminated by the system.",
    "NotTerminating": "Matches all pods that do not have an active deadline. These pods usually include long running "
    "pods whose container command is not expected to terminate.",
    "BestEffort": "Matches all pods that do not have resource requirements set. These pods have a best effort quality "
                  "of "
    "service.",
    "NotBestEffort": "Matches all pods that have at least one resource requirement set. These pods have a burstable or "
    "guaranteed quality of service.",
}
_LIMIT_HEAD = ("Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio",
               "----\t--------\t---\t---\t---------------\t-------------\t-----------------------")


def limit_range(page: Page, session: Session, obj: Object) -> None:
    page.head(obj)
    for line in _LIMIT_HEAD:
        page.line(line)
    for row in _limit_rows(obj):
        page.line(row)


def _limits_in_namespace(page: Page, found: Sequence[Object]) -> None:
    if not found:
        page.line("No LimitRange resource.")
        return
    page.line("Resource Limits")
    for line in _LIMIT_HEAD:
        page.line(f" {line}")
    for one in found:
        for row in _limit_rows(one):
            page.line(f" {row}")


def _limit_rows(obj: Object) -> list[str]:
    rows = []
    for item in obj["spec"].get("limits") or ():
        fields = ("min", "max", "defaultRequest", "default", "maxLimitRequestRatio")
        names = sorted({key for field in fields for key in item.get(field) or {}})
        for key in names:
            cells = [amount(found[key]) if key in (found := item.get(field) or {}) else "-" for field in fields]
            rows.append("\t".join((item["type"], key, *cells)))
    return rows


# -- HorizontalPodAutoscaler -----------------------------------------------------------------------------------------


def autoscaler(page: Page, session: Session, obj: Object) -> None:
    spec, status = obj["spec"], obj.get("status") or {}
    page.head(obj)
    page.marks(obj)
    page.line(f"CreationTimestamp:\t{date(obj['metadata'].get('creationTimestamp'))}")
    target = spec["scaleTargetRef"]
    page.line(f"Reference:\t{target['kind']}/{target['name']}")
    page.line("Metrics:\t( current / target )")
    for index, metric in enumerate(spec.get("metrics") or ()):
        current = (status.get("currentMetrics") or [])
        page.line(metric_line(metric, current[index] if index < len(current) else None), 1)
    page.line(f"Min replicas:\t{spec['minReplicas'] if spec.get('minReplicas') is not None else '<unset>'}")
    page.line(f"Max replicas:\t{spec['maxReplicas']}")
    _behavior(page, spec.get("behavior"))
    page.line(f"{target['kind']} pods:\t{status.get('currentReplicas', 0)} current / "
              f"{status.get('desiredReplicas', 0)} "
              "desired")
    if status.get("conditions"):
        page.line("Conditions:")
        page.line("Type\tStatus\tReason\tMessage", 1)
        page.line("----\t------\t------\t-------", 1)
        for one in status["conditions"]:
            page.line(f"{one['type']}\t{one['status']}\t{one.get('reason', '')}\t{one.get('message', '')}", 1)
    events.write(page, session, obj)


def metric_line(metric: dict[str, Any], current: dict[str, Any] | None) -> str:
    kind = metric["type"]
    if kind in ("Resource", "ContainerResource"):
        field = "resource" if kind == "Resource" else "containerResource"
        source = metric[field]
        seen = ((current or {}).get(field) or {}).get("current") or {}
        where = "on pods" if kind == "Resource" else f"of container \"{source.get('container')}\" on pods"
        target = source.get("target") or {}
        if target.get("averageValue") is not None:
            return (f"resource {source['name']} {where}:\t{seen.get('averageValue', '<unknown>')} / "
                    f"{amount(target['averageValue'])}")
        have = "<unknown>"
        if seen.get("averageUtilization") is not None:
            have = f"{seen['averageUtilization']}% ({seen.get('averageValue', '')})"
        want = f"{target['averageUtilization']}%" if target.get("averageUtilization") is not None else "<auto>"
        return f"resource {source['name']} {where}  (as a percentage of request):\t{have} / {want}"
    source = metric.get(kind[:1].lower() + kind[1:]) or {}
    target = source.get("target") or {}
    want = amount(target.get("averageValue") or target.get("value") or "<auto>")
    return f"\"{(source.get('metric') or {}).get('name', '')}\" on pods:\t<unknown> / {want}"


def _behavior(page: Page, behavior: dict[str, Any] | None) -> None:
    if not behavior:
        return
    page.line("Behavior:")
    for title, field in (("Scale Up", "scaleUp"), ("Scale Down", "scaleDown")):
        rules = behavior.get(field)
        if not rules:
            continue
        page.line(f"{title}:", 1)
        window = rules.get("stabilizationWindowSeconds")
        if window is not None:
            page.line(f"Stabilization Window: {window} seconds", 2)
        page.line(f"Select Policy: {rules.get('selectPolicy') or 'Max'}", 2)
        page.line("Policies:", 2)
        for one in rules.get("policies") or ():
            page.line(f"- Type: {one['type']}\tValue: {one['value']}\tPeriod: {one['periodSeconds']} seconds", 3)


# -- the rest --------------------------------------------------------------------------------------------------------


def budget(page: Page, session: Session, obj: Object) -> None:
    spec, status = obj["spec"], obj.get("status") or {}
    page.head(obj)
    if spec.get("minAvailable") is not None:
        page.line(f"Min available:\t{spec['minAvailable']}")
    elif spec.get("maxUnavailable") is not None:
        page.line(f"Max unavailable:\t{spec['maxUnavailable']}")
    page.line(f"Selector:\t{selector(spec['selector']) if spec.get('selector') else '<unset>'}")
    page.line("Status:")
    for title, field in (("Allowed disruptions", "disruptionsAllowed"), ("Current", "currentHealthy"),
                         ("Desired", "desiredHealthy"), ("Total", "expectedPods")):
        page.line(f"{title}:\t{status.get(field, 0)}", 2)
    events.write(page, session, obj)


def priority_class(page: Page, session: Session, obj: Object) -> None:
    page.line(f"Name:\t{name(obj)}")
    page.line(f"Value:\t{obj.get('value', 0)}")
    page.line(f"GlobalDefault:\t{lower(obj.get('globalDefault'))}")
    page.line(f"PreemptionPolicy:\t{obj.get('preemptionPolicy', '')}")
    page.line(f"Description:\t{obj.get('description', '')}")
    given = annotations_of(obj)
    page.line(f"Annotations:\t{','.join(f'{key}={given[key]}' for key in sorted(given)) or '<none>'}")
    events.write(page, session, obj)


def certificate_request(page: Page, session: Session, obj: Object) -> None:
    spec = obj["spec"]
    page.line(f"Name:\t{name(obj)}")
    page.pairs("Labels", obj["metadata"].get("labels"))
    page.annotations("Annotations", obj["metadata"].get("annotations"))
    page.line(f"CreationTimestamp:\t{date(obj['metadata'].get('creationTimestamp'))}")
    page.line(f"Requesting User:\t{spec.get('username', '')}")
    if spec.get("signerName"):
        page.line(f"Signer:\t{spec['signerName']}")
    if spec.get("expirationSeconds") is not None:
        page.line(f"Requested Duration:\t{goduration.human(float(spec['expirationSeconds']))}")
    page.line(f"Status:\t{request_status(obj)}")
    _subject(page, str(spec.get("request", "")))
    events.write(page, session, obj)


def request_status(obj: Object) -> str:
    found = [one["type"] for one in (obj.get("status") or {}).get("conditions") or ()]
    words = [word for word in ("Approved", "Denied", "Failed") if word in found]
    if not words:
        return "Pending"
    text = ",".join(words[:1] if "Failed" not in words else words)
    return f"{text},Issued" if (obj.get("status") or {}).get("certificate") else text


def _subject(page: Page, request: str) -> None:
    try:
        subject = x509.load_pem_x509_csr(base64.b64decode(request)).subject
    except ValueError:
        page.line("Error parsing CSR")
        return
    page.line("Subject:")
    titles = (("Common Name", x509.NameOID.COMMON_NAME), ("Serial Number", x509.NameOID.SERIAL_NUMBER))
    for title, oid in titles:
        page.line(f"\t{title}:\t{', '.join(str(one.value) for one in subject.get_attributes_for_oid(oid))}")
    lists = (("Organization", x509.NameOID.ORGANIZATION_NAME),
             ("Organizational Unit", x509.NameOID.ORGANIZATIONAL_UNIT_NAME), ("Country", x509.NameOID.COUNTRY_NAME),
             ("Locality", x509.NameOID.LOCALITY_NAME), ("Province", x509.NameOID.STATE_OR_PROVINCE_NAME))
    for title, oid in lists:
        values = [str(one.value) for one in subject.get_attributes_for_oid(oid)]
        if values:
            page.line(f"\t{title}:\t{', '.join(values)}")
