"""Claiming: which objects belong to a controller, adopting matching orphans, releasing strays.

Follows pkg/controller/controller_ref_manager.go. Orphans are indexed per namespace from the writes
a controller observes, so a claim never looks at all objects of a namespace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from cluster.apiserver.client import Client
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, is_deleting, labels, name, namespace, uid
from cluster.machinery.owners import controller_of, controller_reference
from cluster.store.interface import Revision, Store

Matcher = Callable[[Mapping[str, str]], bool]


class Orphans:
    """The objects of one resource that nothing controls, by namespace."""

    def __init__(self, store: Store, resource: str):
        self._store = store
        self._resource = resource
        self._names: dict[str, dict[str, None]] = {}

    def observe(self, revision: Revision) -> bool:
        """Take note of one write; say whether the object is an orphan now."""
        known = self._names.get(revision.namespace)
        orphan = revision.verb != "DELETED" and controller_of(revision.object) is None
        if orphan:
            self._names.setdefault(revision.namespace, {}).setdefault(revision.name)
        elif known is not None:
            known.pop(revision.name, None)
        return orphan

    def of(self, space: str) -> Iterator[Object]:
        for each in list(self._names.get(space, ())):
            obj = self._store.get(self._resource, space, each)
            if obj is not None:
                yield obj


@dataclass(frozen=True)
class Family:
    """One owner and the resource its children have."""

    owner: Object
    api_version: str
    kind: str
    resource: str
    matches: Matcher

    def claim(self, store: Store, client: Client, orphans: Orphans) -> list[Object]:
        """Return the children after adopting and releasing; a deleting owner adopts nothing."""
        kept = [child for child in self._owned(store) if self._keeps(client, child)]
        if not is_deleting(self.owner):
            for orphan in orphans.of(namespace(self.owner)):
                if not is_deleting(orphan) and self.matches(labels(orphan)):
                    adopted = self._adopt(client, orphan)
                    if adopted is not None:
                        kept.append(adopted)
        return kept

    def _owned(self, store: Store) -> Iterator[Object]:
        owner = uid(self.owner)
        for resource, child in store.owned_by(owner):
            if resource == self.resource:
                reference = controller_of(child)
                if reference is not None and reference["uid"] == owner:
                    yield child

    def _keeps(self, client: Client, child: Object) -> bool:
        if self.matches(labels(child)):
            return True
        if not is_deleting(self.owner) and not is_deleting(child):
            self._release(client, child)
        return False

    def _adopt(self, client: Client, orphan: Object) -> Object | None:
        reference = controller_reference(self.owner, self.api_version, self.kind)
        patch = {"metadata": {"ownerReferences": [reference], "uid": uid(orphan)}}
        try:
            return client.patch(self.resource, name(orphan), patch, namespace(orphan), patch_type="strategic")
        except StatusError as error:
            if error.code in (404, 422):
                return None
            raise

    def _release(self, client: Client, child: Object) -> None:
        patch = {
            "metadata": {
                "ownerReferences": [{"$patch": "delete", "uid": uid(self.owner)}],
                "uid": uid(child),
            }
        }
        try:
            client.patch(self.resource, name(child), patch, namespace(child), patch_type="strategic")
        except StatusError as error:
            if error.code not in (404, 422):
                raise
