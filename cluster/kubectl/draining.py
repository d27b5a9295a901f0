"""Which pods a drain evicts, and evicting them: a refused one is tried again every five seconds."""

from __future__ import annotations

from typing import Any

from cluster.kubectl.command import Session
from cluster.kubectl.errors import CommandError
from cluster.kubectl.printers.outcome import dry_run
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, annotations as annotations_of, controller_of, name, namespace, uid

RETRY = 5.0
MIRROR = "kubernetes.io/config.mirror"
DAEMON_FATAL = "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"
LOCAL_FATAL = "cannot delete Pods with local storage (use --delete-emptydir-data to override)"
BARE_FATAL = "cannot delete cannot delete Pods that declare no controller (use --force to override)"
DAEMON_WARNING = "ignoring DaemonSet-managed Pods"
BARE_WARNING = "deleting Pods that declare no controller"


def chosen(session: Session, node: str) -> list[dict[str, Any]]:
    """Return the pods to evict; raises when some may not be, one line for each reason."""
    listed = session.client.list("pods", "", field_selector=f"spec.nodeName={node}",
                                 label_selector=session.flags["pod-selector"])["items"]
    fatal: dict[str, list[str]] = {}
    warned: dict[str, list[str]] = {}
    found: list[dict[str, Any]] = []
    for pod in listed:
        verdict, reason = _judge(session, pod)
        where = f"{namespace(pod)}/{name(pod)}"
        if verdict == "fatal":
            fatal.setdefault(reason, []).append(where)
            continue
        if reason:
            warned.setdefault(reason, []).append(where)
        if verdict == "evict":
            found.append({"namespace": namespace(pod), "name": name(pod), "uid": uid(pod), "state": "new", "at": 0.0})
    if fatal:
        raise CommandError("\n".join(f"{reason}: {', '.join(pods)}" for reason, pods in sorted(fatal.items())))
    if warned:
        session.err("Warning: " + "; ".join(f"{reason}: {', '.join(pods)}" for reason, pods in
                                            sorted(warned.items(), key=lambda item: item[0] != DAEMON_WARNING)) + "\n")
    return found


def _judge(session: Session, pod: Object) -> tuple[str, str]:
    """Return (evict | skip | fatal, reason)."""
    flags = session.flags
    if MIRROR in annotations_of(pod):
        return "skip", ""
    finished = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
    owner = controller_of(pod)
    if owner and owner["kind"] == "DaemonSet" and not finished:
        return ("skip", DAEMON_WARNING) if flags["ignore-daemonsets"] else ("fatal", DAEMON_FATAL)
    local = any(volume.get("emptyDir") is not None for volume in pod["spec"].get("volumes") or ())
    if local and not finished and not flags["delete-emptydir-data"]:
        return "fatal", LOCAL_FATAL
    if owner is None and not finished:
        return ("evict", BARE_WARNING) if flags["force"] else ("fatal", BARE_FATAL)
    return "evict", ""


def advance(session: Session) -> bool:
    """Evict what can be, notice what is gone; return whether the node is empty."""
    for one in session.state["pods"]:
        if one["state"] == "new" and session.now() >= one["at"]:
            _evict(session, one)
        if one["state"] == "leaving":
            _look(session, one)
    done = all(one["state"] == "gone" for one in session.state["pods"])
    until = session.state["until"]
    if not done and until is not None and session.now() >= until:
        raise CommandError(f"unable to drain node \"{session.state['nodes'][0]}\" due to error: error when waiting for "
                           "pods to terminate: global timeout reached: timed out")
    return done


def wake(session: Session) -> float | None:
    """Return when to look again at the latest."""
    moments = [one["at"] for one in session.state["pods"] if one["state"] == "new"]
    if session.state["until"] is not None:
        moments.append(session.state["until"])
    return min(moments) if moments else None


def _evict(session: Session, one: dict[str, Any]) -> None:
    mode = dry_run(session)
    suffix = {"client": " (dry run)", "server": " (server dry run)"}.get(mode, "")
    session.out(f"evicting pod {one['namespace']}/{one['name']}{suffix}\n")
    if mode == "client":
        one["state"] = "gone"
        return
    try:
        _send(session, one, mode == "server")
    except StatusError as failure:
        _refused(session, one, failure)
        return
    one["state"] = "gone" if mode == "server" else "leaving"


def _send(session: Session, one: dict[str, Any], dry: bool) -> None:
    options: dict[str, Any] = {}
    if session.flags["grace-period"] >= 0:
        options["gracePeriodSeconds"] = session.flags["grace-period"]
    if session.flags["disable-eviction"]:
        session.client.delete("pods", one["name"], one["namespace"], options, dry_run=dry)
        return
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "deleteOptions": options,
            "metadata": {"name": one["name"], "namespace": one["namespace"]}}
    session.client.create("pods", body, one["namespace"], name=one["name"], subresource="eviction", dry_run=dry)


def _refused(session: Session, one: dict[str, Any], failure: StatusError) -> None:
    if failure.reason == "NotFound":
        one["state"] = "gone"
    elif failure.code == 429:
        session.err(f'error when evicting pods/"{one["name"]}" -n "{one["namespace"]}" (will retry after 5s): '
                    f"{failure.message}\n")
        one["at"] = session.now() + RETRY
    else:
        raise failure


def _look(session: Session, one: dict[str, Any]) -> None:
    try:
        live = session.client.get("pods", one["name"], one["namespace"])
        if uid(live) == one["uid"]:
            return
    except StatusError as failure:
        if failure.reason != "NotFound":
            raise
    session.out(f"pod/{one['name']} {'deleted' if session.flags['disable-eviction'] else 'evicted'}\n")
    one["state"] = "gone"
