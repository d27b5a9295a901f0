"""The kinds one lab serves: the built-in ones, those of its CustomResourceDefinitions and of aggregated APIs."""

from __future__ import annotations

from cluster.apiserver.custom import DEFINITIONS, kinds_of
from cluster.apiserver.reviews.metrics import APISERVICES, aggregated_kinds
from cluster.kinds.kind import Kind
from cluster.kinds.registry import Registry
from cluster.store.interface import Store


class RegistryCache:
    """Rebuilds the registry when a CustomResourceDefinition or an APIService has changed."""

    def __init__(self, store: Store, base: Registry):
        self._store = store
        self._base = base
        self._current = base
        self._mark = (0, 0)

    def current(self) -> Registry:
        mark = (self._store.last_change(DEFINITIONS), self._store.last_change(APISERVICES))
        if mark != self._mark:
            self._mark = mark
            extra: list[Kind] = [one for each in self._store.list(DEFINITIONS) for one in kinds_of(each)]
            extra += aggregated_kinds(self._store)
            self._current = self._base.with_kinds(extra) if extra else self._base
        return self._current
