"""Named formats: `format.dns1123Label().validate("-")` is what is wrong, if anything is.

https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-format-library
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from urllib.parse import urlsplit

from cluster.machinery import names
from cluster.machinery.cel.library.times import is_timestamp
from cluster.machinery.cel.signatures import library
from cluster.machinery.cel.values import NONE, Opaque, Optional
from cluster.machinery.labels import key_errors, value_errors

_UUID = re.compile(r"^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Format(Opaque):
    TYPE: ClassVar[str] = "kubernetes.NamedFormat"
    name: str


def _prefix(check: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """A prefix may end with a dash, as a generateName does."""
    return lambda text: check(f"{text[:-1]}a" if text.endswith("-") else text)


def _is_uri(text: str) -> list[str]:
    if urlsplit(text).scheme or text.startswith("/"):
        return []
    return [f'parse "{text}": invalid URI for request']


def _is_base64(text: str) -> list[str]:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        return ["invalid base64"]
    return []


def _is_date(text: str) -> list[str]:
    try:
        date.fromisoformat(text)
    except ValueError:
        return ["invalid date"]
    return []


CHECKS: Mapping[str, Callable[[str], list[str]]] = {
    "dns1123Label": names.dns_label,
    "dns1123Subdomain": names.dns_subdomain,
    "dns1035Label": names.dns_1035_label,
    "qualifiedName": key_errors,
    "dns1123LabelPrefix": _prefix(names.dns_label),
    "dns1123SubdomainPrefix": _prefix(names.dns_subdomain),
    "dns1035LabelPrefix": _prefix(names.dns_1035_label),
    "labelValue": value_errors,
    "uri": _is_uri,
    "uuid": lambda text: [] if _UUID.match(text) else ["does not match the UUID format"],
    "byte": _is_base64,
    "date": _is_date,
    "datetime": lambda text: [] if is_timestamp(text) else ["invalid datetime"],
}


def _named(name: str) -> Optional[Any]:
    return Optional(Format(name), True) if name in CHECKS else NONE


def _validate(one: Format, text: str) -> Optional[Any]:
    found = CHECKS[one.name](text)
    return Optional(found, True) if found else NONE


def _maker(name: str) -> Callable[[], Format]:
    return lambda: Format(name)


FORMATS = library(
    [
        *((f"format.{name}() Format", _maker(name)) for name in CHECKS),
        ("format.named(string) optional_type<Format>", _named),
        ("Format.validate(string) optional_type<list<string>>", _validate),
    ]
)
