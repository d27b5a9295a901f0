"""IP addresses, CIDRs and URLs. https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from cluster.machinery.cel.signatures import library
from cluster.machinery.cel.values import CelError, Opaque

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class IP(Opaque):
    TYPE: ClassVar[str] = "net.IP"
    address: Address


@dataclass(frozen=True, slots=True)
class CIDR(Opaque):
    """A network as it was written: host bits may be set (`masked()` clears them)."""

    TYPE: ClassVar[str] = "net.CIDR"
    interface: ipaddress.IPv4Interface | ipaddress.IPv6Interface


@dataclass(frozen=True, slots=True)
class URL(Opaque):
    TYPE: ClassVar[str] = "kubernetes.URL"
    parts: SplitResult


def _ip(text: str) -> IP:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        why = f'ParseAddr("{text}"): unable to parse IP'
        raise CelError(f'IP Address "{text}" parse error during conversion from string: {why}') from None
    if isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped or address.scope_id):
        what = "IPv4-mapped IPv6 address" if address.ipv4_mapped else "IP address with zone value"
        raise CelError(f'{what} "{text}" is not allowed')
    return IP(address)


def _cidr(text: str) -> CIDR:
    address, slash, bits = text.partition("/")
    try:
        if not slash or not bits.isdigit() or (len(bits) > 1 and bits[0] == "0"):
            raise ValueError
        _ip(address)
        return CIDR(ipaddress.ip_interface(text))
    except (ValueError, CelError):
        why = f"netip.ParsePrefix(\"{text}\"): no '/'" if not slash else f'netip.ParsePrefix("{text}"): bad prefix'
        raise CelError(f"network address parse error during conversion from string: {why}") from None


def passes(read: Callable[[str], Any]) -> Callable[[str], bool]:
    """Return the question whether `read` accepts a text."""

    def is_one(text: str) -> bool:
        try:
            read(text)
        except CelError:
            return False
        return True

    return is_one


def _is_canonical(text: str) -> bool:
    return str(_ip(text).address) == text


def _is_global_unicast(one: IP) -> bool:
    address = one.address
    broadcast = address == ipaddress.IPv4Address("255.255.255.255")
    special = address.is_unspecified or address.is_loopback or address.is_multicast or address.is_link_local
    return not broadcast and not special


def _is_link_local_multicast(one: IP) -> bool:
    if isinstance(one.address, ipaddress.IPv4Address):
        return one.address in ipaddress.IPv4Network("224.0.0.0/24")
    return one.address.is_multicast and one.address.packed[1] & 0x0F == 0x02


def _contains_ip(network: CIDR, one: Any) -> bool:
    address = (_ip(one) if isinstance(one, str) else one).address
    return address.version == network.interface.version and address in network.interface.network


def _contains_cidr(network: CIDR, one: Any) -> bool:
    inner = (_cidr(one) if isinstance(one, str) else one).interface
    outer = network.interface.network
    same = inner.version == outer.version
    return same and inner.network.prefixlen >= outer.prefixlen and inner.ip in outer


ADDRESSES = library(
    [
        ("ip(string) IP", _ip),
        ("isIP(string) bool", passes(_ip)),
        ("ip.isCanonical(string) bool", _is_canonical),
        ("string(IP) string", lambda one: str(one.address)),
        ("IP.family() int", lambda one: one.address.version),
        ("IP.isUnspecified() bool", lambda one: one.address.is_unspecified),
        ("IP.isLoopback() bool", lambda one: one.address.is_loopback),
        ("IP.isLinkLocalMulticast() bool", _is_link_local_multicast),
        ("IP.isLinkLocalUnicast() bool", lambda one: one.address.is_link_local),
        ("IP.isGlobalUnicast() bool", _is_global_unicast),
        ("cidr(string) CIDR", _cidr),
        ("isCIDR(string) bool", passes(_cidr)),
        ("string(CIDR) string", lambda one: str(one.interface)),
        ("CIDR.containsIP(IP) bool; CIDR.containsIP(string) bool", _contains_ip),
        ("CIDR.containsCIDR(CIDR) bool; CIDR.containsCIDR(string) bool", _contains_cidr),
        ("CIDR.ip() IP", lambda one: IP(one.interface.ip)),
        ("CIDR.masked() CIDR", lambda one: CIDR(ipaddress.ip_interface(one.interface.network.with_prefixlen))),
        ("CIDR.prefixLength() int", lambda one: one.interface.network.prefixlen),
    ]
)


def _url(text: str) -> URL:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise CelError(f'URL parse error during conversion from string: parse "{text}": {error}') from None
    if not parts.scheme and not text.startswith("/"):
        why = f'parse "{text}": invalid URI for request'
        raise CelError(f"URL parse error during conversion from string: {why}")
    return URL(parts)


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _hostname(parts: SplitResult) -> str:
    host = _host(parts)
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _query(one: URL) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in parse_qsl(one.parts.query, keep_blank_values=True):
        found.setdefault(key, []).append(value)
    return found


URLS = library(
    [
        ("url(string) URL", _url),
        ("isURL(string) bool", passes(_url)),
        ("URL.getScheme() string", lambda one: one.parts.scheme),
        ("URL.getHost() string", lambda one: _host(one.parts)),
        ("URL.getHostname() string", lambda one: _hostname(one.parts)),
        ("URL.getPort() string", lambda one: "" if one.parts.port is None else str(one.parts.port)),
        ("URL.getEscapedPath() string", lambda one: quote(one.parts.path, safe="/%:@!$&'()*+,;=~-._")),
        ("URL.getQuery() map<string,list<string>>", _query),
    ]
)
