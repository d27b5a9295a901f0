"""Checks of addresses that traffic is sent to: no loopback, link-local or multicast ones."""

from __future__ import annotations

from cluster.kinds.validation.fields import Errors, texts
from cluster.machinery.cidr import parse_ip
from cluster.machinery.names import ip_address


def ordinary_address(path: str, address: str) -> Errors:
    """Check that `address` is an IP address somebody else can be reached at (`ValidateEndpointIP`)."""
    found = parse_ip(address)
    if found is None:
        return texts(path, address, ip_address(address))
    return special_address(path, address)


def special_address(path: str, address: str) -> Errors:
    """Check only that `address` is none of those that mean something on one machine alone."""
    found = parse_ip(address)
    if found is None:
        return texts(path, address, ["must be a valid IP address"])
    problems = []
    if found.is_unspecified:
        problems.append(f"may not be unspecified ({address})")
    if found.is_loopback:
        problems.append("may not be in the loopback range (127.0.0.0/8, ::1/128)")
    if found.is_link_local:
        problems.append("may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    if found.is_multicast and str(found).startswith(("224.0.0.", "ff02:")):
        problems.append("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
    return texts(path, address, problems)
