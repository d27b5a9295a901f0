"""Packing endpoints into EndpointSlices of at most 100, changing as few slices as can be. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cluster.machinery.meta import Object, name

SIZE = 100
Endpoint = dict[str, Any]
Ports = list[dict[str, Any]]


@dataclass
class Plan:
    """What to do with the slices of one Service."""

    create: list[tuple[Ports, list[Endpoint]]] = field(default_factory=list)
    update: list[tuple[Object, Ports, list[Endpoint]]] = field(default_factory=list)
    delete: list[Object] = field(default_factory=list)


def plan(desired: Sequence[tuple[Ports, list[Endpoint]]], existing: Sequence[Object]) -> Plan:
    """Return the changes that lead from the existing slices to the desired endpoints, grouped by ports."""
    result = Plan()
    left = list(existing)
    for ports, endpoints in desired:
        matching = [each for each in left if (each.get("ports") or []) == ports]
        left = [each for each in left if each not in matching]
        _pack(result, ports, endpoints, matching)
    result.delete.extend(left)
    _keep_placeholder(result, existing)
    return _reuse(result)


def _identity(endpoint: Endpoint) -> tuple[Any, ...]:
    target = endpoint.get("targetRef") or {}
    return (tuple(endpoint["addresses"]), target.get("uid", ""))


def _pack(result: Plan, ports: Ports, endpoints: list[Endpoint], slices: list[Object]) -> None:
    waiting = {_identity(each): each for each in endpoints}
    kept: list[tuple[Object, list[Endpoint]]] = []
    for each in slices:
        held = [waiting.pop(key) for old in each.get("endpoints") or () if (key := _identity(old)) in waiting]
        kept.append((each, held))
    new = list(waiting.values())
    new = _fill(kept, new)
    for each, held in kept:
        if not held:
            result.delete.append(each)
        elif held != (each.get("endpoints") or []):
            result.update.append((each, ports, held))
    for start in range(0, len(new), SIZE):
        result.create.append((ports, new[start : start + SIZE]))


def _fill(kept: list[tuple[Object, list[Endpoint]]], new: list[Endpoint]) -> list[Endpoint]:
    """Put new endpoints into slices that change anyway, then into the fullest that has room."""
    changing = [held for each, held in kept if held and held != (each.get("endpoints") or [])]
    others = [held for each, held in kept if held and held == (each.get("endpoints") or [])]
    for held in sorted(changing, key=len, reverse=True):
        room = SIZE - len(held)
        held.extend(new[:room])
        new = new[room:]
    while 0 < len(new) < SIZE:
        fitting = [held for held in others if len(held) + len(new) <= SIZE]
        if not fitting:
            break
        max(fitting, key=len).extend(new)
        new = []
    return new


def _keep_placeholder(result: Plan, existing: Sequence[Object]) -> None:
    """A Service without endpoints has one empty slice."""
    if len(result.delete) == len(existing) and not result.create and not result.update:
        if len(existing) == 1 and not existing[0].get("endpoints") and not existing[0].get("ports"):
            result.delete.clear()
        else:
            result.create.append(([], []))


def _reuse(result: Plan) -> Plan:
    """Turn creations into updates of slices that would be deleted."""
    doomed = sorted(result.delete, key=name)
    while doomed and result.create:
        ports, endpoints = result.create.pop(0)
        result.update.append((doomed.pop(0), ports, endpoints))
    result.delete = doomed
    return result
