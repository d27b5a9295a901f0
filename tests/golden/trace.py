"""A run as the recordings tell it: objects reduced to what a learner sees, names that chance chose made equal."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from cluster.machinery.meta import Object, meta
from cluster.store.interface import Revision

_HIDDEN_LABELS = (
    "pod-template-hash", "controller-revision-hash", "pod-template-generation", "controller-uid",
    "batch.kubernetes.io/controller-uid", "controller.kubernetes.io/hash",
)  # fmt: skip
_HIDDEN_NOTES = ("kubectl.kubernetes.io/last-applied-configuration", "kubernetes.io/description",
                 "endpoints.kubernetes.io/last-change-trigger-time")
# What is compared of each kind; everything else is another part's business.
KINDS: dict[str, tuple[str, ...]] = {
    "Pod": ("owners", "finalizers", "labels", "nodeName", "deleting", "conditions", "phase", "nominatedNodeName"),
    "Deployment": ("annotations", "replicas", "status", "conditions", "deleting", "finalizers"),
    "ReplicaSet": ("owners", "labels", "annotations", "replicas", "status", "conditions", "deleting"),
    "ReplicationController": ("replicas", "status"),
    "StatefulSet": ("replicas", "status"),
    "DaemonSet": ("status",),
    "Job": ("owners", "status", "conditions"),
    "CronJob": ("status",),
    "ControllerRevision": ("owners", "revision"),
    "Endpoints": ("labels", "subsets"),
    "EndpointSlice": ("owners", "labels", "ports", "endpoints"),
    "PodDisruptionBudget": ("status", "conditions"),
    "PersistentVolume": ("annotations", "claimRef", "status", "finalizers", "deleting"),
    "PersistentVolumeClaim": ("annotations", "volumeName", "status", "deleting", "owners", "finalizers"),
    "ResourceQuota": ("status",),
    "Node": ("taints", "unschedulable"),
    "Namespace": ("deleting", "status", "conditions"),
    "ClusterRole": ("rules",),
    "ConfigMap": ("owners",),
    "HorizontalPodAutoscaler": ("status", "conditions"),
}
_NUMBERS = ("replicas", "Replicas", "Number", "number", "active", "ready", "succeeded", "failed", "terminating",
            "Healthy", "expectedPods", "disruptionsAllowed", "observedGeneration")


_LETTERS = {"replicasets.apps": "h", "controllerrevisions.apps": "r", "jobs.batch": "minute"}


class Names:
    """Placeholders for names that chance chose, in order of appearance; pods of one owner are all alike."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self._counts: dict[str, int] = defaultdict(int)
        self.addresses: dict[str, str] = {}

    def learn(self, revision: Revision) -> None:
        obj, each = revision.object, revision.name
        if each not in self.known:
            self._name(revision)
        if revision.resource == "pods" and (obj.get("status") or {}).get("podIP"):
            self.addresses[obj["status"]["podIP"]] = f"<ip:{self.text(each)}>"

    def _name(self, revision: Revision) -> None:
        obj, each = revision.object, revision.name
        owner = next((one for one in meta(obj).get("ownerReferences") or () if one.get("controller")), None)
        prefix = self.text(owner["name"]) if owner else ""
        if revision.resource in _LETTERS and owner:
            letter = _LETTERS[revision.resource]
            self._counts[owner["name"] + letter] += 1
            self.known[each] = f"{prefix}-<{letter}{self._counts[owner['name'] + letter]}>"
        elif revision.resource == "pods" and meta(obj).get("generateName") and owner and owner["kind"] != "StatefulSet":
            index = (meta(obj).get("annotations") or {}).get("batch.kubernetes.io/job-completion-index")
            self.known[each] = f"{prefix}-{index}-<p>" if index is not None else f"{prefix}-<p>"
        elif revision.resource == "endpointslices.discovery.k8s.io" and owner:
            self.known[each] = f"{prefix}-<e>"

    def text(self, text: str) -> str:
        if text in self.known:
            return self.known[text]
        for real in sorted(self.known, key=len, reverse=True):
            if real in text:
                text = text.replace(real, self.known[real])
        return text


def erase(text: str, workers: bool) -> str:
    """Make alike what may differ from run to run."""
    text = re.sub(r"<(p|e)\d+>", r"<\1>", text)
    text = re.sub(r"(<h\d+>|rs|rc)-[bcdfghjklmnpqrstvwxz2456789]{5}\b", r"\1-<p>", text)
    text = re.sub(r"Preempted by pod [0-9a-f-]{36}", "Preempted by pod <uid>", text)
    text = re.sub(r"(Scaled (?:up|down) replica set \S+) from \d+ to \d+", r"\1", text)
    text = text.replace("(combined from similar events): ", "")
    return re.sub(r"worker-\d", "worker", text) if workers else text


def reduce(obj: Object, names: Names) -> dict[str, Any]:
    """Return the object as a trace shows it."""
    kind = obj["kind"]
    found: dict[str, Any] = {}
    data = meta(obj)
    owners = []
    for owner in data.get("ownerReferences") or ():
        words = [f"{owner['kind']}/{names.text(owner['name'])}"]
        words += [word for word in ("controller", "blockOwnerDeletion") if owner.get(word)]
        owners.append(" ".join(words))
    _put(found, "owners", owners)
    _put(found, "finalizers", data.get("finalizers"))
    _put(found, "deleting", "deletionTimestamp" in data)
    for field, hidden in (("labels", _HIDDEN_LABELS), ("annotations", _HIDDEN_NOTES)):
        kept = _kept(data.get(field), hidden)
        _put(found, field, {key: names.text(value) for key, value in kept.items()})
    found |= _SPECIAL.get(kind, _plain)(obj, names)
    conditions = (obj.get("status") or {}).get("conditions")
    if conditions and kind != "Node":
        found["conditions"] = {each["type"]: _condition(each, names) for each in conditions}
    return {field: found[field] for field in KINDS.get(kind, ()) if field in found}


def _put(found: dict[str, Any], field: str, value: Any) -> None:
    if value:
        found[field] = value


def _kept(values: dict[str, str] | None, hidden: Iterable[str]) -> dict[str, str]:
    return {key: value for key, value in (values or {}).items() if key not in hidden}


def _condition(condition: dict[str, Any], names: Names) -> list[str]:
    words = [condition["status"], condition.get("reason") or "", names.text(condition.get("message") or "")]
    while words and not words[-1] and len(words) > 1 and not (len(words) == 3 and "message" in condition and words[1]):
        words.pop()
    return words


def _numbers(obj: Object, *, drop: Iterable[str] = ()) -> dict[str, Any]:
    status = obj.get("status") or {}
    return {key: value for key, value in status.items() if key not in ("conditions", *drop) and value is not None}


def _plain(obj: Object, names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {}
    spec = obj.get("spec") or {}
    if "replicas" in spec:
        found["replicas"] = spec["replicas"]
    _put(found, "status", json.loads(names.text(json.dumps(_numbers(obj)))))
    return found


def _pod(obj: Object, names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {"phase": (obj.get("status") or {}).get("phase")}
    _put(found, "nodeName", obj["spec"].get("nodeName"))
    _put(found, "nominatedNodeName", (obj.get("status") or {}).get("nominatedNodeName"))
    return found


def _job(obj: Object, names: Names) -> dict[str, Any]:
    status = {key: value for key, value in _numbers(obj).items() if key != "uncountedTerminatedPods"}
    for field in ("startTime", "completionTime"):
        if field in status:
            status[field] = "<time>"
    return {"status": status}


def _cronjob(obj: Object, names: Names) -> dict[str, Any]:
    status = _numbers(obj)
    for field in ("lastScheduleTime", "lastSuccessfulTime"):
        if field in status:
            status[field] = "<time>"
    status["active"] = [names.text(each["name"]) for each in status.get("active") or ()]
    return {"status": status}


def _revision(obj: Object, names: Names) -> dict[str, Any]:
    return {"revision": obj["revision"]}


def _endpoints(obj: Object, names: Names) -> dict[str, Any]:
    subsets = []
    for each in obj.get("subsets") or ():
        one = {"ports": each.get("ports") or []}
        for state in ("addresses", "notReadyAddresses"):
            one[state] = sorted(_address(a, names) for a in each.get(state) or ())
        subsets.append(one)
    return {"subsets": subsets} if subsets else {}


def _address(address: dict[str, Any], names: Names) -> str:
    target = names.text((address.get("targetRef") or {}).get("name", ""))
    return f"{names.addresses.get(address['ip'], address['ip'])} {target}".strip()


def _slice(obj: Object, names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {}
    _put(found, "ports", obj.get("ports"))
    endpoints = []
    for each in obj.get("endpoints") or ():
        one = {"addresses": [names.addresses.get(ip, ip) for ip in each["addresses"]], "conditions": each["conditions"]}
        for field in ("nodeName", "hostname"):
            if each.get(field):
                one[field] = each[field]
        one["targetRef"] = f"Pod/{names.text(each['targetRef']['name'])}"
        endpoints.append(one)
    _put(found, "endpoints", sorted(endpoints, key=lambda one: json.dumps(one, sort_keys=True)))
    return found


def _budget(obj: Object, names: Names) -> dict[str, Any]:
    status = _numbers(obj)
    if status.get("disruptedPods"):
        status["disruptedPods"] = sorted(names.text(each) for each in status["disruptedPods"])
    return {"status": status}


def _volume(obj: Object, names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {"status": {"phase": (obj.get("status") or {}).get("phase")}}
    reference = obj["spec"].get("claimRef")
    if reference:
        known = "" if reference.get("uid") else " (no uid)"
        found["claimRef"] = f"{reference['namespace']}/{reference['name']}{known}"
    return found


def _claim(obj: Object, names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {"status": _numbers(obj)}
    _put(found, "volumeName", obj["spec"].get("volumeName"))
    return found


def _node(obj: Object, names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {}
    taints = (obj.get("spec") or {}).get("taints") or ()
    texts = [t["key"] + (f"={t['value']}" if t.get("value") else "") + f":{t['effect']}" for t in taints]
    _put(found, "taints", texts)
    _put(found, "unschedulable", (obj.get("spec") or {}).get("unschedulable"))
    return found


def _namespace(obj: Object, names: Names) -> dict[str, Any]:
    return {"status": {"phase": (obj.get("status") or {}).get("phase")}}


def _role(obj: Object, names: Names) -> dict[str, Any]:
    return {"rules": obj["rules"]} if obj.get("rules") else {}


_SPECIAL = {
    "Pod": _pod, "Job": _job, "CronJob": _cronjob, "ControllerRevision": _revision, "Endpoints": _endpoints,
    "EndpointSlice": _slice, "PodDisruptionBudget": _budget, "PersistentVolume": _volume,
    "PersistentVolumeClaim": _claim, "Node": _node, "Namespace": _namespace, "ClusterRole": _role,
}  # fmt: skip


class Story:
    """What happened to each object: values of each path in order, the end, the Events about it."""

    def __init__(self, workers: bool) -> None:
        self._workers = workers
        self._states: dict[str, dict[str, Any]] = {}
        self._paths: dict[str, dict[str, list[str]]] = {}
        self._deleted: dict[str, bool] = {}
        self._events: dict[str, list[str]] = defaultdict(list)

    def state(self, key: str, state: dict[str, Any]) -> None:
        """The object is like this now."""
        self._deleted.pop(key, None)
        self._states[key] = state
        paths = self._paths.setdefault(key, {})
        flat = dict(_flat(state))
        for path in {*paths, *flat}:
            value = flat.get(path, "-")
            seen = paths.setdefault(path, [])
            if not seen and value == "-":
                continue
            if not seen or seen[-1] != value:
                seen.append(value)

    def delete(self, key: str) -> None:
        self._deleted[key] = True

    def event(self, key: str, text: str) -> None:
        if text not in self._events[key]:
            self._events[key].append(text)

    def told(self) -> dict[str, list[str]]:
        """Return erased key → the stories of all objects of that key, sorted."""
        stories: dict[str, list[str]] = defaultdict(list)
        for key, paths in self._paths.items():
            lines = [f"{path}: {' → '.join(_thinned(path, values))}" for path, values in sorted(paths.items())]
            lines = [line for line in lines if not line.startswith("status.observedGeneration")]
            if self._deleted.get(key):
                lines = [*(line for line in lines if not line.startswith("deleting")), "deleted"]
            stories[self._erase(key.partition("#")[0])].append(self._erase("\n".join(lines)))
        for key, events in self._events.items():
            stories[f"events of {self._erase(key)}"].extend(self._erase(each) for each in events)
        return {
            key: sorted(set(values) if key.startswith("events") else values) for key, values in stories.items()
        }

    def _erase(self, text: str) -> str:
        return erase(text, self._workers)


def _thinned(path: str, values: list[str]) -> list[str]:
    """Of numbers only the last counts: the sums on the way depend on how changes were batched."""
    if path == "replicas":
        return [values[0], values[-1]]
    counts = path.startswith("status") and any(word in path for word in _NUMBERS)
    if counts or path.startswith(("endpoints", "subsets", "ports", "status.used", "status.completedIndexes")):
        return values[-1:]
    return values


def _flat(state: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for field, value in state.items():
        if field in ("status", "conditions", "labels", "annotations") and isinstance(value, dict):
            for inner, one in value.items():
                yield f"{field}.{inner}", json.dumps(one, sort_keys=True)
        else:
            yield field, json.dumps(value, sort_keys=True)
