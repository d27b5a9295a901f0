"""The garbage collector: deletes what its owners left behind, in the foreground, the background, or not at all.

Follows pkg/controller/garbagecollector. The real one builds a graph from watches; here the store's
index of owner references is the graph.
https://kubernetes.io/docs/concepts/architecture/garbage-collection/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.controllers.base import Controller, Handler
from cluster.kinds.kind import Kind
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, is_deleting, meta, name, namespace, uid
from cluster.machinery.owners import owner_references
from cluster.store.interface import Revision

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"
# Before it lets an owner go it asks the API for it anew; meanwhile the owner's controller counts the last dependant.
ASKING = 0.05
Reference = dict[str, Any]


@dataclass
class Owners:
    """The owner references of one object, by the state of the owner."""

    solid: list[Reference]
    dangling: list[Reference]
    waiting: list[Reference]


class GarbageCollector(Controller):
    """Keys are `storage key|namespace|name`."""

    name = "garbage-collector"
    account = "generic-garbage-collector"
    source = "garbage-collector-controller"

    def watches(self) -> Mapping[str, Handler]:
        return {}

    def resume(self) -> None:
        self.queue.clear()
        for kind in self.client.server.registry:
            if kind.stored:
                for obj in self.store.list(kind.key):
                    if self._needs_look(obj):
                        self.queue.add(_key(kind.key, obj))

    def observe(self, revision: Revision) -> None:
        obj = revision.object
        if revision.verb == "DELETED":
            self._owner_gone(obj)
        elif self._needs_look(obj) and not _same_ownership(revision):
            self._causes[_key(revision.resource, obj)] = str(revision.number)
            self.queue.add(_key(revision.resource, obj))

    def _owner_gone(self, obj: Object) -> None:
        """Look at the dependants of what is gone, and at owners that waited for it."""
        for resource, dependant in self.store.owned_by(uid(obj)):
            self.queue.add(_key(resource, dependant))
        for reference in owner_references(obj):
            kind = self._kind_of(reference)
            owner = self._find(kind, reference, namespace(obj)) if kind else None
            if kind is not None and owner is not None and is_deleting(owner):
                self.queue.add_after(_key(kind.key, owner), ASKING)

    def _needs_look(self, obj: Object) -> bool:
        if is_deleting(obj) and (_has(obj, FOREGROUND) or _has(obj, ORPHAN)):
            return True
        return any(not self._is_solid(reference, obj) for reference in owner_references(obj))

    def _is_solid(self, reference: Reference, obj: Object) -> bool:
        kind = self._kind_of(reference)
        owner = self._find(kind, reference, namespace(obj)) if kind else None
        return owner is not None and not _deletes_dependants(owner)

    def _kind_of(self, reference: Reference) -> Kind | None:
        group, _, _ = str(reference.get("apiVersion", "")).rpartition("/")
        return self.client.server.registry.by_kind(group, str(reference.get("kind", "")))

    def _find(self, kind: Kind, reference: Reference, space: str) -> Object | None:
        found = self.store.get(kind.key, space if kind.namespaced else "", str(reference.get("name", "")))
        return found if found is not None and uid(found) == reference.get("uid") else None

    def reconcile(self, key: str) -> float | None:
        resource, space, each = key.split("|", 2)
        obj = self.store.get(resource, space, each)
        kind = self.client.server.registry.by_key(resource)
        if obj is None or kind is None:
            return None
        if is_deleting(obj) and _has(obj, ORPHAN):
            self._orphan(kind, obj)
        elif _deletes_dependants(obj):
            self._delete_dependants(kind, obj)
        elif not is_deleting(obj):
            self._judge(kind, obj)
        return None

    def _judge(self, kind: Kind, obj: Object) -> None:
        """Delete `obj` if no owner is left; else drop the references to those that are gone."""
        references = owner_references(obj)
        if not references:
            return
        owners = self._classify(references, namespace(obj), namespaced=kind.namespaced)
        if owners.solid:
            if owners.dangling or owners.waiting:
                self._keep_only(kind, obj, owners.solid)
            return
        foreground = bool(owners.waiting) and bool(self._dependants(obj))
        policy = "Foreground" if foreground else _policy_of(obj)
        self._delete(kind, obj, policy)

    def _classify(self, references: Sequence[Reference], space: str, *, namespaced: bool) -> Owners:
        owners = Owners([], [], [])
        for reference in references:
            kind = self._kind_of(reference)
            if kind is None or (kind.namespaced and not namespaced):
                owners.solid.append(reference)  # it cannot be known whether the owner exists
                continue
            owner = self._find(kind, reference, space)
            if owner is None:
                owners.dangling.append(reference)
            elif _deletes_dependants(owner):
                owners.waiting.append(reference)
            else:
                owners.solid.append(reference)
        return owners

    def _dependants(self, obj: Object) -> Sequence[tuple[str, Object]]:
        return self.store.owned_by(uid(obj))

    def _delete_dependants(self, kind: Kind, obj: Object) -> None:
        """Foreground: every dependant goes first; those that do not block are not waited for."""
        blocking = False
        for resource, dependant in list(self._dependants(obj)):
            blocks = any(
                reference.get("uid") == uid(obj) and reference.get("blockOwnerDeletion")
                for reference in owner_references(dependant)
            )
            blocking = blocking or blocks
            if not is_deleting(dependant):
                self.queue.add(_key(resource, dependant))
        if not blocking:
            self._remove_finalizer(kind, obj, FOREGROUND)

    def _orphan(self, kind: Kind, obj: Object) -> None:
        for resource, dependant in list(self._dependants(obj)):
            theirs = self.client.server.registry.by_key(resource)
            if theirs is not None:
                kept = [each for each in owner_references(dependant) if each.get("uid") != uid(obj)]
                self._keep_only(theirs, dependant, kept)
        self._remove_finalizer(kind, obj, ORPHAN)

    def _keep_only(self, kind: Kind, obj: Object, references: Sequence[Reference]) -> None:
        patch = {"metadata": {"ownerReferences": list(references) or None, "uid": uid(obj)}}
        self._ignoring_absence(lambda: self.client.patch(kind.resource, name(obj), patch, namespace(obj)))

    def _remove_finalizer(self, kind: Kind, obj: Object, finalizer: str) -> None:
        kept = [each for each in meta(obj).get("finalizers") or () if each != finalizer]
        patch = {"metadata": {"finalizers": kept or None, "resourceVersion": meta(obj)["resourceVersion"]}}
        self._ignoring_absence(lambda: self.client.patch(kind.resource, name(obj), patch, namespace(obj)))

    def _delete(self, kind: Kind, obj: Object, policy: str) -> None:
        options = {"propagationPolicy": policy, "preconditions": {"uid": uid(obj)}}
        self._ignoring_absence(lambda: self.client.delete(kind.resource, name(obj), namespace(obj), options))

    def _ignoring_absence(self, act: Any) -> None:
        try:
            act()
        except StatusError as error:
            if error.code != 404:
                raise


def _key(resource: str, obj: Object) -> str:
    return f"{resource}|{namespace(obj)}|{name(obj)}"


def _has(obj: Object, finalizer: str) -> bool:
    return finalizer in (meta(obj).get("finalizers") or ())


def _deletes_dependants(obj: Object) -> bool:
    return is_deleting(obj) and _has(obj, FOREGROUND)


def _policy_of(obj: Object) -> str:
    if _has(obj, ORPHAN):
        return "Orphan"
    return "Foreground" if _has(obj, FOREGROUND) else "Background"


def _same_ownership(revision: Revision) -> bool:
    """Nothing this controller looks at has changed."""
    before = revision.previous
    return (
        before is not None
        and meta(before).get("ownerReferences") == meta(revision.object).get("ownerReferences")
        and meta(before).get("finalizers") == meta(revision.object).get("finalizers")
        and is_deleting(before) == is_deleting(revision.object)
    )
