"""Checks of NetworkPolicies: ports, peers, policy types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.kinds.validation.fields import Errors, one_of, port, port_or_name, texts
from cluster.kinds.validation.selectors import label_selector
from cluster.machinery.cidr import parse_cidr
from cluster.machinery.fielderrors import forbidden_field, invalid_value, required
from cluster.machinery.meta import Object
from cluster.machinery.names import cidr

Part = Mapping[str, Any]


def validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    errors = label_selector("spec.podSelector", spec.get("podSelector"))
    for field, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(field) or ()):
            errors += _rule(f"spec.{field}[{index}]", rule, peers)
    types = spec.get("policyTypes") or []
    if len(types) > 2:
        text = "may not specify more than two policyTypes"
        return [*errors, invalid_value("spec.policyTypes", types, text)]
    for index, kind in enumerate(types):
        errors += one_of(f"spec.policyTypes[{index}]", kind, ("Ingress", "Egress"), in_order=True)
    return errors


def _rule(path: str, rule: Part, peers: str) -> Errors:
    errors: Errors = []
    for index, one in enumerate(rule.get("ports") or ()):
        errors += _port(f"{path}.ports[{index}]", one)
    for index, peer in enumerate(rule.get(peers) or ()):
        errors += _peer(f"{path}.{peers}[{index}]", peer)
    return errors


def _port(path: str, given: Part) -> Errors:
    errors: Errors = []
    if given.get("protocol"):
        errors += one_of(f"{path}.protocol", given["protocol"], ("SCTP", "TCP", "UDP"))
    number, end = given.get("port"), given.get("endPort")
    if number is None:
        text = "may not be specified when `port` is not specified"
        return errors if end is None else [*errors, invalid_value(f"{path}.endPort", end, text)]
    if end is not None and not isinstance(number, int):
        text = "may not be specified when `port` is non-numeric"
        errors.append(invalid_value(f"{path}.endPort", end, text))
    errors += port_or_name(f"{path}.port", number)
    if end is None or not isinstance(number, int):
        return errors
    if number > end:
        # The value shown is the port's own, as in the real server.
        errors.append(invalid_value(f"{path}.endPort", number, "must be greater than or equal to `port`"))
    return errors + port(f"{path}.endPort", end)


def _peer(path: str, peer: Part) -> Errors:
    errors: Errors = []
    pods, spaces, block = (peer.get(field) for field in ("podSelector", "namespaceSelector", "ipBlock"))
    if pods is not None:
        errors += label_selector(f"{path}.podSelector", pods)
    if spaces is not None:
        errors += label_selector(f"{path}.namespaceSelector", spaces)
    if block is not None:
        errors += _block(f"{path}.ipBlock", block)
    if pods is None and spaces is None and block is None:
        return [required(path, "must specify a peer")]
    if block is not None and (pods is not None or spaces is not None):
        errors.append(forbidden_field(path, "may not specify both ipBlock and another peer"))
    return errors


def _block(path: str, block: Part) -> Errors:
    given = block.get("cidr")
    if not given:
        return [required(f"{path}.cidr")]
    errors = texts(f"{path}.cidr", given, cidr(given))
    outer = parse_cidr(given)
    for index, one in enumerate(block.get("except") or ()):
        where = f"{path}.except[{index}]"
        inner = parse_cidr(one)
        if inner is None:
            errors += texts(where, one, cidr(one))
        elif outer is not None and not (
            inner.version == outer.version and inner.network_address in outer and inner.prefixlen > outer.prefixlen
        ):
            errors.append(invalid_value(where, one, "must be a strict subset of `cidr`"))
    return errors
