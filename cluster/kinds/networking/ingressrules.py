"""Checks of Ingresses: hosts, paths, backends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cluster.kinds.validation.fields import Errors, texts
from cluster.machinery.fielderrors import invalid_value, required, unsupported
from cluster.machinery.meta import Object, meta
from cluster.machinery.names import dns_label, dns_subdomain, path_segment, port_name, port_number, wildcard_subdomain

Part = Mapping[str, Any]

_CLASS_ANNOTATION = "kubernetes.io/ingress.class"
_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_SEQUENCES = ("//", "/./", "/../", "%2f", "%2F")
_SUFFIXES = ("/..", "/.")
_IPV4 = re.compile(r"\d{1,3}(\.\d{1,3}){3}")


def validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    errors: Errors = []
    backend, rules = spec.get("defaultBackend"), spec.get("rules") or []
    if not rules and backend is None:
        text = "either `defaultBackend` or `rules` must be specified"
        errors.append(invalid_value("spec", None, text))
    if backend is not None:
        errors += _backend("spec.defaultBackend", backend)
    for index, rule in enumerate(rules):
        errors += _rule(f"spec.rules[{index}]", rule)
    for index, entry in enumerate(spec.get("tls") or ()):
        for place, host in enumerate(entry.get("hosts") or ()):
            errors += _host(f"spec.tls[{index}].hosts[{place}]", host)
        secret = entry.get("secretName") or ""
        errors += texts(f"spec.tls[{index}].secretName", secret, dns_subdomain(secret)) if secret else []
    name = spec.get("ingressClassName")
    return errors + (texts("spec.ingressClassName", name, dns_subdomain(name)) if name is not None else [])


def validate_new(obj: Object) -> Errors:
    """Check a new Ingress: the older annotation may repeat its class, not contradict it."""
    old = (meta(obj).get("annotations") or {}).get(_CLASS_ANNOTATION)
    name = (obj.get("spec") or {}).get("ingressClassName")
    if old is None or name is None or old == name:
        return validate(obj)
    text = "must match `ingressClassName` when both are specified"
    return [*validate(obj), invalid_value(f"annotations.{_CLASS_ANNOTATION}", old, text)]


def validate_update(new: Object, old: Object) -> Errors:
    return validate(new)


def typed_reference(path: str, reference: Part) -> Errors:
    """Check a reference to an object of any kind in the same namespace."""
    group = reference.get("apiGroup")
    errors = texts(f"{path}.apiGroup", group, dns_subdomain(group)) if group is not None else []
    for field in ("kind", "name"):
        value = reference.get(field) or ""
        where = f"{path}.{field}"
        errors += texts(where, value, path_segment(value)) if value else [required(where, f"{field} is required")]
    return errors


def _host(path: str, host: str) -> Errors:
    return texts(path, host, wildcard_subdomain(host) if "*" in host else dns_subdomain(host))


def _rule(path: str, rule: Part) -> Errors:
    host = rule.get("host")
    errors: Errors = []
    if host:
        if _IPV4.fullmatch(host):
            errors.append(invalid_value(f"{path}.host", host, "must be a DNS name, not an IP address"))
        errors += _host(f"{path}.host", host)
    http = rule.get("http")
    if http is None:
        return errors
    if not http.get("paths"):
        return [*errors, required(f"{path}.http.paths")]
    for index, one in enumerate(http["paths"]):
        errors += _path(f"{path}.http.paths[{index}]", one)
    return errors


def _path(path: str, given: Part) -> Errors:
    kind, text = given.get("pathType"), given.get("path") or ""
    if kind is None:
        return [required(f"{path}.pathType", "pathType must be specified")]
    errors: Errors = []
    if kind in ("Exact", "Prefix"):
        if not text.startswith("/"):
            errors.append(invalid_value(f"{path}.path", text, "must be an absolute path"))
        for part in _SEQUENCES:
            if part in text:
                errors.append(invalid_value(f"{path}.path", text, f"must not contain '{part}'"))
        for part in _SUFFIXES:
            if text.endswith(part):
                errors.append(invalid_value(f"{path}.path", text, f"cannot end with '{part}'"))
    elif kind == "ImplementationSpecific":
        if text and not text.startswith("/"):
            errors.append(invalid_value(f"{path}.path", text, "must be an absolute path"))
    else:
        errors.append(unsupported(f"{path}.pathType", kind, _PATH_TYPES, in_order=True))
    return errors + _backend(f"{path}.backend", given.get("backend") or {})


def _backend(path: str, backend: Part) -> Errors:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        return [invalid_value(path, "", "cannot set both resource and service backends")]
    if resource is not None:
        return typed_reference(f"{path}.resource", resource)
    if service is None:
        return [required(path, "resource or service backend is required")]
    name, port = service.get("name") or "", service.get("port") or {}
    where = f"{path}.service.name"
    errors = texts(where, name, dns_label(name)) if name else [required(where)]
    return errors + _port(path, port)


def _port(path: str, port: Part) -> Errors:
    name, number = port.get("name"), port.get("number")
    if name and number:
        return [invalid_value(path, "", "cannot set both port name & port number")]
    if name:
        return texts(f"{path}.service.port.name", name, port_name(name))
    if number:
        return texts(f"{path}.service.port.number", number, port_number(number))
    return [required(path, "port name or number is required")]


def warnings(new: Object, old: Object | None) -> list[str]:
    if old is None and _CLASS_ANNOTATION in (meta(new).get("annotations") or {}):
        return [f"annotation \"{_CLASS_ANNOTATION}\" is deprecated, please use 'spec.ingressClassName' instead"]
    return []
