"""What a failed pod means for its Job: `podFailurePolicy`, first matching rule wins.

https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cluster.machinery.conditions import of
from cluster.machinery.meta import Object, name, namespace


@dataclass(frozen=True)
class Verdict:
    """`action` is FailJob, FailIndex, Ignore or Count."""

    action: str
    message: str = ""


def judge(job: Object, pod: Object) -> Verdict:
    rules = (job["spec"].get("podFailurePolicy") or {}).get("rules") or ()
    for number, rule in enumerate(rules):
        why = _matches(rule, pod)
        if why:
            message = f"{why} matching {rule['action']} rule at index {number}" if rule["action"] == "FailJob" else ""
            return Verdict(rule["action"], message)
    return Verdict("Count")


def _matches(rule: dict[str, Any], pod: Object) -> str:
    if rule.get("onExitCodes"):
        return _exit_code(rule["onExitCodes"], pod)
    for pattern in rule.get("onPodConditions") or ():
        condition = of(pod, pattern["type"])
        if condition is not None and condition["status"] == pattern.get("status", "True"):
            return f"Pod {namespace(pod)}/{name(pod)} has condition {pattern['type']}"
    return ""


def _exit_code(wanted: dict[str, Any], pod: Object) -> str:
    status = pod.get("status") or {}
    for container in [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]:
        ended = (container.get("state") or {}).get("terminated")
        if ended is None or ended["exitCode"] == 0:
            continue
        if wanted.get("containerName") and wanted["containerName"] != container["name"]:
            continue
        listed = ended["exitCode"] in wanted["values"]
        if listed == (wanted["operator"] == "In"):
            where = f"{namespace(pod)}/{name(pod)}"
            return f"Container {container['name']} for pod {where} failed with exit code {ended['exitCode']}"
    return ""
