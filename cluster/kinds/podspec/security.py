"""Checks of security contexts, of pods and of containers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cluster.kinds.internal import internal
from cluster.kinds.podspec.volumes import descending_path
from cluster.kinds.validation.fields import Errors, one_of
from cluster.machinery.fielderrors import duplicate, forbidden_field, invalid_value, required
from cluster.machinery.names import between

Context = Mapping[str, Any]

_IDS = 2**31 - 1
_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_SYSCTL = re.compile(r"[a-z0-9]([-_a-z0-9]*[a-z0-9])?([\./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*")
_SYSCTL_TEXT = (
    "must have at most 253 characters and match regex "
    r"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"
)


def _id(path: str, value: int | None) -> Errors:
    return [] if value is None or 0 <= value <= _IDS else [invalid_value(path, value, between(0, _IDS))]


def _seccomp(path: str, profile: Context | None) -> Errors:
    if not profile:
        return []
    kind, local, where = profile.get("type") or "", profile.get("localhostProfile"), f"{path}.localhostProfile"
    if kind:
        errors = one_of(f"{path}.type", kind, _PROFILES)
    else:
        errors = [required(f"{path}.type", "type is required when seccompProfile is set")]
    if kind == "Localhost" and local is None:
        errors.append(required(where, "must be set when seccomp type is Localhost"))
    elif kind == "Localhost":
        errors += descending_path(where, local or "")
    elif local is not None:
        text = "can only be set when seccomp type is Localhost"
        errors.append(invalid_value(where, internal("Seccomp", profile), text))
    return errors


def _app_armor(path: str, profile: Context | None) -> Errors:
    if not profile:
        return []
    kind, local, where = profile.get("type") or "", profile.get("localhostProfile"), f"{path}.localhostProfile"
    if kind == "Localhost":
        bare = (local or "").strip()
        if not bare:
            return [required(where, "must be set when AppArmor type is Localhost")]
        return [] if local == bare else [invalid_value(where, local, "must not be padded with whitespace")]
    if not kind:
        return [required(f"{path}.type", "type is required when appArmorProfile is set")]
    if kind not in _PROFILES:
        return one_of(f"{path}.type", kind, _PROFILES)
    text = "can only be set when AppArmor type is Localhost"
    return [] if local is None else [invalid_value(where, local, text)]


def container_security(path: str, context: Context) -> Errors:
    """Check a container's `securityContext`."""
    errors = _id(f"{path}.runAsUser", context.get("runAsUser"))
    errors += _id(f"{path}.runAsGroup", context.get("runAsGroup"))
    mount = context.get("procMount")
    if mount is not None:
        errors += one_of(f"{path}.procMount", mount, ("Default", "Unmasked"))
    errors += _seccomp(f"{path}.seccompProfile", context.get("seccompProfile"))
    if context.get("allowPrivilegeEscalation") is False:
        shown = internal("SecurityContext", context)
        if context.get("privileged"):
            text = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            errors.append(invalid_value(path, shown, text))
        if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or ()):
            text = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            errors.append(invalid_value(path, shown, text))
    return errors + _app_armor(f"{path}.appArmorProfile", context.get("appArmorProfile"))


def pod_security(path: str, spec: Context) -> Errors:
    """Check `spec.securityContext` and the host options the internal form keeps in it."""
    context, here = spec.get("securityContext") or {}, f"{path}.securityContext"
    errors = _id(f"{here}.fsGroup", context.get("fsGroup"))
    errors += _id(f"{here}.runAsUser", context.get("runAsUser"))
    errors += _id(f"{here}.runAsGroup", context.get("runAsGroup"))
    for index, group in enumerate(context.get("supplementalGroups") or ()):
        errors += _id(f"{here}.supplementalGroups[{index}]", group)
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        text = "ShareProcessNamespace and HostPID cannot both be enabled"
        errors.append(invalid_value(f"{here}.shareProcessNamespace", True, text))
    errors += _sysctls(f"{here}.sysctls", spec, context.get("sysctls") or [])
    change = context.get("fsGroupChangePolicy")
    if change is not None:
        errors += one_of(f"{here}.fsGroupChangePolicy", change, ("Always", "OnRootMismatch"))
    for field, names in _CHOICES.items():
        if context.get(field) is not None:
            errors += one_of(f"{here}.{field}", context[field], names)
    errors += _seccomp(f"{here}.seccompProfile", context.get("seccompProfile"))
    return errors + _app_armor(f"{here}.appArmorProfile", context.get("appArmorProfile"))


_CHOICES: Mapping[str, tuple[str, ...]] = {
    "supplementalGroupsPolicy": ("Merge", "Strict"),
    "seLinuxChangePolicy": ("MountOption", "Recursive"),
}


def host_network_ports(path: str, spec: Context) -> Errors:
    """Check that a pod on its node's network asks for the ports it listens on; init containers are let be."""
    if not spec.get("hostNetwork"):
        return []
    errors: Errors = []
    for index, container in enumerate(spec.get("containers") or ()):
        for place, port in enumerate(container.get("ports") or ()):
            outside = port.get("hostPort") or 0
            if outside != port.get("containerPort") and outside:
                where = f"{path}.containers[{index}].ports[{place}].hostPort"
                text = "must match `containerPort` when `hostNetwork` is true"
                errors.append(invalid_value(where, outside, text))
    return errors


def _sysctls(path: str, spec: Context, given: list[Context]) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for index, one in enumerate(given):
        name = one.get("name") or ""
        where = f"{path}[{index}].name"
        if not name:
            errors.append(required(where))
        elif len(name) > 253 or not _SYSCTL.fullmatch(name):
            errors.append(invalid_value(where, name, _SYSCTL_TEXT))
        elif name in seen:
            errors.append(duplicate(where, name))
        seen.add(name)
    return errors


def host_users(path: str, spec: Context) -> Errors:
    """Check what a pod with a user namespace of its own may not ask for."""
    if spec.get("hostUsers") is not False:
        return []
    text = "when `hostUsers` is false"
    asked = (("hostNetwork", "hostNetwork"), ("hostIPC", "HostIPC"), ("hostPID", "HostPID"))
    return [forbidden_field(f"{path}.{word}", text) for field, word in asked if spec.get(field)]
