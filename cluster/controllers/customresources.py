"""CustomResourceDefinitions after they are made: names that come free or change, and the clean-up at their end.

Stands for the naming, establishing and finalizing controllers of apiextensions-apiserver, which run inside the API
server; here they take their turns with the others.
https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#finalizers
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cluster.apiserver import definitions
from cluster.apiserver.custom import DEFINITIONS, TERMINATING, kinds_of
from cluster.apiserver.definitions import CLEANUP
from cluster.apiserver.request import User, component
from cluster.controllers.base import Controller, Handler
from cluster.kinds.kind import Kind
from cluster.machinery.clock import timestamp
from cluster.machinery.conditions import replaced
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, is_deleting, name, namespace
from cluster.store.interface import Revision

_AGAIN = 5.0  # seconds until instances with finalizers are looked at again


class CustomResourceDefinitions(Controller):
    """One key is one definition."""

    name = "customresourcedefinitions"
    account = "customresourcedefinition-controller"
    source = "apiextensions"

    @classmethod
    def identity(cls) -> User:
        return component("system:apiserver", "system:masters")

    def watches(self) -> Mapping[str, Handler]:
        return {DEFINITIONS: self._changed}

    def _changed(self, revision: Revision) -> Iterable[str]:
        yield revision.name
        for other in definitions.rivals(self.store.list(DEFINITIONS), revision.object):
            yield name(other)

    def reconcile(self, key: str) -> float | None:
        definition = self.store.get(DEFINITIONS, "", key)
        if definition is None:
            return None
        if is_deleting(definition):
            return self._clean_up(definition)
        rivals = definitions.rivals(self.store.list(DEFINITIONS), definition)
        status = definitions.settled(definition, rivals, timestamp(self.clock.now()))
        if status != definition.get("status"):
            self.client.update_status(DEFINITIONS, {**definition, "status": status})
        return None

    def _clean_up(self, definition: Object) -> float | None:
        if CLEANUP not in (definition["metadata"].get("finalizers") or ()):
            return None
        kinds = kinds_of(definition)
        if any(self.store.count(kind.key) for kind in kinds):
            text = "CustomResource deletion is in progress"
            definition = self._say(definition, True, "InstanceDeletionInProgress", text)
            for kind in kinds:
                self._delete_all(kind)
        if any(self.store.count(kind.key) for kind in kinds):
            return _AGAIN
        definition = self._say(definition, False, "InstanceDeletionCompleted", "removed all instances")
        left = [one for one in definition["metadata"]["finalizers"] if one != CLEANUP]
        self.client.update(DEFINITIONS, {**definition, "metadata": {**definition["metadata"], "finalizers": left}})
        return None

    def _delete_all(self, kind: Kind) -> None:
        for obj in list(self.store.list(kind.key)):
            try:
                self.client.delete(kind.resource, name(obj), namespace(obj))
            except StatusError as error:
                if error.code != 404:
                    raise

    def _say(self, definition: Object, status: bool, reason: str, message: str) -> Object:
        said = definitions.condition(TERMINATING, status, reason, message, timestamp(self.clock.now()))
        known = definition.get("status") or {}
        conditions = replaced(known.get("conditions"), said)
        if conditions == known.get("conditions"):
            return definition
        return self.client.update_status(DEFINITIONS, {**definition, "status": {**known, "conditions": conditions}})
