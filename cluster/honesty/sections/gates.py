"""The three gates: authenticators, authorisers, admission plugins."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from cluster.apiserver import authn, authz
from cluster.apiserver.admission import registry as admission
from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.admission.settings import Settings
from cluster.apiserver.authn.registry import TABLE as AUTHENTICATORS
from cluster.apiserver.authz.registry import MODES
from cluster.apiserver.launch import Launch
from cluster.honesty.lines import Line
from cluster.honesty.remarks import line_of, remarks, told


def admission_plugins() -> Iterator[Line]:
    settings = Settings(Launch())
    for name, make in admission.PLUGINS.items():
        plugin: Plugin = make(settings)
        yield line_of(name, plugin, *(["off by default"] if name in admission.OFF_BY_DEFAULT else []))
    for name, why in admission.ABSENT.items():
        yield Line(name, "absent", ({"en": why},))


def authorisers() -> Iterator[Line]:
    """Yield one line per mode; what a mode leaves out stands in the modules of its package that speak of it."""
    for mode in MODES:
        module = importlib.import_module(f"{authz.__name__}.{_MODULES[mode]}")
        how = remarks(module.__doc__)
        yield Line(mode, "simplified" if how else "real", how)


_MODULES = {"AlwaysAllow": "always", "AlwaysDeny": "always", "ABAC": "abac", "RBAC": "rbac", "Node": "node",
            "Webhook": "webhook"}  # fmt: skip


def authenticators() -> Iterator[Line]:
    """Yield the authenticators in the order the server asks them, and the ways to be somebody else."""
    asked = [make.__name__.strip("_") for make in AUTHENTICATORS]
    for name in (*asked, "lab_token", "impersonation"):
        yield told(importlib.import_module(f"{authn.__name__}.{name}"))
