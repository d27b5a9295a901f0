"""Which FlowSchema a request belongs to, and by it which priority level and which flow within.

https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.apiserver import paths
from cluster.apiserver.request import User
from cluster.machinery.meta import Object
from cluster.store.interface import Store

SCHEMAS = "flowschemas.flowcontrol.apiserver.k8s.io"
LEVELS = "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io"
_ACCOUNT = "system:serviceaccount:"
_VERBS = {  # method -> (verb on a named object, verb on a collection, verb on a path)
    "GET": ("get", "list", "get"),
    "HEAD": ("get", "list", "head"),
    "POST": ("create", "create", "post"),
    "PUT": ("update", "update", "put"),
    "PATCH": ("patch", "patch", "patch"),
    "DELETE": ("delete", "deletecollection", "delete"),
}


@dataclass(frozen=True, slots=True)
class Digest:
    """What of a request decides its flow: a resource with its subresource, or a path."""

    verb: str
    group: str = ""
    resource: str = ""
    namespace: str = ""
    path: str = ""


def digest(method: str, path: str, watches: bool = False) -> Digest:
    """Return the digest of one HTTP request; `watches`: its query asks for a watch."""
    named, collection, plain = _VERBS.get(method, ("get", "list", method.lower()))
    place = paths.parse(path)
    if place is None:
        return Digest(plain, path=path)
    verb = named if place.name else collection
    if verb in ("get", "list") and (watches or place.watch):
        verb = "watch"
    resource = f"{place.resource}/{place.subresource}" if place.subresource else place.resource
    return Digest(verb, place.group, resource, place.namespace, "")


@dataclass(frozen=True, slots=True)
class Flow:
    """Where a request belongs: FlowSchema, priority level, and the flow that shares queues with no other."""

    schema: str
    schema_uid: str
    level: str
    level_uid: str
    distinguisher: str = ""


class Plan:
    """All FlowSchemas and levels of one moment."""

    def __init__(self, schemas: Iterable[Object], levels: Iterable[Object]):
        self.levels = {level["metadata"]["name"]: level for level in levels}
        known = [schema for schema in schemas if _level_of(schema) in self.levels]  # others dangle
        self._schemas = sorted(known, key=lambda one: (one["spec"]["matchingPrecedence"], one["metadata"]["name"]))

    @classmethod
    def of(cls, store: Store) -> Plan:
        return cls(store.list(SCHEMAS), store.list(LEVELS))

    def classify(self, asked: Digest, user: User) -> Flow | None:
        """Return the flow of a request; None where no schema matches, which is so without the mandatory ones only."""
        for schema in self._schemas:
            if any(_rule_matches(rule, asked, user) for rule in schema["spec"].get("rules") or ()):
                return self._flow(schema, asked, user)
        return None

    def _flow(self, schema: Object, asked: Digest, user: User) -> Flow:
        metadata, level = schema["metadata"], self.levels[_level_of(schema)]
        method = (schema["spec"].get("distinguisherMethod") or {}).get("type")
        by = {"ByUser": user.name, "ByNamespace": asked.namespace}.get(method or "", "")
        return Flow(metadata["name"], metadata["uid"], level["metadata"]["name"], level["metadata"]["uid"], by)


def _level_of(schema: Object) -> str:
    return str(schema["spec"]["priorityLevelConfiguration"]["name"])


def _rule_matches(rule: Mapping[str, Any], asked: Digest, user: User) -> bool:
    if not any(_is_subject(subject, user) for subject in rule.get("subjects") or ()):
        return False
    if asked.path:
        return any(_covers_path(one, asked) for one in rule.get("nonResourceRules") or ())
    return any(_covers_resource(one, asked) for one in rule.get("resourceRules") or ())


def _is_subject(subject: Mapping[str, Any], user: User) -> bool:
    kind = subject.get("kind")
    if kind == "User":
        return subject["user"]["name"] in ("*", user.name)
    if kind == "Group":
        name = subject["group"]["name"]
        return name == "*" or name in user.groups
    account = subject.get("serviceAccount") or {}
    namespace, name = account.get("namespace", ""), account.get("name", "")
    if name == "*":
        return user.name.startswith(f"{_ACCOUNT}{namespace}:")
    return user.name == f"{_ACCOUNT}{namespace}:{name}"


def _in(given: str, allowed: Sequence[str]) -> bool:
    return "*" in allowed or given in allowed


def _covers_path(rule: Mapping[str, Any], asked: Digest) -> bool:
    if not _in(asked.verb, rule.get("verbs") or ()):
        return False
    urls = rule.get("nonResourceURLs") or ()
    return any(url in ("*", asked.path) or (url.endswith("*") and asked.path.startswith(url[:-1])) for url in urls)


def _covers_resource(rule: Mapping[str, Any], asked: Digest) -> bool:
    wanted = ((asked.verb, "verbs"), (asked.group, "apiGroups"), (asked.resource, "resources"))
    if not all(_in(given, rule.get(field) or ()) for given, field in wanted):
        return False
    return _in(asked.namespace, rule.get("namespaces") or ()) if asked.namespace else bool(rule.get("clusterScope"))
