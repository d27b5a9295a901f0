"""From an argument to pods: a pod by name, or the pods behind a workload or service (`deploy/web`)."""

from __future__ import annotations

from typing import Any

from cluster.kubectl import resources
from cluster.kubectl.command import Session
from cluster.kubectl.errors import CommandError
from cluster.kubectl.manifests import Info
from cluster.machinery.meta import Object, meta, name


def one(session: Session, argument: str) -> Object:
    """Return the pod that exec, attach and the like work in."""
    return ranked(pods(session, argument))[0]


def pods(session: Session, argument: str) -> list[Object]:
    """Return the pods an argument means; at least one."""
    words = [argument] if "/" in argument else ["pods", argument]
    selection = resources.find(session, words)
    selection.check()
    info = selection.infos[0]
    if info.mapping.kind.kind == "Pod":
        return [info.object or {}]
    selector = selector_of(info)
    found: list[Object] = session.client.list("pods", info.namespace, label_selector=selector)["items"]
    if not found:
        raise CommandError("timed out waiting for the condition")
    return [resources.typed(session.discovery.resource("pods"), pod) for pod in found]


def selector_of(info: Info) -> str:
    """Return the label selector of the pods an object owns or serves."""
    spec: dict[str, Any] = (info.object or {}).get("spec") or {}
    selector = spec.get("selector")
    if not selector:
        raise CommandError(f"selector for {info.mapping.kind.kind} not implemented")
    return text(selector if "matchLabels" in selector or "matchExpressions" in selector else {"matchLabels": selector})


def text(selector: dict[str, Any]) -> str:
    """Return a LabelSelector as the query parameter that means it."""
    parts = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for term in selector.get("matchExpressions") or ():
        values = ",".join(sorted(term.get("values") or ()))
        parts.append({"In": f"{term['key']} in ({values})", "NotIn": f"{term['key']} notin ({values})",
                      "Exists": term["key"], "DoesNotExist": f"!{term['key']}"}[term["operator"]])
    return ",".join(parts)


def ranked(found: list[Object]) -> list[Object]:
    """Order as podutils.ActivePods reversed: running and ready first, older ones first."""
    return sorted(found, key=_rank)


def _rank(pod: Object) -> tuple[int, int, int, str, str]:
    status = pod.get("status") or {}
    ready = any(one.get("type") == "Ready" and one.get("status") == "True" for one in status.get("conditions") or ())
    phase = {"Running": 0, "Unknown": 1, "Pending": 2}.get(status.get("phase", ""), 3)
    return (0 if pod["spec"].get("nodeName") else 1, phase, 0 if ready else 1,
            str(meta(pod).get("creationTimestamp", "")), name(pod))
