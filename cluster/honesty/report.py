"""The whole report: every section in the order of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from cluster.honesty.declared import completed, heading
from cluster.honesty.lines import Line, Section
from cluster.honesty.sections import components, differences, gates, hands, kinds

SECTIONS: Mapping[str, Callable[[], Iterable[Line]]] = {
    "kinds": kinds.lines,
    "authenticators": gates.authenticators,
    "authorisers": gates.authorisers,
    "admission": gates.admission_plugins,
    "controllers": components.controllers,
    "scheduler": components.scheduler_plugins,
    "kubelet": components.kubelet,
    "network": components.network,
    "kubectl": hands.kubectl,
    "programs": hands.programs,
    "images": hands.images,
    "differences": differences.lines,
}


@cache
def report() -> tuple[Section, ...]:
    """Return all sections. The same for every lab: it depends on nothing but the code."""
    return tuple(Section(key, *heading(key), completed(key, gather())) for key, gather in SECTIONS.items())
