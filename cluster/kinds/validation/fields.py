"""Checks of single values: numbers, enumerations, ports, names, immutability."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cluster.machinery import names
from cluster.machinery.fielderrors import FieldError, invalid_value, required, unsupported
from cluster.machinery.intstr import is_percent, percent
from cluster.machinery.labels import key_errors, value_errors

IMMUTABLE = "field is immutable"
NOT_NEGATIVE = "must be greater than or equal to 0"
Errors = list[FieldError]
_HTTP_PATH = re.compile(names.HTTP_PATH)


def texts(path: str, value: Any, found: Iterable[str]) -> Errors:
    """Return one Invalid error for each text."""
    return [invalid_value(path, value, text) for text in found]


def named(path: str, value: Any, check: Callable[[str], list[str]]) -> Errors:
    """Check a required name."""
    return texts(path, value, check(value)) if value else [required(path)]


def not_negative(path: str, value: Any) -> Errors:
    return [invalid_value(path, value, NOT_NEGATIVE)] if value is not None and value < 0 else []


def one_of(path: str, value: Any, supported: Sequence[str], *, in_order: bool = False) -> Errors:
    """Check an enumeration whose absence is another's business."""
    return [] if value in supported else [unsupported(path, value, supported, in_order=in_order)]


def required_one_of(path: str, value: Any, supported: Sequence[str], *, in_order: bool = False) -> Errors:
    return one_of(path, value, supported, in_order=in_order) if value else [required(path)]


def port(path: str, value: int) -> Errors:
    return texts(path, value, names.port_number(value))


def port_or_name(path: str, value: Any) -> Errors:
    """Check an int-or-string that names a port."""
    if isinstance(value, int):
        return port(path, value)
    return texts(path, value, names.port_name(value or ""))


def immutable(path: str, new: Any, old: Any) -> Errors:
    return [] if new == old else [invalid_value(path, new, IMMUTABLE)]


def labels(path: str, given: dict[str, str] | None) -> Errors:
    """Check a map of labels."""
    errors: Errors = []
    for key, value in (given or {}).items():
        errors += texts(path, key, key_errors(key))
        errors += texts(path, value, value_errors(value))
    return errors


def annotation_keys(path: str, given: dict[str, str] | None) -> Errors:
    errors: Errors = []
    for key in given or ():
        errors += texts(path, key, key_errors(key.lower()))
    return errors


def positive_int_or_percent(path: str, value: Any) -> Errors:
    """Check a value that is not negative, as a number or as a percentage."""
    if isinstance(value, str):
        return texts(path, value, names.percent(value))
    return not_negative(path, value)


def at_most_all(path: str, value: Any) -> Errors:
    """Check that a percentage is not above 100%."""
    if is_percent(value) and percent(value) > 100:
        return [invalid_value(path, value, "must not be greater than 100%")]
    return []


_FINALIZERS = frozenset({"kubernetes", "orphan", "foregroundDeletion"})


def finalizer_name(path: str, value: str) -> Errors:
    """Check a finalizer: one of the server's own, or one with somebody's domain."""
    return qualified(path, value) + standard_finalizer(path, value)


def standard_finalizer(path: str, value: str) -> Errors:
    if "/" in value or value in _FINALIZERS:
        return []
    return [invalid_value(path, value, "name is neither a standard finalizer name nor is it fully qualified")]


def domain_path(path: str, value: str) -> Errors:
    """Check a path below somebody's domain, such as `acme.io/foo`."""
    domain, slash, rest = value.partition("/")
    if not value:
        return [required(path)]
    if not domain or not slash or not rest:
        return [invalid_value(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    errors = texts(path, domain, names.dns_subdomain(domain))
    if not _HTTP_PATH.fullmatch(rest):
        errors.append(invalid_value(path, rest, names.HTTP_PATH_HINT))
    return errors


def qualified(path: str, value: str) -> Errors:
    return texts(path, value, key_errors(value))
