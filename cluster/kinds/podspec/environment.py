"""Checks of a container's environment: names and sources of variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from cluster.kinds.validation.fields import Errors, texts
from cluster.machinery.fielderrors import invalid_value, required, unsupported
from cluster.machinery.labels import key_errors
from cluster.machinery.names import config_key, dns_subdomain, env_name
from cluster.machinery.quantity import parse

Reference = Mapping[str, Any]

_ENV_FIELDS = (
    *("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"),
    *("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"),
)
_VOLUME_FIELDS = (*("metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid"),)
_CONVERTIBLE = frozenset(
    {
        *("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"),
        *("spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "spec.schedulerName", "spec.hostNetwork"),
        *("status.phase", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"),
        "status.nominatedNodeName",
    }
)
_SUBSCRIPT = re.compile(r"^(metadata\.(?:annotations|labels))\['(.*)'\]$")
_ENV_RESOURCES = (
    *("limits.cpu", "limits.ephemeral-storage", "limits.memory"),
    *("requests.cpu", "requests.ephemeral-storage", "requests.memory"),
)


def field_reference(path: str, reference: Reference, *, volume: bool) -> Errors:
    """Check a downward-API `fieldRef`."""
    if not reference.get("apiVersion"):
        return [required(f"{path}.apiVersion")]
    field = reference.get("fieldPath")
    if not field:
        return [required(f"{path}.fieldPath")]
    subscript = _SUBSCRIPT.match(field)
    if subscript:
        key = subscript.group(2)
        return texts(path, key, key_errors(key.lower() if "annotations" in subscript.group(1) else key))
    if field not in _CONVERTIBLE:
        text = f"error converting fieldPath: field label not supported: {field}"
        return [invalid_value(f"{path}.fieldPath", field, text)]
    allowed = _VOLUME_FIELDS if volume else _ENV_FIELDS
    return [] if field in allowed else [unsupported(f"{path}.fieldPath", field, allowed)]


def resource_reference(path: str, reference: Reference, *, volume: bool) -> Errors:
    """Check a downward-API `resourceFieldRef`."""
    errors: Errors = []
    resource = reference.get("resource") or ""
    if volume and not reference.get("containerName"):
        errors.append(required(f"{path}.containerName"))
    elif not resource:
        errors.append(required(f"{path}.resource"))
    elif resource not in _ENV_RESOURCES and not resource.startswith(("limits.hugepages-", "requests.hugepages-")):
        errors.append(unsupported(f"{path}.resource", resource, _ENV_RESOURCES))
    return errors + _divisor(path, reference, resource)


_SIZES = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")
# What each resource is called, and the units it may be asked for in.
_DIVISORS: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "cpu": ("cpu", ("1m", "1"), "1m and 1"),
    "memory": ("memory", _SIZES, ", ".join(_SIZES)),
    "ephemeral-storage": ("local ephemeral storage", _SIZES, ", ".join(_SIZES)),
    "hugepages": ("hugepages", _SIZES, ", ".join(_SIZES)),
}


def _divisor(path: str, reference: Reference, resource: str) -> Errors:
    divisor = reference.get("divisor")
    kind = resource.partition(".")[2]
    known = _DIVISORS.get("hugepages" if kind.startswith("hugepages-") else kind)
    if divisor in (None, "", "0") or known is None:
        return []
    called, allowed, listed = known
    if str(parse(divisor)) in allowed:
        return []
    # The value shown is the resource, as in the real server.
    text = f"only divisor's values {listed} are supported with the {called} resource"
    return [invalid_value(f"{path}.divisor", resource, text)]


def _file_reference(path: str, reference: Reference) -> Errors:
    return [required(f"{path}.{field}") for field in ("volumeName", "path", "key") if not reference.get(field)]


def _key_reference(path: str, reference: Reference) -> Errors:
    name = reference.get("name") or ""
    errors = texts(f"{path}.name", name, dns_subdomain(name))
    if not reference.get("key"):
        errors.append(required(f"{path}.key"))
    else:
        errors += texts(f"{path}.key", reference["key"], config_key(reference["key"]))
    return errors


_SOURCES: Mapping[str, Callable[[str, Reference], Errors]] = {
    "fieldRef": lambda path, reference: field_reference(path, reference, volume=False),
    "resourceFieldRef": lambda path, reference: resource_reference(path, reference, volume=False),
    "configMapKeyRef": _key_reference,
    "secretKeyRef": _key_reference,
    "fileKeyRef": _file_reference,
}


def variables(path: str, given: list[Reference]) -> Errors:
    """Check `env`."""
    errors: Errors = []
    for index, variable in enumerate(given):
        here = f"{path}[{index}]"
        name = variable.get("name")
        errors += texts(f"{here}.name", name, env_name(name)) if name else [required(f"{here}.name")]
        if variable.get("valueFrom") is not None:
            errors += _source(f"{here}.valueFrom", variable)
    return errors


def _source(path: str, variable: Reference) -> Errors:
    errors: Errors = []
    count = 0
    for name, check in _SOURCES.items():
        reference = variable["valueFrom"].get(name)
        if reference is not None:
            count += 1
            errors += check(f"{path}.{name}", reference)
    if not count:
        text = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        errors.append(invalid_value(path, "", text))
    elif variable.get("value"):
        errors.append(invalid_value(path, "", "may not be specified when `value` is not empty"))
    elif count > 1:
        errors.append(invalid_value(path, "", "may not have more than one field specified at a time"))
    return errors


def sources(path: str, given: list[Reference]) -> Errors:
    """Check `envFrom`; which source is meant, the real server does not say when it is one too many or too few."""
    errors: Errors = []
    for index, source in enumerate(given):
        here = f"{path}[{index}]"
        if source.get("prefix"):
            errors += texts(f"{here}.prefix", source["prefix"], env_name(source["prefix"]))
        count = 0
        for field in ("configMapRef", "secretRef"):
            reference = source.get(field)
            if reference is None:
                continue
            count += 1
            name = reference.get("name")
            where = f"{here}.{field}.name"
            errors += texts(where, name, dns_subdomain(name)) if name else [required(where)]
        if not count:
            errors.append(invalid_value(path, "", "must specify one of: `configMapRef` or `secretRef`"))
        elif count > 1:
            errors.append(invalid_value(path, "", "may not have more than one field specified at a time"))
    return errors
