"""Checks of a Service's cluster IPs and IP families, created and changed (`ValidateServiceClusterIPsRelatedFields`).

https://kubernetes.io/docs/concepts/services-networking/dual-stack/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.kinds.validation.fields import Errors, one_of, texts
from cluster.machinery.cidr import parse_ip
from cluster.machinery.fielderrors import duplicate, invalid_value, required
from cluster.machinery.names import ip_address

Spec = Mapping[str, Any]

HEADLESS = "None"
FAMILIES = ("IPv4", "IPv6")
POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_PATH = "spec.clusterIPs"
_FIXED = "may not change once set"


def family_of(address: str) -> str:
    """Return IPv4 or IPv6; a text that is no address counts as IPv4."""
    found = parse_ip(address)
    return "IPv6" if found is not None and found.version == 6 else "IPv4"


def is_headless(spec: Spec) -> bool:
    return bool((spec.get("clusterIPs") or []) == [HEADLESS])


def cluster_ips(spec: Spec) -> Errors:
    """Check `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` of a Service that is no ExternalName."""
    if spec.get("type") == "ExternalName":
        return []
    addresses = spec.get("clusterIPs") or []
    errors = _in_step(spec.get("clusterIP") or "", addresses) + _families(spec)
    found = _each(addresses)
    if len(addresses) > 2:
        found.append(invalid_value(_PATH, addresses, "may only hold up to 2 values"))
        if len(found) > 1:
            return errors + found
    elif found:
        return errors + found
    return errors + found + _one_of_each(addresses) + _matching(addresses, spec.get("ipFamilies") or ())


def _in_step(first: str, addresses: Sequence[str]) -> Errors:
    if not first:
        text = "must be empty when `clusterIP` is not specified"
        return [invalid_value(_PATH, list(addresses), text)] if addresses else []
    if not addresses:
        return [required(_PATH)]
    return (
        [] if addresses[0] == first else [invalid_value(_PATH, list(addresses), "first value must match `clusterIP`")]
    )


def _families(spec: Spec) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for index, family in enumerate(spec.get("ipFamilies") or ()):
        errors += one_of(f"spec.ipFamilies[{index}]", family, FAMILIES)
        if family in seen:
            errors.append(duplicate(f"spec.ipFamilies[{index}]", family))
        seen.add(family)
    policy = spec.get("ipFamilyPolicy")
    return errors if policy is None else errors + one_of("spec.ipFamilyPolicy", policy, POLICIES)


def _each(addresses: Sequence[str]) -> Errors:
    errors: Errors = []
    for index, address in enumerate(addresses):
        if index == 0 and address == HEADLESS:
            if len(addresses) > 1:
                errors.append(invalid_value(_PATH, list(addresses), "'None' must be the first and only value"))
            continue
        errors += texts(f"{_PATH}[{index}]", address, ip_address(address))
    return errors


def _one_of_each(addresses: Sequence[str]) -> Errors:
    if len(addresses) < 2 or len({family_of(address) for address in addresses}) > 1:
        return []
    return [invalid_value(_PATH, list(addresses), "may specify no more than one IP for each IP family")]


def _matching(addresses: Sequence[str], families: Sequence[str]) -> Errors:
    errors: Errors = []
    for index, (address, family) in enumerate(zip(addresses, families, strict=False)):
        if address != HEADLESS and family in FAMILIES and family_of(address) != family:
            text = f"expected an {family} value as indicated by `ipFamilies[{index}]`"
            errors.append(invalid_value(f"{_PATH}[{index}]", address, text))
    return errors


def cluster_ips_update(spec: Spec, before: Spec) -> Errors:
    """Check that what was given stays: the first address and family for good, the second until it is released."""
    if "ExternalName" in (spec.get("type"), before.get("type")) or (is_headless(spec) and is_headless(before)):
        return []
    errors = _kept_addresses(spec, before)
    return errors if is_headless(spec) != is_headless(before) else errors + _kept_families(spec, before)


def _kept_addresses(spec: Spec, before: Spec) -> Errors:
    now, was = spec.get("clusterIPs") or [], before.get("clusterIPs") or []
    if len(now) == len(was):
        changed = [index for index, address in enumerate(was) if address != now[index]]
        return [invalid_value(f"{_PATH}[{index}]", now, _FIXED) for index in changed]
    errors: Errors = []
    if was and not now:
        errors.append(invalid_value(f"{_PATH}[0]", now, "primary clusterIP can not be unset"))
    elif was and now[0] != was[0]:
        errors.append(invalid_value(f"{_PATH}[0]", now, _FIXED))
    if len(was) > len(now) == 1 and spec.get("ipFamilyPolicy") != "SingleStack":
        text = "must be set to 'SingleStack' when releasing the secondary clusterIP"
        errors.append(invalid_value("spec.ipFamilyPolicy", spec.get("ipFamilyPolicy"), text))
    return errors


def _kept_families(spec: Spec, before: Spec) -> Errors:
    now, was = spec.get("ipFamilies") or [], before.get("ipFamilies") or []
    path = "spec.ipFamilies[0]"
    if len(now) == len(was):
        return [invalid_value(path, now, _FIXED) for one, other in zip(now, was, strict=True) if one != other]
    if was and not now:
        return [invalid_value(path, now, "primary ipFamily can not be unset")]
    return [invalid_value(path, now, _FIXED)] if was and now[0] != was[0] else []
