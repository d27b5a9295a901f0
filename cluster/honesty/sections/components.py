"""What lives beside the API server: controllers, the scheduler's plugins, the kubelets, the network."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import cluster.kubelet
import cluster.network
from cluster.controllers.registry import CONTROLLERS
from cluster.honesty.lines import Line
from cluster.honesty.remarks import line_of, remarks, title_of
from cluster.scheduler.plugins.registry import PLUGINS


def controllers() -> Iterator[Line]:
    return (line_of(each.name, each) for each in CONTROLLERS)


def scheduler_plugins() -> Iterator[Line]:
    return (line_of(each.name, each) for each in PLUGINS)


def kubelet() -> Iterator[Line]:
    return _told(cluster.kubelet)


def network() -> Iterator[Line]:
    return _told(cluster.network)


def _told(package: ModuleType) -> Iterator[Line]:
    """Yield one line per module: what it stands for, in its own first sentence."""
    for info in sorted(pkgutil.walk_packages(package.__path__, f"{package.__name__}."), key=lambda one: one.name):
        module = importlib.import_module(info.name)
        how = remarks(module.__doc__)
        yield Line(title_of(module), "simplified" if how else "real", how)
