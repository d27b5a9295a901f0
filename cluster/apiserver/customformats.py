"""Formats of texts in custom kinds' schemas, as kube-openapi's `strfmt` checks them; any text has an unknown one.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import date
from urllib.parse import urlsplit

from cluster.machinery.cel.library.times import is_duration, is_timestamp

_HOST = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?)*\.?$")
_EMAIL = re.compile(r"^[^@\s<>]+@[^@\s<>]+$")
_UUID = re.compile(r"^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$", re.IGNORECASE)
_MAC = re.compile(r"^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$", re.IGNORECASE)


def _passes(read: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            read(text)
        except (ValueError, binascii.Error):
            return False
        return True

    return check


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "byte": _passes(lambda text: base64.b64decode(text, validate=True)),
    "cidr": lambda text: "/" in text and _passes(lambda one: ipaddress.ip_network(one, strict=False))(text),
    "date": _passes(date.fromisoformat),
    "date-time": is_timestamp,
    "datetime": is_timestamp,
    "duration": is_duration,
    "email": lambda text: _EMAIL.match(text) is not None,
    "hostname": lambda text: len(text) <= 255 and _HOST.match(text) is not None,
    "ipv4": _passes(ipaddress.IPv4Address),
    "ipv6": _passes(ipaddress.IPv6Address),
    "mac": lambda text: _MAC.match(text) is not None,
    "uri": lambda text: bool(urlsplit(text).scheme) or text.startswith("/"),
    "uuid": lambda text: _UUID.match(text) is not None,
}


def fits(format_: str, text: str) -> bool:
    """Say whether a text has a format; any text has an unknown one."""
    check = FORMATS.get(format_)
    return check is None or check(text)
