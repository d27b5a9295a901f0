"""What a store is. The memory and the Django store pass one contract suite.

`resource` is a storage key: the plural, and the group where there is one (`pods`, `deployments.apps`).
Objects are plain dicts, never changed in place once written. Every write appends one revision with
the full object; `metadata.resourceVersion` is that revision's number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from cluster.machinery.meta import Object

Verb = Literal["ADDED", "MODIFIED", "DELETED"]


@dataclass(frozen=True, slots=True)
class Revision:
    """One write. `previous` is the object before it, so watches with selectors can see it leave."""

    number: int
    verb: Verb
    resource: str
    namespace: str
    name: str
    object: Object
    previous: Object | None
    actor: str
    cause: str
    time: float


class Compacted(Exception):
    """The asked-for revision is older than the oldest one kept (`oldest`); the API answers 410."""

    def __init__(self, oldest: int):
        super().__init__(f"revisions before {oldest} are compacted")
        self.oldest = oldest


class Store(Protocol):
    """Current state and history of one lab."""

    @property
    def revision(self) -> int:
        """The newest revision's number, 0 for an empty store."""
        ...

    @property
    def oldest(self) -> int:
        """The oldest revision that can still be read."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Read, decide and write as one: nobody else writes this lab meanwhile; an exception undoes it.

        May be entered again inside itself.
        """
        ...

    def get(self, resource: str, namespace: str, name: str) -> Object | None: ...

    def list(self, resource: str, namespace: str = "") -> Sequence[Object]:
        """Return the objects of one namespace, or of all, in key order (namespace, name)."""
        ...

    def count(self, resource: str, namespace: str = "") -> int: ...

    def owned_by(self, uid: str) -> Sequence[tuple[str, Object]]:
        """Return (resource, object) of everything that names `uid` in its ownerReferences."""
        ...

    def pods_on(self, node: str) -> Sequence[Object]:
        """Return the pods whose `spec.nodeName` is `node`, in key order."""
        ...

    def last_change(self, resource: str) -> int:
        """Return the newest revision that touched `resource`, 0 when none is known: what caches go by."""
        ...

    def put(self, resource: str, obj: Object, *, actor: str, cause: str, time: float) -> Revision:
        """Create or replace; stamps resourceVersion. The stored object is `revision.object`."""
        ...

    def remove(self, resource: str, obj: Object, *, actor: str, cause: str, time: float) -> Revision:
        """Delete; `obj` is the final state that watchers see, stamped with the deletion's revision."""
        ...

    def since(self, number: int, resource: str | None = None, limit: int | None = None) -> Iterator[Revision]:
        """Yield the revisions after `number` in order; raises Compacted."""
        ...

    def get_at(self, number: int, resource: str, namespace: str, name: str) -> Object | None: ...

    def list_at(self, number: int, resource: str, namespace: str = "") -> Sequence[Object]:
        """Return the objects as they were right after revision `number`; raises Compacted."""
        ...

    def compact(self, number: int) -> None:
        """Forget history before `number` (current state stays)."""
        ...


@runtime_checkable
class TextStore(Protocol):
    """What a store that keeps JSON text may offer besides: a LIST is then served by joining texts undecoded."""

    def list_text(self, resource: str, namespace: str = "") -> Sequence[bytes]:
        """Return the objects as stored JSON, in key order; each begins with `kind` and `apiVersion`."""
        ...


class StateBook(Protocol):
    """Explicit data of components that is no API object: container processes, logs, files, machines, sessions.

    Keys are paths such as `kubelet/worker-1/<pod uid>`; values are JSON data. Saved in the same
    transaction as the revisions that went with it. Read a value, change it, and `put` it again:
    what is not put is not saved.
    """

    def get(self, key: str) -> Any | None: ...

    def put(self, key: str, value: Any) -> None: ...

    def drop(self, key: str) -> None: ...

    def keys(self, prefix: str) -> Sequence[str]:
        """Return the keys that begin with `prefix`, sorted."""
        ...
