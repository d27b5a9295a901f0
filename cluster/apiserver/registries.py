"""The kinds one lab serves: the built-in ones and those its CustomResourceDefinitions add."""

from __future__ import annotations

from cluster.kinds.registry import Registry
from cluster.store.interface import Store


class RegistryCache:
    """Rebuilds the registry when a CustomResourceDefinition has changed."""

    def __init__(self, store: Store, base: Registry):
        self._store = store
        self._base = base
        self._current = base

    def current(self) -> Registry:
        return self._current
