"""Checks of containers: the ordinary ones, init containers and sidecars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.kinds.podspec import environment, probes, volumes
from cluster.kinds.podspec.resources import resources
from cluster.kinds.podspec.security import container_security
from cluster.kinds.validation.fields import Errors, named, one_of, port, required_one_of, texts
from cluster.machinery.fielderrors import (
    duplicate,
    forbidden_field,
    invalid_value,
    not_found_field,
    required,
    unsupported,
)
from cluster.machinery.names import dns_label, port_name

PROTOCOLS = ("SCTP", "TCP", "UDP")
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_MESSAGE_POLICIES = ("FallbackToLogsOnError", "File")
_ONLY_SIDECARS = ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")

Container = Mapping[str, Any]
Volumes = Mapping[str, Any]


def containers(path: str, given: list[Container], known: Volumes, grace: int) -> Errors:
    """Check `containers`."""
    if not given:
        return [required(path)]
    errors: Errors = []
    seen: set[str] = set()
    for index, container in enumerate(given):
        here = f"{path}[{index}]"
        errors += _shared(here, container, known)
        name = container.get("name") or ""
        if name in seen:
            errors.append(duplicate(f"{here}.name", name))
        seen.add(name)
        if container.get("lifecycle") is not None:
            errors += probes.lifecycle(f"{here}.lifecycle", container["lifecycle"], grace)
        errors += probes.probes(here, container, grace)
    return errors + _host_port_conflicts(path, given)


def init_containers(path: str, given: list[Container], regular: list[Container], known: Volumes, grace: int) -> Errors:
    """Check `initContainers`; with restartPolicy Always they are sidecars and may have probes and hooks."""
    errors: Errors = []
    names = {container.get("name") for container in regular}
    for index, container in enumerate(given):
        here = f"{path}[{index}]"
        errors += _shared(here, container, known)
        name = container.get("name")
        if name in names:
            errors.append(duplicate(f"{here}.name", name))
        names.add(name)
        if container.get("restartPolicy") == "Always":
            if container.get("lifecycle") is not None:
                errors += probes.lifecycle(f"{here}.lifecycle", container["lifecycle"], grace)
            errors += probes.probes(here, container, grace)
        else:
            errors += _forbidden_for_init(here, container)
        errors += _host_port_conflicts(here, [container], single=True)
    return errors


def _forbidden_for_init(path: str, container: Container) -> Errors:
    text = "may not be set for init containers without restartPolicy=Always"
    return [forbidden_field(f"{path}.{field}", text) for field in _ONLY_SIDECARS if container.get(field) is not None]


def ephemeral_containers(path: str, spec: Mapping[str, Any], known: Volumes) -> Errors:
    """Check `ephemeralContainers`: names beside the others, no probes, ports or resources."""
    errors: Errors = []
    names = {one.get("name") for field in ("containers", "initContainers") for one in spec.get(field) or ()}
    targets = set(names)
    for index, container in enumerate(spec.get("ephemeralContainers") or ()):
        here = f"{path}[{index}]"
        errors += _shared(here, container, known)
        if container.get("name") in names:
            errors.append(duplicate(f"{here}.name", container.get("name")))
        names.add(container.get("name"))
        target = container.get("targetContainerName")
        if target and target not in targets:
            errors.append(not_found_field(f"{here}.targetContainerName", target))
        for field in ("ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"):
            if container.get(field):
                errors.append(forbidden_field(f"{here}.{field}", "cannot be set for an Ephemeral Container"))
        if container.get("resources"):
            errors.append(forbidden_field(f"{here}.resources", "cannot be set for an Ephemeral Container"))
    return errors


def _shared(path: str, container: Container, known: Volumes) -> Errors:
    errors = named(f"{path}.name", container.get("name") or "", dns_label)
    if not container.get("image"):
        errors.append(required(f"{path}.image"))
    policy = container.get("terminationMessagePolicy")
    errors += required_one_of(f"{path}.terminationMessagePolicy", policy, _MESSAGE_POLICIES)
    if container.get("ports"):
        errors += _ports(f"{path}.ports", container["ports"])
    if container.get("env"):
        errors += environment.variables(f"{path}.env", container["env"])
    if container.get("envFrom"):
        errors += environment.sources(f"{path}.envFrom", container["envFrom"])
    if container.get("volumeMounts"):
        errors += volumes.mounts(f"{path}.volumeMounts", container, known)
    errors += required_one_of(f"{path}.imagePullPolicy", container.get("imagePullPolicy"), _PULL_POLICIES)
    errors += resources(f"{path}.resources", container.get("resources") or {})
    if container.get("restartPolicy"):
        errors += one_of(f"{path}.restartPolicy", container["restartPolicy"], ("Always", "Never", "OnFailure"))
    if container.get("securityContext"):
        errors += container_security(f"{path}.securityContext", container["securityContext"])
    return errors


def _ports(path: str, given: list[Mapping[str, Any]]) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for index, one in enumerate(given):
        here = f"{path}[{index}]"
        errors += _port_name(f"{here}.name", one.get("name") or "", seen)
        number = one.get("containerPort") or 0
        errors += port(f"{here}.containerPort", number) if number else [required(f"{here}.containerPort")]
        if one.get("hostPort"):
            errors += port(f"{here}.hostPort", one["hostPort"])
        errors += required_one_of(f"{here}.protocol", one.get("protocol"), PROTOCOLS)
    return errors


def _port_name(path: str, name: str, seen: set[str]) -> Errors:
    if not name:
        return []
    found = port_name(name)
    if found:
        return texts(path, name, found)
    if name in seen:
        return [duplicate(path, name)]
    seen.add(name)
    return []


def _host_port_conflicts(path: str, given: list[Container], *, single: bool = False) -> Errors:
    errors: Errors = []
    taken: set[str] = set()
    for index, container in enumerate(given):
        here = path if single else f"{path}[{index}]"
        for place, one in enumerate(container.get("ports") or ()):
            if not one.get("hostPort"):
                continue
            text = f"{one.get('protocol')}/{one.get('hostIP') or ''}/{one['hostPort']}"
            if text in taken:
                errors.append(duplicate(f"{here}.ports[{place}].hostPort", text))
            taken.add(text)
    return errors


def pod_only(path: str, given: list[Container]) -> Errors:
    """Check what only pods are held to, never templates."""
    errors: Errors = []
    for index, container in enumerate(given):
        image = container.get("image") or ""
        if image != image.strip():
            text = "must not have leading or trailing whitespace"
            errors.append(invalid_value(f"{path}[{index}].image", image, text))
    return errors


def restart_policy(path: str, value: str | None) -> Errors:
    if not value:
        return [required(path)]
    return one_of(path, value, ("Always", "OnFailure", "Never"), in_order=True)


def dns_policy(path: str, value: str | None) -> Errors:
    if not value:
        return [required(path)]
    known = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
    return [] if value in known else [unsupported(path, value, known, in_order=True)]
