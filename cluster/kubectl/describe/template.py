"""Pod templates and the parts they share with pods: tolerations, spread constraints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.kubectl.describe import containers, volumes
from cluster.kubectl.describe.page import Page, selector


def describe_template(template: Mapping[str, Any]) -> str:
    """Return the description of a template by itself, its tabs as they are (rollout history)."""
    page = Page(0.0)
    write(page, template)
    return page.raw()


def write(page: Page, template: Mapping[str, Any] | None) -> None:
    page.line("Pod Template:")
    if template is None:
        page.line("<unset>", 1)
        return
    meta, spec = template.get("metadata") or {}, template.get("spec") or {}
    page.pairs("  Labels", meta.get("labels"))
    if meta.get("annotations"):
        page.annotations("  Annotations", meta["annotations"])
    if spec.get("serviceAccountName"):
        page.line(f"  Service Account:\t{spec['serviceAccountName']}")
    if spec.get("initContainers"):
        containers.write(page, "Init Containers", spec["initContainers"], indent="  ")
    containers.write(page, "Containers", spec.get("containers") or [], indent="  ")
    volumes.write(page, spec.get("volumes"), "  ")
    spread(page, spec.get("topologySpreadConstraints"), "  ")
    if spec.get("priorityClassName"):
        page.line(f"  Priority Class Name:\t{spec['priorityClassName']}")
    page.pairs("  Node-Selectors", spec.get("nodeSelector"))
    page.column("  Tolerations", [toleration(one) for one in spec.get("tolerations") or ()])


def toleration(given: Mapping[str, Any]) -> str:
    text = str(given.get("key", ""))
    if given.get("value"):
        text += f"={given['value']}"
    if given.get("effect"):
        text += f":{given['effect']}"
    if given.get("operator") == "Exists" and not given.get("value"):
        text += " op=Exists" if text else "op=Exists"
    if given.get("tolerationSeconds") is not None:
        text += f" for {given['tolerationSeconds']}s"
    return text


def spread(page: Page, constraints: Sequence[Mapping[str, Any]] | None, indent: str = "") -> None:
    if not constraints:
        return
    shown = []
    for one in sorted(constraints, key=lambda item: str(item["topologyKey"])):
        shown.append(f"{one['topologyKey']}:{one['whenUnsatisfiable']} when max skew {one['maxSkew']} is exceeded"
                     + (f" for selector {selector(one['labelSelector'])}" if one.get("labelSelector") else ""))
    page.column(f"{indent}Topology Spread Constraints", shown)
