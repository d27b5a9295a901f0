"""Every kind the API serves: its verbs, its subresources, and the controllers that watch it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType

import cluster.kinds
from cluster.controllers.manager import ControllerManager
from cluster.honesty.lines import Line
from cluster.honesty.remarks import remarks
from cluster.kinds.kind import Kind
from cluster.kinds.registry import REGISTRY
from cluster.machinery.clock import ManualClock
from cluster.runtime.assembly import assemble
from cluster.runtime.settings import LabSettings
from cluster.store.memory import MemoryStore
from cluster.store.state import MemoryState


def lines() -> Iterator[Line]:
    where, watched = _modules(), watchers()
    for kind in REGISTRY:
        module = where.get(id(kind))
        how = remarks(module.__doc__) if module else ()
        yield Line(name_of(kind), "simplified" if how else "real", how, tuple(_facts(kind, watched)))


def name_of(kind: Kind) -> str:
    return f"{kind.kind} ({kind.api_version})"


def _facts(kind: Kind, watched: Mapping[str, list[str]]) -> Iterator[str]:
    yield ", ".join(kind.verbs)
    if kind.subresources:
        yield ", ".join(f"/{one.name}" for one in kind.subresources)
    if kind.stored and watched.get(kind.key):
        yield "← " + ", ".join(watched[kind.key])


@cache
def watchers() -> Mapping[str, list[str]]:
    """Return storage key → names of the controllers that watch it, asked of a controller manager."""
    parts = assemble(LabSettings(), MemoryStore(), MemoryState(), ManualClock(0.0))
    found: dict[str, list[str]] = {}
    for component in parts.components:
        if isinstance(component, ControllerManager):
            for controller in component.controllers:
                for resource in controller.handlers:
                    found.setdefault(resource, []).append(controller.name)
    return found


@cache
def _modules() -> Mapping[int, ModuleType]:
    """Return the declaring module of each kind, by the kind's identity."""
    found: dict[int, ModuleType] = {}
    for info in pkgutil.walk_packages(cluster.kinds.__path__, "cluster.kinds."):
        if info.name != "cluster.kinds.registry":
            module = importlib.import_module(info.name)
            found.update((id(one), module) for one in vars(module).values() if isinstance(one, Kind))
    return found
