"""When what endpoints are made of last changed: `endpoints.kubernetes.io/last-change-trigger-time`.

Follows the trigger time tracker of the endpoint controllers: the programming latency of the network is measured from
this moment. A Service seen for the first time was triggered by its creation; later the earliest change of the
Service or of a pod's readiness since the last sync counts. Its memory is lost with the process, as in the real one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cluster.machinery.conditions import find
from cluster.machinery.meta import Object, meta, name

TRIGGERED = "endpoints.kubernetes.io/last-change-trigger-time"


@dataclass(slots=True)
class _Seen:
    service: str = ""
    pods: dict[str, str] = field(default_factory=dict)


class TriggerTimes:
    """What was seen of each Service at its last sync."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def forget(self, key: str) -> None:
        self._seen.pop(key, None)

    def of(self, key: str, service: Object, pods: Iterable[Object]) -> str:
        """Return the moment (RFC 3339) that this sync answers to, "" when nothing that counts has changed."""
        before = self._seen.get(key)
        now = self._seen[key] = _Seen(str(meta(service).get("creationTimestamp", "")), _readiness(pods))
        if before is None:
            return now.service
        fresh = [moment for pod, moment in now.pods.items() if moment > before.pods.get(pod, "")]
        if now.service > before.service:
            fresh.append(now.service)
        return min(fresh, default="")


def _readiness(pods: Iterable[Object]) -> dict[str, str]:
    """Return pod → when its readiness last turned."""
    found = {}
    for pod in pods:
        ready = find((pod.get("status") or {}).get("conditions"), "Ready")
        if ready is not None and ready.get("lastTransitionTime"):
            found[name(pod)] = str(ready["lastTransitionTime"])
    return found


def noted(annotations: dict[str, str], moment: str) -> dict[str, str]:
    """Return the annotations with the trigger time, or without one where there is none."""
    kept = {key: value for key, value in annotations.items() if key != TRIGGERED}
    return {**kept, TRIGGERED: moment} if moment else kept
