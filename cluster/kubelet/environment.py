"""A container's environment: env, envFrom, `$(VAR)`, the downward API and one set of variables per Service.

https://kubernetes.io/docs/tasks/inject-data-application/
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any

from cluster.machinery.meta import Object, annotations as annotations_of, labels, meta, name, namespace
from cluster.machinery.quantity import parse
from cluster.store.interface import Store

_VARIABLE = re.compile(r"\$(?:\$|\(([^)]*)\))")
_SUBSCRIPT = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")


class ConfigError(Exception):
    """Something the container's configuration names is missing; the text is the kubelet's."""


def expand(text: str, values: Mapping[str, str]) -> str:
    """Replace `$(NAME)` where it is known; `$$` is a plain dollar."""

    def put(match: re.Match[str]) -> str:
        if match.group(1) is None:
            return "$"
        return values.get(match.group(1), match.group(0))

    return _VARIABLE.sub(put, text)


def needs_lookup(spec: Object) -> bool:
    """Say whether the environment depends on other objects, which may be missing or change."""
    return bool(spec.get("envFrom")) or any("valueFrom" in entry for entry in spec.get("env") or ())


def container_environment(
    store: Store,
    pod: Object,
    spec: Object,
    *,
    facts: Mapping[str, str],
    node: Mapping[str, str],
    services: Mapping[str, str],
) -> dict[str, str]:
    """Return the variables in the order they are set; ConfigError when a reference leads nowhere.

    `facts` are status.podIP, spec.nodeName and the like; `node` its allocatable resources.
    """
    values = dict(services)
    space = namespace(pod)
    for source in spec.get("envFrom") or ():
        values |= _from_source(store, space, source)
    for entry in spec.get("env") or ():
        found = _value(store, pod, spec, entry, values, facts, node)
        if found is not None:
            values[entry["name"]] = found
    return values


def _from_source(store: Store, space: str, source: Mapping[str, Any]) -> dict[str, str]:
    prefix = source.get("prefix", "")
    if "configMapRef" in source:
        reference = source["configMapRef"]
        found = config_map(store, space, reference["name"], optional=reference.get("optional", False))
        return {prefix + key: value for key, value in found.items()}
    reference = source.get("secretRef") or {}
    decoded = secret(store, space, reference.get("name", ""), optional=reference.get("optional", False))
    return {prefix + key: value.decode("utf-8", "replace") for key, value in decoded.items()}


def config_map(store: Store, space: str, wanted: str, *, optional: bool = False) -> Mapping[str, str]:
    found = store.get("configmaps", space, wanted)
    if found is None and not optional:
        raise ConfigError(f'configmap "{wanted}" not found')
    return (found or {}).get("data") or {}


def secret(store: Store, space: str, wanted: str, *, optional: bool = False) -> dict[str, bytes]:
    found = store.get("secrets", space, wanted)
    if found is None and not optional:
        raise ConfigError(f'secret "{wanted}" not found')
    return {key: base64.b64decode(value) for key, value in ((found or {}).get("data") or {}).items()}


def _value(
    store: Store,
    pod: Object,
    spec: Object,
    entry: Mapping[str, Any],
    values: Mapping[str, str],
    facts: Mapping[str, str],
    node: Mapping[str, str],
) -> str | None:
    source = entry.get("valueFrom")
    if not source:
        return expand(entry.get("value", ""), values)
    for kind, reader in _READERS.items():
        if kind in source:
            return reader(store, pod, spec, source[kind], facts, node)
    return None


def _config_map_key(
    store: Store, pod: Object, spec: Object, key: Mapping[str, Any], facts: Mapping[str, str], node: Mapping[str, str]
) -> str | None:
    optional = key.get("optional", False)
    found = config_map(store, namespace(pod), key["name"], optional=optional)
    if key["key"] not in found and not optional:
        raise ConfigError(f"couldn't find key {key['key']} in ConfigMap {namespace(pod)}/{key['name']}")
    return found.get(key["key"])


def _secret_key(
    store: Store, pod: Object, spec: Object, key: Mapping[str, Any], facts: Mapping[str, str], node: Mapping[str, str]
) -> str | None:
    optional = key.get("optional", False)
    found = secret(store, namespace(pod), key["name"], optional=optional)
    if key["key"] not in found:
        if optional:
            return None
        raise ConfigError(f"couldn't find key {key['key']} in Secret {namespace(pod)}/{key['name']}")
    return found[key["key"]].decode("utf-8", "replace")


def _field(
    store: Store, pod: Object, spec: Object, ref: Mapping[str, Any], facts: Mapping[str, str], node: Mapping[str, str]
) -> str:
    return field_value(pod, ref["fieldPath"], facts)


def _resource(
    store: Store, pod: Object, spec: Object, ref: Mapping[str, Any], facts: Mapping[str, str], node: Mapping[str, str]
) -> str:
    return resource_value(pod, spec, ref, node)


_READERS: Mapping[str, Callable[..., str | None]] = {
    "configMapKeyRef": _config_map_key,
    "secretKeyRef": _secret_key,
    "fieldRef": _field,
    "resourceFieldRef": _resource,
}


def field_value(pod: Object, path: str, facts: Mapping[str, str]) -> str:
    """Return what a downward `fieldPath` stands for."""
    subscript = _SUBSCRIPT.fullmatch(path)
    if subscript:
        source = labels(pod) if subscript.group(1) == "labels" else annotations_of(pod)
        return source.get(subscript.group(2), "")
    if path in ("metadata.labels", "metadata.annotations"):
        source = labels(pod) if path.endswith("labels") else annotations_of(pod)
        return "\n".join(f'{key}="{value}"' for key, value in sorted(source.items()))
    if path in facts:
        return facts[path]
    return str(meta(pod).get(path.rpartition(".")[2], ""))


def resource_value(pod: Object, spec: Object, ref: Mapping[str, Any], node: Mapping[str, str]) -> str:
    """Return a `resourceFieldRef`: limits that are not set are the node's allocatable."""
    wanted = ref.get("containerName") or spec["name"]
    container = next(each for each in pod["spec"]["containers"] if each["name"] == wanted)
    kind, _, resource = ref["resource"].partition(".")
    resources = container.get("resources") or {}
    amount = (resources.get(kind) or {}).get(resource) or (node.get(resource, "0") if kind == "limits" else "0")
    divisor = parse(str(ref.get("divisor") or "1"))
    unit = divisor.nanos or parse("1").nanos
    return str(-(-parse(str(amount)).nanos // unit))


def service_variables(store: Store, space: str, before: str, *, links: bool = True) -> dict[str, str]:
    """Return `{NAME}_SERVICE_HOST` and the Docker-style variables of the Services that existed `before`.

    With `enableServiceLinks: false` only the API server's remain.
    """
    found: dict[str, str] = {}
    for service in _visible_services(store, space, links=links):
        address = service["spec"].get("clusterIP")
        if address in (None, "", "None") or meta(service).get("creationTimestamp", "") > before:
            continue
        found |= _variables_of(service, address)
    return found


def _visible_services(store: Store, space: str, *, links: bool) -> list[Object]:
    api = store.get("services", "default", "kubernetes")
    own = list(store.list("services", space)) if links else []
    return ([api] if api and space != "default" or api and not links else []) + own


def _variables_of(service: Object, address: str) -> dict[str, str]:
    ports = service["spec"].get("ports") or []
    if not ports:
        return {}
    prefix = name(service).upper().replace("-", "_")
    found = {f"{prefix}_SERVICE_HOST": address, f"{prefix}_SERVICE_PORT": str(ports[0]["port"])}
    for port in ports:
        if port.get("name"):
            found[f"{prefix}_SERVICE_PORT_{port['name'].upper().replace('-', '_')}"] = str(port["port"])
    for number, port in enumerate(ports):
        protocol = port.get("protocol", "TCP")
        url = f"{protocol.lower()}://{address}:{port['port']}"
        base = f"{prefix}_PORT_{port['port']}_{protocol}"
        if number == 0:
            found[f"{prefix}_PORT"] = url
        found |= {base: url, f"{base}_PROTO": protocol.lower(), f"{base}_PORT": str(port["port"])}
        found[f"{base}_ADDR"] = address
    return found
