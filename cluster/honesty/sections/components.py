"""What lives in a lab: controllers, the scheduler's plugins, the kubelets, the network, and every other part."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from types import ModuleType

import cluster
from cluster import kubelet, network
from cluster.controllers.registry import CONTROLLERS
from cluster.honesty.lines import Line
from cluster.honesty.remarks import line_of, remarks, told
from cluster.scheduler.plugins.registry import PLUGINS

_CORE = (
    *("machinery", "kinds", "workloads", "store", "apiserver", "controllers", "scheduler", "metrics"),
    *("shell", "kubectl", "terminal", "topology", "runtime"),
)  # fmt: skip


def controllers() -> Iterator[Line]:
    return (line_of(each.name, each) for each in CONTROLLERS)


def scheduler_plugins() -> Iterator[Line]:
    return (line_of(each.name, each) for each in PLUGINS)


def kubelets() -> Iterator[Line]:
    return (told(module) for module in modules(kubelet))


def networks() -> Iterator[Line]:
    return (told(module) for module in modules(network))


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for info in sorted(pkgutil.walk_packages(package.__path__, f"{package.__name__}."), key=lambda one: one.name):
        yield importlib.import_module(info.name)


def others(said: Iterable[Line]) -> Iterator[Line]:
    """Yield the parts of the core that own up to something which none of the lines `said` tells."""
    known = {text["en"] for line in said for text in line.how}
    for name in _CORE:
        for module in modules(importlib.import_module(f"{cluster.__name__}.{name}")):
            if any(text["en"] not in known for text in remarks(module.__doc__)):
                yield told(module)
