"""Which IP families a Service has: what it says, what follows from its addresses, what this cluster can give.

Follows `initIPFamilyFields` of pkg/registry/core/service/storage/alloc.go for a cluster of one family, IPv4.
"""

from __future__ import annotations

from typing import Any

from cluster.kinds.core.clusterips import FAMILIES, HEADLESS, cluster_ips, family_of
from cluster.machinery.fielderrors import FieldError, invalid_value

_CONFIGURED = ("IPv4",)
_POLICY = "spec.ipFamilyPolicy"
_SINGLE = "SingleStack"

Spec = dict[str, Any]
Errors = list[FieldError]


def settle(spec: Spec, before: Spec) -> Errors:
    """Fill in `ipFamilyPolicy` and `ipFamilies`; return why that cannot be."""
    if spec.get("type") == "ExternalName":
        return []
    selectorless = spec.get("clusterIP") == HEADLESS and not spec.get("selector")
    if not spec.get("ipFamilyPolicy"):
        usual = "RequireDualStack" if selectorless else _SINGLE
        spec["ipFamilyPolicy"] = before.get("ipFamilyPolicy") or usual
    errors = cluster_ips(spec) or _reduced(spec, before) + _single(spec) + _from_addresses(spec)
    if errors:
        return errors
    if selectorless:
        _both(spec)
        return []
    errors = _possible(spec)
    if not spec.get("ipFamilies") and not errors:
        spec["ipFamilies"] = [_CONFIGURED[0]]
    return errors


def _reduced(spec: Spec, before: Spec) -> Errors:
    """A second address or family goes with the policy SingleStack, and then by itself."""
    errors: Errors = []
    for field, what in (("clusterIPs", "cluster IP"), ("ipFamilies", "IP family")):
        now, was = spec.get(field) or [], before.get(field) or []
        if spec["ipFamilyPolicy"] == _SINGLE:
            if now == was and len(now) > 1:
                spec[field] = now[:1]
        elif len(was) == 2 and len(now) == 1 and now[0] == was[0]:
            text = f"must be 'SingleStack' to release the secondary {what}"
            errors.append(invalid_value(_POLICY, spec["ipFamilyPolicy"], text))
    return errors


def _single(spec: Spec) -> Errors:
    if spec["ipFamilyPolicy"] != _SINGLE:
        return []
    text = "must be 'RequireDualStack' or 'PreferDualStack' when multiple {} are specified"
    return [
        invalid_value(_POLICY, _SINGLE, text.format(what))
        for field, what in (("clusterIPs", "cluster IPs"), ("ipFamilies", "IP families"))
        if len(spec.get(field) or ()) == 2
    ]


def _from_addresses(spec: Spec) -> Errors:
    """Add the families of addresses that stand without one."""
    addresses, families = spec.get("clusterIPs") or [], list(spec.get("ipFamilies") or ())
    errors: Errors = []
    for index, address in enumerate(addresses):
        if address == HEADLESS:
            break
        family = family_of(address)
        if index < len(families):
            continue
        if family in _CONFIGURED:
            families.append(family)
        else:
            text = f"{family} is not configured on this cluster"
            errors.append(invalid_value(f"spec.clusterIPs[{index}]", addresses, text))
    if families:
        spec["ipFamilies"] = families
    return errors


def _both(spec: Spec) -> None:
    """A headless Service without selector may have both families on any cluster."""
    families = spec.get("ipFamilies") or [_CONFIGURED[0]]
    if len(families) < 2 and spec["ipFamilyPolicy"] != _SINGLE:
        families = [families[0], *(family for family in FAMILIES if family != families[0])]
    spec["ipFamilies"] = families


def _possible(spec: Spec) -> Errors:
    errors: Errors = []
    if spec["ipFamilyPolicy"] == "RequireDualStack":
        text = "this cluster is not configured for dual-stack services"
        errors.append(invalid_value(_POLICY, spec["ipFamilyPolicy"], text))
    for index, family in enumerate(spec.get("ipFamilies") or ()):
        if family not in _CONFIGURED:
            errors.append(invalid_value(f"spec.ipFamilies[{index}]", family, "not configured on this cluster"))
    return errors
