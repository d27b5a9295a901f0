"""host-local IPAM: the addresses of one node's pod range, given out in turn.

State is `ipam/<node>`: who holds which address, and the last one given, since the next search begins
behind it. .0 is the network's, .1 the bridge's, the last one broadcast.
https://www.cni.dev/plugins/current/ipam/host-local/
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from cluster.store.interface import StateBook

PREFIX = "ipam/"
RESERVED = 2


def _entry(state: StateBook, node: str) -> dict[str, Any]:
    found: dict[str, Any] | None = state.get(PREFIX + node)
    return found or {"last": RESERVED - 1, "held": {}}


def attach(state: StateBook, node: str, pod_cidr: str, sandbox: str) -> str:
    """Return an address for `sandbox` (the same one when it holds one), '' when the range is used up."""
    entry = _entry(state, node)
    held: dict[str, int] = entry["held"]
    network = ip_network(pod_cidr)
    if sandbox not in held:
        taken = set(held.values())
        size = network.num_addresses - 1 - RESERVED
        order = ((entry["last"] + 1 - RESERVED + step) % size + RESERVED for step in range(size))
        free = next((number for number in order if number not in taken), None)
        if free is None:
            return ""
        held[sandbox] = entry["last"] = free
        state.put(PREFIX + node, entry)
    return str(network[held[sandbox]])


def detach(state: StateBook, node: str, sandbox: str) -> None:
    """Give an address back."""
    entry = _entry(state, node)
    if entry["held"].pop(sandbox, None) is not None:
        state.put(PREFIX + node, entry)
