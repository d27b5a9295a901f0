"""Which API server runs: what the control-plane machines' kubelets have started; every server of the lab obeys it.

The process stands in the record of its static pod, with its command line and the files it read.
While none listens, nobody but the kubelets is answered. Simplified: those go on writing through the
gap, where real ones keep their status until the server is back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cluster.apiserver.launch import STATE_KEY
from cluster.kubelet.machines import machine_names, read_machine
from cluster.kubelet.record import PREFIX
from cluster.store.interface import StateBook

POD, PORT = "kube-apiserver-", "6443"


def observed(state: StateBook) -> Mapping[str, Any] | None:
    """Return the entry for `STATE_KEY` as it should be now; None for a cluster that never had the process."""
    before: Mapping[str, Any] | None = state.get(STATE_KEY)
    found = next(_listening(state), None)
    if found is not None:
        return {**found, "serving": True}
    return {**before, "serving": False} if before is not None else None


def _listening(state: StateBook) -> Iterator[Mapping[str, Any]]:
    for node in machine_names(state):
        machine = read_machine(state, node) or {}
        if machine.get("role") == "control-plane" and machine.get("powered"):
            for key in state.keys(f"{PREFIX}{node}/"):
                yield from _process(state.get(key) or {})


def _process(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if str(record.get("name", "")).startswith(POD):
        for container in record["containers"].values():
            port = (container.get("listens") or {}).get(PORT)
            if port is not None:
                yield port["state"]
