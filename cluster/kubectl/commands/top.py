"""kubectl top node and pod, from the metrics API where the lab serves one."""

from __future__ import annotations

from typing import Any

from cluster.kubectl import tabwriter
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, usage_error
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import ALL_NAMESPACES, FIELD_SELECTOR, SELECTOR
from cluster.machinery import quantity
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, name, namespace

GROUP = "metrics.k8s.io"


def _metrics(session: Session, plural: str, where: str, given: str) -> list[Object]:
    """Return usage samples: from the metrics API, or from the door `metrics` of the place."""
    if session.discovery.registry.by_resource(GROUP, plural) is None:
        raise CommandError("Metrics API not available")
    if given:
        return [session.client.get(f"{plural}.{GROUP}", given, where)]
    found: list[Object] = session.client.list(f"{plural}.{GROUP}", where,
                                              label_selector=session.flags["selector"])["items"]
    return found


def _cpu(value: Any) -> int:
    return quantity.parse(value).milli_value


def _memory(value: Any) -> int:
    return quantity.parse(value).value // (1024 * 1024)


def pod(session: Session) -> int:
    flags = session.flags
    if len(session.args) > 1:
        raise usage_error(session.path, "Only one pod name may be given")
    if session.args and flags["selector"]:
        raise usage_error(session.path, "only one of NAME or --selector can be provided")
    where = "" if flags["all-namespaces"] else session.namespace
    found = _metrics(session, "pods", where, session.args[0] if session.args else "")
    if not found:
        session.err("No resources found\n" if flags["all-namespaces"] else
                    f"No resources found in {session.namespace} namespace.\n")
        return 0
    rows = _pod_rows(session, found)
    head = [*(["NAMESPACE"] if flags["all-namespaces"] else []), *(["POD"] if flags["containers"] else []),
            "NAME", "CPU(cores)", "MEMORY(bytes)"]
    session.out(tabwriter.table(rows if flags["no-headers"] else [head, *rows]))
    return 0


def _pod_rows(session: Session, found: list[Object]) -> list[list[str]]:
    flags = session.flags
    rows: list[tuple[int, int, list[str]]] = []
    for one in sorted(found, key=lambda item: (namespace(item), name(item))):
        lead = [namespace(one)] if flags["all-namespaces"] else []
        parts = one.get("containers") or []
        if flags["containers"]:
            for part in parts:
                cpu, memory = _cpu(part["usage"]["cpu"]), _memory(part["usage"]["memory"])
                rows.append((cpu, memory, [*lead, name(one), part["name"], f"{cpu}m", f"{memory}Mi"]))
            continue
        cpu = sum(_cpu(part["usage"]["cpu"]) for part in parts)
        memory = sum(quantity.parse(part["usage"]["memory"]).value for part in parts) // (1024 * 1024)
        rows.append((cpu, memory, [*lead, name(one), f"{cpu}m", f"{memory}Mi"]))
    return _sorted(session, rows)


def _sorted(session: Session, rows: list[tuple[int, int, list[str]]]) -> list[list[str]]:
    by = session.flags["sort-by"]
    if by not in ("", "cpu", "memory"):
        raise CommandError("--sort-by accepts only cpu or memory")
    if by:
        rows = sorted(rows, key=lambda row: -(row[0] if by == "cpu" else row[1]))
    return [cells for _, _, cells in rows]


def node(session: Session) -> int:
    flags = session.flags
    found = _metrics(session, "nodes", "", session.args[0] if session.args else "")
    rows: list[tuple[int, int, list[str]]] = []
    for one in sorted(found, key=name):
        cpu, memory = _cpu(one["usage"]["cpu"]), _memory(one["usage"]["memory"])
        room = _allocatable(session, name(one), flags["show-capacity"])
        shares = [f"{cpu * 100 // max(_cpu(room.get('cpu', 1)), 1)}%",
                  f"{quantity.parse(one['usage']['memory']).value * 100 // max(quantity.parse(room.get('memory', 1)).value, 1)}%"]  # noqa: E501
        rows.append((cpu, memory, [name(one), f"{cpu}m", shares[0], f"{memory}Mi", shares[1]]))
    head = ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"]
    cells = _sorted(session, rows)
    session.out(tabwriter.table(cells if flags["no-headers"] else [head, *cells]))
    return 0


def _allocatable(session: Session, given: str, capacity: bool) -> Object:
    try:
        status = session.client.get("nodes", given).get("status") or {}
    except StatusError:
        return {}
    return status.get("capacity" if capacity else "allocatable") or {}


_COMMON = (
    SELECTOR,
    Flag("no-headers", "bool", False, "If present, print output without headers"),
    Flag("sort-by", help="If non-empty, sort the list using specified field. The field can be either 'cpu' or "
         "'memory'."),
    Flag("use-protocol-buffers", "bool", True, "Enables using protocol-buffers to access Metrics API."),
)

COMMAND = Command(
    name="top", short="Display resource (CPU/memory) usage", usage="top [flags]",
    long="Display resource (CPU/memory) usage.\n\n The top command allows you to see the resource consumption for "
         "nodes "
         "or pods.\n\n This command requires Metrics Server to be correctly configured and working on the server.",
    subcommands=(
        Command(name="node", short="Display resource (CPU/memory) usage of nodes", aliases=("nodes", "no"), run=node,
                usage="node [NAME | -l label]", examples="# What the nodes are using\nkubectl top node",
                flags=(*_COMMON, Flag("show-capacity", "bool", False, "Print node resources based on Capacity instead "
                                                                      "of "
                                      "Allocatable(default) of the nodes."))),
        Command(name="pod", short="Display resource (CPU/memory) usage of pods", aliases=("pods", "po"), run=pod,
                usage="pod [NAME | -l label]", examples="# What the pods are using\nkubectl top pod",
                flags=(*_COMMON, ALL_NAMESPACES, FIELD_SELECTOR,
                       Flag("containers", "bool", False, "If present, print usage of containers within a pod."),
                       Flag("sum", "bool", False, "Print the sum of the resource usage"))),
    ),
)
