"""IP addresses and ranges: checking, containing, and splitting a pod range among nodes."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@lru_cache(maxsize=4096)
def parse_ip(text: str) -> Address | None:
    """Return the address, or None where Go's `netutils.ParseIPSloppy` refuses it too (leading zeros pass there)."""
    if text.count(".") == 3 and ":" not in text:
        parts = text.split(".")
        if all(part.isascii() and part.isdigit() and int(part) < 256 for part in parts):
            return ipaddress.IPv4Address(".".join(str(int(part)) for part in parts))
        return None
    try:
        return ipaddress.ip_address(text) if "%" not in text else None
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def parse_cidr(text: str) -> Network | None:
    """Return the network of `address/bits`, host bits dropped; None when it is no CIDR."""
    address, slash, bits = text.partition("/")
    if not slash or not (bits.isascii() and bits.isdigit()) or parse_ip(address) is None:
        return None
    try:
        return ipaddress.ip_network(f"{parse_ip(address)}/{bits}", strict=False)
    except ValueError:
        return None


def contains(network: str, address: str) -> bool:
    """Return whether the CIDR `network` holds `address`."""
    parsed, wanted = parse_cidr(network), parse_ip(address)
    return parsed is not None and wanted is not None and parsed.version == wanted.version and wanted in parsed


def is_ipv6(text: str) -> bool:
    """Return whether an address or a CIDR is IPv6."""
    return ":" in text


def nth_address(network: str, index: int) -> str:
    """Return the address `index` places after the network's own (1 is the first host)."""
    parsed = parse_cidr(network)
    if parsed is None or index >= parsed.num_addresses:
        raise ValueError(f"{network} has no address {index}")
    return str(parsed[index])


def nth_subnet(network: str, bits: int, index: int) -> str:
    """Return subnet number `index` of size `/bits`: a node's share of the pod range."""
    parsed = parse_cidr(network)
    if parsed is None or bits < parsed.prefixlen or index >= 1 << (bits - parsed.prefixlen):
        raise ValueError(f"{network} has no /{bits} number {index}")
    first = int(parsed.network_address) + (index << (parsed.max_prefixlen - bits))
    return f"{type(parsed.network_address)(first)}/{bits}"
