"""Addresses of a node's pod range."""

from __future__ import annotations

from cluster.network import ipam
from cluster.store.state import MemoryState


def test_addresses_are_given_in_turn_and_not_reused_at_once() -> None:
    state = MemoryState()
    assert ipam.attach(state, "n", "10.244.1.0/24", "a") == "10.244.1.2"
    assert ipam.attach(state, "n", "10.244.1.0/24", "b") == "10.244.1.3"
    ipam.detach(state, "n", "a")
    assert ipam.attach(state, "n", "10.244.1.0/24", "c") == "10.244.1.4"
    assert ipam.attach(state, "n", "10.244.1.0/24", "c") == "10.244.1.4"


def test_a_full_range_has_none_left() -> None:
    state = MemoryState()
    given = [ipam.attach(state, "n", "10.244.1.0/29", str(number)) for number in range(6)]
    assert given == ["10.244.1.2", "10.244.1.3", "10.244.1.4", "10.244.1.5", "10.244.1.6", ""]
    ipam.detach(state, "n", "0")
    assert ipam.attach(state, "n", "10.244.1.0/29", "late") == "10.244.1.2"
