"""The kinds one lab serves: the built-in ones and those its CustomResourceDefinitions add."""

from __future__ import annotations

from cluster.apiserver.custom import DEFINITIONS, kinds_of
from cluster.kinds.registry import Registry
from cluster.store.interface import Store


class RegistryCache:
    """Rebuilds the registry when a CustomResourceDefinition has changed."""

    def __init__(self, store: Store, base: Registry):
        self._store = store
        self._base = base
        self._current = base
        self._mark = 0

    def current(self) -> Registry:
        mark = self._store.last_change(DEFINITIONS)
        if mark != self._mark:
            self._mark = mark
            extra = [kind for definition in self._store.list(DEFINITIONS) for kind in kinds_of(definition)]
            self._current = self._base.with_kinds(extra) if extra else self._base
        return self._current
