"""The whole report: every section in the order of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from cluster.honesty.declared import completed, heading
from cluster.honesty.lines import Line, Section
from cluster.honesty.sections import components, differences, gates, hands, kinds, server

SECTIONS: Mapping[str, Callable[[], Iterable[Line]]] = {
    "kinds": kinds.lines,
    "authenticators": gates.authenticators,
    "authorisers": gates.authorisers,
    "admission": gates.admission_plugins,
    "apiserver-flags": server.flags,
    "controllers": components.controllers,
    "scheduler": components.scheduler_plugins,
    "kubelet": components.kubelets,
    "network": components.networks,
    "kubectl": hands.kubectl,
    "programs": hands.programs,
    "images": hands.images,
    "differences": differences.lines,
}
REST = "parts"  # what the sections before it leave unsaid; it stands before the recorded differences


@cache
def report() -> tuple[Section, ...]:
    """Return all sections. The same for every lab: it depends on nothing but the code."""
    found = [_section(key, gather()) for key, gather in SECTIONS.items()]
    unsaid = components.others(line for one in found for line in one.lines)
    return (*found[:-1], _section(REST, unsaid), found[-1])


def _section(key: str, lines: Iterable[Line]) -> Section:
    return Section(key, *heading(key), completed(key, lines))
