"""Checks of names, keys, ports and addresses, in the words of apimachinery's `util/validation`.

Each function returns what is wrong as texts, an empty list when nothing is. Label keys and values are in
`labels`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cluster.machinery.cidr import parse_cidr, parse_ip

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_WILDCARD = rf"\*\.{_SUBDOMAIN}"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"
_C_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*"
_HEADER = "[-A-Za-z0-9]+"
_PERCENT = "[0-9]+%"


def _hint(message: str, pattern: str, *examples: str) -> str:
    if not examples:
        return f"{message} (regex used for validation is '{pattern}')"
    listed = " or ".join(f"'{example}', " for example in examples)
    return f"{message} (e.g. {listed}regex used for validation is '{pattern}')"


_LABEL_HINT = _hint(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character",
    _LABEL,
    "my-name",
    "123-abc",
)
_SUBDOMAIN_HINT = _hint(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character",
    _SUBDOMAIN,
    "example.com",
)
_UNDERSCORED_LABEL = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_UNDERSCORED = rf"{_UNDERSCORED_LABEL}(\.{_UNDERSCORED_LABEL})*"
_UNDERSCORED_HINT = _hint(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', "
    "and must start and end with an alphanumeric character",
    _UNDERSCORED,
    "example.com",
)
_LABEL_1035_HINT = _hint(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
    "start with an alphabetic character, and end with an alphanumeric character",
    _LABEL_1035,
    "my-name",
    "abc-123",
)
_WILDCARD_HINT = _hint(
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, "
    "which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
    _WILDCARD,
    "*.example.com",
)
_CONFIG_KEY_HINT = _hint(
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    _CONFIG_KEY,
    "key.name",
    "KEY_NAME",
    "key-name",
)
_C_HINT = _hint(
    "a valid C identifier must start with alphabetic character or '_', "
    "followed by a string of alphanumeric characters or '_'",
    _C_IDENTIFIER,
    "my_name",
    "MY_NAME",
    "MyName",
)
_HEADER_HINT = _hint("a valid HTTP header must consist of alphanumeric characters or '-'", _HEADER, "X-Header-Name")
_PERCENT_HINT = _hint(
    "a valid percent string must be a numeric string followed by an ending '%'", _PERCENT, "1%", "93%"
)
HTTP_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
HTTP_PATH_HINT = _hint("Invalid path", HTTP_PATH)
_ENV_HINT = "a valid environment variable name must consist only of printable ASCII characters other than '='"

_MATCHERS = {
    pattern: re.compile(pattern)
    for pattern in (
        *(_LABEL, _SUBDOMAIN, _UNDERSCORED, _LABEL_1035, _WILDCARD, _CONFIG_KEY, _C_IDENTIFIER, _HEADER, _PERCENT),
    )
}


def too_long(limit: int) -> str:
    return f"must be no more than {limit} bytes"


def between(low: int, high: int) -> str:
    return f"must be between {low} and {high}, inclusive"


def _checked(text: str, pattern: str, limit: int, hint: str) -> list[str]:
    errors = [too_long(limit)] if len(text.encode()) > limit else []
    if _MATCHERS[pattern].fullmatch(text) is None:
        errors.append(hint)
    return errors


@lru_cache(maxsize=4096)
def _label(text: str) -> tuple[str, ...]:
    return tuple(_checked(text, _LABEL, 63, _LABEL_HINT))


def dns_label(text: str) -> list[str]:
    """Check an RFC 1123 label."""
    return list(_label(text))


@lru_cache(maxsize=4096)
def _subdomain(text: str) -> tuple[str, ...]:
    return tuple(_checked(text, _SUBDOMAIN, 253, _SUBDOMAIN_HINT))


def dns_subdomain(text: str) -> list[str]:
    """Check an RFC 1123 subdomain."""
    return list(_subdomain(text))


def dns_subdomain_with_underscores(text: str) -> list[str]:
    """Check a domain of a DNS search list."""
    return _checked(text, _UNDERSCORED, 253, _UNDERSCORED_HINT)


def dns_1035_label(text: str) -> list[str]:
    return _checked(text, _LABEL_1035, 63, _LABEL_1035_HINT)


def wildcard_subdomain(text: str) -> list[str]:
    return _checked(text, _WILDCARD, 253, _WILDCARD_HINT)


def path_segment(text: str) -> list[str]:
    """Check a name that may be anything a URL path segment can be (RBAC)."""
    if text in (".", ".."):
        return [f"may not be '{text}'"]
    return [f"may not contain '{part}'" for part in ("/", "%") if part in text]


def config_key(text: str) -> list[str]:
    """Check a key of a ConfigMap or a Secret."""
    errors = _checked(text, _CONFIG_KEY, 253, _CONFIG_KEY_HINT)
    if text in (".", ".."):
        errors.append(f"must not be '{text}'")
    elif text.startswith(".."):
        errors.append("must not start with '..'")
    return errors


def c_identifier(text: str) -> list[str]:
    return [] if _MATCHERS[_C_IDENTIFIER].fullmatch(text) else [_C_HINT]


def env_name(text: str) -> list[str]:
    """Check the name of an environment variable (the relaxed rule)."""
    if not text:
        return ["environment variable name must be non-empty"]
    return [] if all(" " <= letter <= "~" and letter != "=" for letter in text) else [_ENV_HINT]


def header_name(text: str) -> list[str]:
    return [] if _MATCHERS[_HEADER].fullmatch(text) else [_HEADER_HINT]


def percent(text: str) -> list[str]:
    return [] if _MATCHERS[_PERCENT].fullmatch(text) else [_PERCENT_HINT]


def port_number(port: int) -> list[str]:
    return [] if 1 <= port <= 65535 else [between(1, 65535)]


def port_name(text: str) -> list[str]:
    """Check a port's name (an IANA service name)."""
    errors = [too_long(15)] if len(text) > 15 else []
    if not re.fullmatch(r"[-a-z0-9]+", text):
        errors.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search(r"[a-z]", text):
        errors.append("must contain at least one letter (a-z)")
    if "--" in text:
        errors.append("must not contain consecutive hyphens")
    if text and (text[0] == "-" or text[-1] == "-"):
        errors.append("must not begin or end with a hyphen")
    return errors


def ip_address(text: str) -> list[str]:
    found = parse_ip(text)
    return [] if found is not None else ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]


def cidr(text: str) -> list[str]:
    found = parse_cidr(text)
    return [] if found is not None else ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"]
