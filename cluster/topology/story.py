"""The story: at most one short sentence for each revision, saying who did what and why.

Bookkeeping writes (leases, events, status counts) have no caption: the picture shows them well enough.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from cluster.machinery.meta import Object, controller_of, is_deleting, labels, meta, name, namespace
from cluster.store.interface import Revision, Store
from cluster.topology import health
from cluster.topology.captions import Caption
from cluster.topology.graph import id_of, node_id

QUIET = frozenset({"events", "leases.coordination.k8s.io", "endpoints", "controllerrevisions.apps"})


class Storyteller:
    """Tells revisions in order. It remembers how many pods each controller has, as captions name the number."""

    def __init__(self, store: Store):
        self.store = store
        self._children: dict[str, set[str]] = defaultdict(set)
        for pod in store.list("pods"):
            self._children[_owner_uid(pod)].add(name(pod))

    def tell(self, revision: Revision) -> Caption | None:
        """Return the caption of one revision, or None when it adds nothing to the story."""
        caption = self._caption(revision)
        if revision.resource == "pods":
            siblings = self._children[_owner_uid(revision.object)]
            (siblings.discard if revision.verb == "DELETED" else siblings.add)(revision.name)
        return caption

    def _caption(self, revision: Revision) -> Caption | None:
        if revision.resource in QUIET:
            return None
        teller = _TELLERS.get(revision.resource)
        found = teller(self, revision) if teller else None
        if found is not None:
            message, params = found
            return Caption(message, _focus(revision), {"name": revision.name, **params})
        return None if teller and revision.verb == "MODIFIED" else _generic(revision)

    def siblings(self, pod: Object) -> int:
        return len(self._children[_owner_uid(pod)] - {name(pod)})


Told = tuple[str, Mapping[str, Any]] | None


def _owner_uid(pod: Object) -> str:
    return str((controller_of(pod) or {}).get("uid", ""))


def _focus(revision: Revision) -> str:
    if revision.resource == "endpointslices.discovery.k8s.io":
        return node_id("services", revision.namespace, _service(revision.object))
    return id_of(revision.resource, revision.object)


def _generic(revision: Revision) -> Caption | None:
    kind = str(revision.object.get("kind", ""))
    message = {"ADDED": "created", "DELETED": "deleted"}.get(revision.verb)
    if message is None and not _same_spec(revision):
        message = "changed"
    if not message or not kind or revision.resource == "endpointslices.discovery.k8s.io":
        return None
    return Caption(message, _focus(revision), {"kind": kind, "name": revision.name})


def _same_spec(revision: Revision) -> bool:
    apart = ("metadata", "status")
    old = {key: value for key, value in (revision.previous or {}).items() if key not in apart}
    return old == {key: value for key, value in revision.object.items() if key not in apart}


def _wanted(obj: Object | None) -> int:
    want = (obj or {}).get("spec", {}).get("replicas")
    return 1 if want is None else int(want)


# -- pods


def _pod(story: Storyteller, revision: Revision) -> Told:
    if revision.verb == "ADDED":
        return _pod_created(story, revision.object)
    if revision.verb == "DELETED":
        return _pod_deleted(story, revision.object)
    old = revision.previous or {}
    return next((told for rule in _POD_STEPS if (told := rule(old, revision.object)) is not None), None)


def _pod_owner(story: Storyteller, pod: Object) -> tuple[dict[str, Any], Object | None]:
    owner = controller_of(pod)
    if owner is None:
        return {}, None
    resource = {"ReplicaSet": "replicasets.apps", "StatefulSet": "statefulsets.apps"}.get(str(owner["kind"]))
    resource = "replicationcontrollers" if owner["kind"] == "ReplicationController" else resource
    found = story.store.get(resource, namespace(pod), str(owner["name"])) if resource else None
    return {"owner_kind": owner["kind"], "owner": owner["name"]}, found


def _pod_created(story: Storyteller, pod: Object) -> Told:
    words, owner = _pod_owner(story, pod)
    if not words:
        return "pod-created", {}
    if owner is None:
        return "pod-created-for", words
    return "pod-created-by", {**words, "want": _wanted(owner), "have": story.siblings(pod)}


def _pod_deleted(story: Storyteller, pod: Object) -> Told:
    words, owner = _pod_owner(story, pod)
    if owner is None or is_deleting(owner) or story.siblings(pod) >= _wanted(owner):
        return "pod-deleted", {}
    return "pod-deleted-by", {**words, "want": _wanted(owner)}


def _pod_deleting(old: Object, new: Object) -> Told:
    if is_deleting(new) and not is_deleting(old):
        return "pod-deleting", {"grace": meta(new).get("deletionGracePeriodSeconds", 0)}
    return None


def _pod_bound(old: Object, new: Object) -> Told:
    node = new.get("spec", {}).get("nodeName")
    return ("pod-bound", {"node": node}) if node and not old.get("spec", {}).get("nodeName") else None


def _pod_unschedulable(old: Object, new: Object) -> Told:
    now, before = health.condition(new, "PodScheduled"), health.condition(old, "PodScheduled")
    if now.get("status") == "False" and now.get("message") != before.get("message"):
        return "pod-unschedulable", {"why": now.get("message", "")}
    return None


def _pod_phase(old: Object, new: Object) -> Told:
    phase = new.get("status", {}).get("phase")
    if phase == old.get("status", {}).get("phase") or phase not in ("Succeeded", "Failed"):
        return None
    return f"pod-{phase.lower()}", {}


def _pod_readiness(old: Object, new: Object) -> Told:
    now, before = health.is_true(new, "Ready"), health.is_true(old, "Ready")
    if now == before or is_deleting(new):
        return None
    return ("pod-ready", {}) if now else ("pod-unready", {})


def _pod_restarted(old: Object, new: Object) -> Told:
    before = {each.get("name"): int(each.get("restartCount", 0)) for each in health.container_statuses(old)}
    for status in health.container_statuses(new):
        times = int(status.get("restartCount", 0))
        if times > before.get(status.get("name"), times):
            return "pod-restarted", {"container": status.get("name"), "times": times}
    return None


def _pod_crashed(old: Object, new: Object) -> Told:
    before = {each.get("name"): each.get("state") or {} for each in health.container_statuses(old)}
    for status in health.container_statuses(new):
        ended = (status.get("state") or {}).get("terminated") or {}
        if ended.get("exitCode") and "terminated" not in before.get(status.get("name"), {}):
            return "pod-crashed", {"container": status.get("name"), "code": ended["exitCode"]}
    return None


def _pod_waiting(old: Object, new: Object) -> Told:
    now = health.pod_state(new)
    if now["state"] == "crashloop" and now["word"] != health.pod_state(old)["word"]:
        return "pod-waiting", {"why": now.get("message") or now["word"]}
    return None


def _pod_started(old: Object, new: Object) -> Told:
    if new.get("status", {}).get("phase") == "Running" != old.get("status", {}).get("phase"):
        return "pod-started", {"node": new.get("spec", {}).get("nodeName", "")}
    return None


_POD_STEPS: tuple[Callable[[Object, Object], Told], ...] = (
    _pod_deleting,
    _pod_bound,
    _pod_unschedulable,
    _pod_phase,
    _pod_restarted,
    _pod_crashed,
    _pod_waiting,
    _pod_readiness,
    _pod_started,
)


# -- workloads


def _deployment(story: Storyteller, revision: Revision) -> Told:
    new, old, want = revision.object, revision.previous or {}, _wanted(revision.object)
    if revision.verb == "ADDED":
        containers = new.get("spec", {}).get("template", {}).get("spec", {}).get("containers") or [{}]
        return "deployment-created", {"want": want, "image": containers[0].get("image", "")}
    if revision.verb == "DELETED":
        return None
    if _wanted(old) != want:
        return "deployment-scaled", {"want": want, "had": _wanted(old)}
    if new.get("spec", {}).get("template") != old.get("spec", {}).get("template"):
        return "deployment-template", {}
    return ("deployment-complete", {"want": want}) if _is_complete(new) and not _is_complete(old) else None


def _is_complete(deployment: Object) -> bool:
    status, want = deployment.get("status", {}), _wanted(deployment)
    numbers = {int(status.get(key) or 0) for key in ("replicas", "updatedReplicas", "readyReplicas")}
    return want > 0 and numbers == {want}


def _replicaset(story: Storyteller, revision: Revision) -> Told:
    want, had = _wanted(revision.object), _wanted(revision.previous)
    owner = controller_of(revision.object)
    alone, words = ("", {"owner": owner["name"]}) if owner else ("-alone", {})
    if revision.verb == "ADDED":
        return f"replicaset-created{alone}", {**words, "want": want}
    if revision.verb == "MODIFIED" and want != had:
        return f"replicaset-scaled{alone}", {**words, "want": want, "had": had}
    return None


def _job(story: Storyteller, revision: Revision) -> Told:
    done = health.is_true(revision.object, "Complete") and not health.is_true(revision.previous or {}, "Complete")
    return ("job-complete", {}) if done and revision.verb == "MODIFIED" else None


# -- network, storage, machines


def _service_created(story: Storyteller, revision: Revision) -> Told:
    if revision.verb != "ADDED":
        return None
    return "service-created", {"ip": revision.object.get("spec", {}).get("clusterIP") or "—"}


def _service(slice_: Object) -> str:
    return labels(slice_).get("kubernetes.io/service-name", "")


def _endpoints(story: Storyteller, revision: Revision) -> Told:
    now, before = _ready_count(revision.object), _ready_count(revision.previous or {})
    if revision.verb == "DELETED" or now == before:
        return None
    return "endpoints", {"name": _service(revision.object), "count": now}


def _ready_count(slice_: Object) -> int:
    found = slice_.get("endpoints") or ()
    return sum(1 for each in found if (each.get("conditions") or {}).get("ready", True))


def _node(story: Storyteller, revision: Revision) -> Told:
    if revision.verb != "MODIFIED":
        return None
    new, old = health.node_state(revision.object), health.node_state(revision.previous or {})
    if new["state"] != old["state"]:
        return f"node-{new['state']}", {}
    if new["cordoned"] != old["cordoned"]:
        return ("node-cordoned" if new["cordoned"] else "node-uncordoned"), {}
    return None


def _claim(story: Storyteller, revision: Revision) -> Told:
    phase, before = (each.get("status", {}).get("phase") for each in (revision.object, revision.previous or {}))
    if phase == "Bound" != before:
        return "claim-bound", {"volume": revision.object.get("spec", {}).get("volumeName", "")}
    return None


_TELLERS: Mapping[str, Callable[[Storyteller, Revision], Told]] = {
    "pods": _pod,
    "deployments.apps": _deployment,
    "replicasets.apps": _replicaset,
    "jobs.batch": _job,
    "services": _service_created,
    "endpointslices.discovery.k8s.io": _endpoints,
    "nodes": _node,
    "persistentvolumeclaims": _claim,
}
