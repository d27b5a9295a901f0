"""Checks of containers: the ordinary ones, init containers and sidecars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cluster.kinds.internal import internal
from cluster.kinds.podspec import environment, mounts, probes
from cluster.kinds.podspec.resources import resize_policies, resources
from cluster.kinds.podspec.restarting import container_restart
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
_MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
_ONLY_SIDECARS = ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")

Container = Mapping[str, Any]
Volumes = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Around:
    """What the checks of a container ask of the pod around it."""

    volumes: Volumes
    claims: tuple[str, ...]
    grace: int
    restart_policy: str


def containers(path: str, given: list[Container], around: Around) -> Errors:
    """Check `containers`."""
    if not given:
        return [required(path)]
    errors: Errors = []
    seen: set[str] = set()
    for index, container in enumerate(given):
        here = f"{path}[{index}]"
        errors += _shared(here, container, around)
        name = container.get("name") or ""
        if name in seen:
            errors.append(duplicate(f"{here}.name", name))
        seen.add(name)
        errors += _watched(here, container, around.grace)
        if container.get("restartPolicy") is not None or container.get("restartPolicyRules"):
            errors += container_restart(here, container)
    return errors + _host_port_conflicts(path, given)


def _watched(path: str, container: Container, grace: int) -> Errors:
    """Check hooks and probes."""
    errors: Errors = []
    if container.get("lifecycle") is not None:
        errors += probes.lifecycle(f"{path}.lifecycle", container["lifecycle"], grace)
    return errors + probes.probes(path, container, grace)


def init_containers(path: str, given: list[Container], regular: list[Container], around: Around) -> Errors:
    """Check `initContainers`; with restartPolicy Always they are sidecars and may have probes and hooks."""
    errors: Errors = []
    names = {container.get("name") or "" for container in regular}
    for index, container in enumerate(given):
        here, name = f"{path}[{index}]", container.get("name") or ""
        errors += _shared(here, container, around)
        if container.get("restartPolicy") is not None or container.get("restartPolicyRules"):
            errors += container_restart(here, container)
        if name in names:
            errors.append(duplicate(f"{here}.name", name))
        elif name:
            names.add(name)
        # Each is looked at alone, and is the first of its list for it, as in the real server.
        errors += _host_port_conflicts(path, [container])
        errors += _for_init(here, container, around.grace)
    return errors


def _for_init(path: str, container: Container, grace: int) -> Errors:
    if container.get("restartPolicy") == "Always":
        return _watched(path, container, grace)
    errors = _forbidden_for_init(path, container)
    if container.get("resizePolicy"):
        text = "must not be set for init containers"
        errors.append(invalid_value(f"{path}.resizePolicy", resize_shown(container["resizePolicy"]), text))
    return errors


def resize_shown(policies: list[Container]) -> list[dict[str, Any]]:
    return [internal("ResizePolicy", policy) for policy in policies]


def _forbidden_for_init(path: str, container: Container) -> Errors:
    text = "may not be set for init containers without restartPolicy=Always"
    return [forbidden_field(f"{path}.{field}", text) for field in _ONLY_SIDECARS if container.get(field) is not None]


def ephemeral_containers(path: str, spec: Mapping[str, Any], around: Around) -> Errors:
    """Check `ephemeralContainers`: names beside the others, no probes, ports or resources."""
    errors: Errors = []
    targets = {one.get("name") for field in ("containers", "initContainers") for one in spec.get(field) or ()}
    names = set(targets)
    for index, container in enumerate(spec.get("ephemeralContainers") or ()):
        here = f"{path}[{index}]"
        errors += _shared(here, container, around) + _image_space(here, container)
        if container.get("name") in names:
            errors.append(duplicate(f"{here}.name", container.get("name")))
        names.add(container.get("name"))
        target = container.get("targetContainerName")
        if target and target not in targets:
            errors.append(not_found_field(f"{here}.targetContainerName", target))
        errors += _forbidden_for_ephemeral(here, container)
    return errors


_NEVER_EPHEMERAL = (
    *("ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules", "livenessProbe"),
    *("readinessProbe", "startupProbe", "lifecycle"),
)


def _forbidden_for_ephemeral(path: str, container: Container) -> Errors:
    text = "cannot be set for an Ephemeral Container"
    errors = [forbidden_field(f"{path}.{field}", text) for field in _NEVER_EPHEMERAL if container.get(field)]
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        for field in ("subPath", "subPathExpr"):
            if mount.get(field):
                errors.append(forbidden_field(f"{path}.volumeMounts[{index}].{field}", text))
    return errors


def _shared(path: str, container: Container, around: Around) -> Errors:
    errors = named(f"{path}.name", container.get("name") or "", dns_label)
    if not container.get("image"):
        errors.append(required(f"{path}.image"))
    policy = container.get("terminationMessagePolicy")
    errors += required_one_of(f"{path}.terminationMessagePolicy", policy, _MESSAGE_POLICIES, in_order=True)
    if container.get("ports"):
        errors += _ports(f"{path}.ports", container["ports"])
    if container.get("env"):
        errors += environment.variables(f"{path}.env", container["env"])
    if container.get("envFrom"):
        errors += environment.sources(f"{path}.envFrom", container["envFrom"])
    if container.get("volumeMounts"):
        errors += mounts.mounts(f"{path}.volumeMounts", container, around.volumes)
    if container.get("volumeDevices"):
        errors += mounts.devices(f"{path}.volumeDevices", container, around.volumes)
    errors += required_one_of(f"{path}.imagePullPolicy", container.get("imagePullPolicy"), _PULL_POLICIES)
    errors += resources(f"{path}.resources", container.get("resources") or {}, around.claims)
    if container.get("resizePolicy"):
        errors += resize_policies(f"{path}.resizePolicy", container["resizePolicy"], around.restart_policy)
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


def _host_port_conflicts(path: str, given: list[Container]) -> Errors:
    errors: Errors = []
    taken: set[str] = set()
    for index, container in enumerate(given):
        here = f"{path}[{index}]"
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
        errors += _image_space(f"{path}[{index}]", container)
    return errors


def _image_space(path: str, container: Container) -> Errors:
    image = container.get("image") or ""
    if image == image.strip():
        return []
    return [invalid_value(f"{path}.image", image, "must not have leading or trailing whitespace")]


def restart_policy(path: str, value: str | None) -> Errors:
    if not value:
        return [required(path)]
    return one_of(path, value, ("Always", "OnFailure", "Never"), in_order=True)


def dns_policy(path: str, value: str | None) -> Errors:
    if not value:
        return [required(path)]
    known = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
    return [] if value in known else [unsupported(path, value, known, in_order=True)]
