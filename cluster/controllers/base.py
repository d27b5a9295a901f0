"""What every controller of kube-controller-manager has in common: a queue, handlers, a reconcile.

Handlers map a write to keys and nothing else. `reconcile` reads the store (the informer cache,
which here is never behind), decides, and writes through its own client.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from cluster.apiserver.client import Client
from cluster.apiserver.context import Context
from cluster.apiserver.request import User, service_account
from cluster.controllers.workqueue import WorkQueue
from cluster.machinery.clock import timestamp
from cluster.machinery.errors import StatusError, internal
from cluster.machinery.meta import Object, key as key_of, name, namespace
from cluster.store.interface import Revision

logger = logging.getLogger(__name__)

Handler = Callable[[Revision], Iterable[str]]

# Many pods of one owner change within milliseconds. Waiting this long before looking at them
# turns a thousand syncs into one, as the latency of a real watch does.
SETTLE = 0.01


class Controller:
    """One controller; subclasses name themselves, list what they watch and reconcile one key."""

    name: ClassVar[str]
    account: ClassVar[str]  # its service account in kube-system
    source: ClassVar[str]  # `source.component` of its Events

    def __init__(self, context: Context):
        self.context = context
        self.store = context.store
        self.clock = context.clock
        self.events = context.events
        self.client: Client = context.client
        self.queue = WorkQueue(context.clock)
        self.handlers = dict(self.watches())
        self._causes: dict[str, str] = {}
        self._failed: set[str] = set()

    @classmethod
    def identity(cls) -> User:
        return service_account("kube-system", cls.account)

    def watches(self) -> Mapping[str, Handler]:
        """Return storage key → handler."""
        raise NotImplementedError

    def reconcile(self, key: str) -> float | None:
        """Bring `key` to its desired state; return seconds after which to look again."""
        raise NotImplementedError

    def resume(self) -> None:
        """Queue everything there is, as the first list of an informer does."""
        self.queue.clear()
        for resource in self.handlers:
            for obj in self.store.list(resource):
                self.observe(as_added(resource, obj))

    def observe(self, revision: Revision) -> None:
        handler = self.handlers.get(revision.resource)
        if handler is None:
            return
        try:
            keys = list(handler(revision))
        except Exception as fault:  # one odd object must not stop the lab: kept, and logged as the bug it is
            self._break(f"{revision.resource}/{revision.namespace}/{revision.name}", fault)
            return
        for key in keys:
            self._causes[key] = str(revision.number)
            self.queue.add(key)

    def later(self, key: str, delay: float = SETTLE) -> Iterable[str]:
        """Queue `key` after `delay` (for handlers: returns no key to queue at once)."""
        self.queue.add_after(key, delay)
        return ()

    def next_due(self) -> float | None:
        return self.queue.next_due()

    def step(self) -> bool:
        key = self.queue.pop()
        if key is None:
            return False
        self.client = self.context.client.because(self._causes.pop(key, ""))
        try:
            again = self.reconcile(key)
        except StatusError as error:
            self._note_failure(key, error)
            self.queue.add_rate_limited(key)
            return True
        except Exception as fault:
            self._break(key, fault)
            return True
        self._note_success(key)
        if again is not None:
            self.queue.add_after(key, again)
        return True

    def _break(self, key: str, fault: Exception) -> None:
        """Give up a key over which the controller itself broke, until the key changes."""
        logger.error("controller %s broke over %s", self.name, key, exc_info=fault)
        self._note_failure(key, internal(str(fault)))

    def _note_failure(self, key: str, error: StatusError) -> None:
        """Keep the failure where it can be looked at: the state book."""
        self._failed.add(key)
        failure = {
            "time": timestamp(self.clock.now()),
            "code": error.code,
            "reason": error.reason,
            "message": error.message,
        }
        self.context.state.put(self._failure_key(key), failure)

    def _note_success(self, key: str) -> None:
        self.queue.forget(key)
        if key in self._failed:
            self._failed.discard(key)
            self.context.state.drop(self._failure_key(key))

    def _failure_key(self, key: str) -> str:
        return f"controllers/{self.name}/failures/{key}"


def as_added(resource: str, obj: Object) -> Revision:
    """Return the write an informer reports for an object it finds at its first list."""
    number = int((obj.get("metadata") or {}).get("resourceVersion") or 0)
    return Revision(number, "ADDED", resource, namespace(obj), name(obj), obj, None, "", "", 0.0)


def own_key(revision: Revision) -> tuple[str]:
    """Handler: the object itself."""
    return (key_of(revision.object),)


def split(key: str) -> tuple[str, str]:
    """Return (namespace, name) of a key."""
    space, _, rest = key.rpartition("/")
    return space, rest
