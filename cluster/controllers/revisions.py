"""ControllerRevisions: the template history of DaemonSets and StatefulSets.

Follows pkg/controller/history. The data is the patch that would restore the template.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cluster.apiserver.client import Client
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, labels, meta, name, namespace, uid
from cluster.machinery.owners import controller_of, controller_reference
from cluster.machinery.template_hash import template_hash
from cluster.store.interface import Store

REVISIONS = "controllerrevisions.apps"
HASH_LABEL = "controller-revision-hash"
Hash = Callable[[Object, int | None], str]


def data_of(owner: Object) -> Object:
    """Return the patch of the owner's template."""
    template = {"$patch": "replace", **owner["spec"]["template"]}
    return {"spec": {"template": template}}


def owned(store: Store, owner: Object) -> list[Object]:
    """Return the owner's revisions, oldest number first."""
    found = [
        each
        for resource, each in store.owned_by(uid(owner))
        if resource == REVISIONS and (controller_of(each) or {}).get("uid") == uid(owner)
    ]
    return sorted(found, key=lambda each: (each["revision"], meta(each).get("creationTimestamp", ""), name(each)))


def matching(revisions: Iterable[Object], data: Object) -> list[Object]:
    return [each for each in revisions if each.get("data") == data]


class History:
    """Makes and renumbers the revisions of one owner."""

    def __init__(
        self, client: Client, store: Store, owner: Object, kind: str, hash_label: str, hash_of: Hash = template_hash
    ):
        self._client = client
        self._store = store
        self._owner = owner
        self._kind = kind
        self._hash_label = hash_label
        self._hash_of = hash_of

    def current(self, collisions: int | None, annotations: dict[str, str] | None = None) -> tuple[Object, list[Object]]:
        """Return the revision of the owner's template, made if there is none, and the others."""
        revisions = owned(self._store, self._owner)
        data = data_of(self._owner)
        same = matching(revisions, data)
        newest = max((each["revision"] for each in revisions if each not in same), default=0)
        if not same:
            made = self._create(data, newest + 1, collisions, annotations)
            return made, revisions
        current = same[-1]
        if current["revision"] <= newest:
            current = self._client.update(REVISIONS, {**current, "revision": newest + 1})
        return current, [each for each in revisions if uid(each) != uid(current)]

    def _create(self, data: Object, number: int, collisions: int | None, annotations: dict[str, str] | None) -> Object:
        hashed = self._hash_of(data, collisions)
        metadata: dict[str, Any] = {
            "name": f"{name(self._owner)}-{hashed}",
            "namespace": namespace(self._owner),
            "labels": {**(self._owner["spec"]["template"]["metadata"].get("labels") or {}), self._hash_label: hashed},
            "ownerReferences": [controller_reference(self._owner, "apps/v1", self._kind)],
        }
        if annotations:
            metadata["annotations"] = annotations
        draft = {
            "apiVersion": "apps/v1",
            "kind": "ControllerRevision",
            "metadata": metadata,
            "data": data,
            "revision": number,
        }
        return self._client.create(REVISIONS, draft)

    def truncate(self, old: Sequence[Object], used: set[str], limit: int) -> None:
        """Delete the oldest revisions that no pod uses beyond `limit`."""
        unused = [each for each in old if name(each) not in used and labels(each).get(self._hash_label) not in used]
        for each in unused[: max(0, len(unused) - limit)]:
            try:
                self._client.delete(REVISIONS, name(each), namespace(each))
            except StatusError as error:
                if error.code != 404:
                    raise
