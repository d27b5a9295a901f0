"""Checks of `spec.os`: what a pod of one operating system may not ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cluster.kinds.validation.fields import Errors, one_of
from cluster.machinery.fielderrors import forbidden_field, required

Spec = Mapping[str, Any]

_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_NO_WINDOWS = "windows options cannot be set for a linux pod"
_NO_LINUX = "cannot be set for a windows pod"
# In the order the real server looks at them; those in the security context are marked.
_OF_PODS = (
    *("@appArmorProfile", "@seLinuxOptions", "hostUsers", "hostPID", "hostIPC", "@seccompProfile", "@fsGroup"),
    *("@fsGroupChangePolicy", "@sysctls", "shareProcessNamespace", "@runAsUser", "@runAsGroup", "@supplementalGroups"),
    *("@supplementalGroupsPolicy",),
)
_OF_CONTAINERS = (
    *("appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged"),
    *("allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup"),
)
_FLAGS = frozenset({"hostPID", "hostIPC"})


def operating_system(path: str, spec: Spec) -> Errors:
    given = spec.get("os")
    if given is None:
        return []
    name = given.get("name")
    if not name:
        return [required(f"{path}.os.name", "cannot be empty")]
    if name == "linux":
        return _linux(path, spec)
    return _windows(path, spec) if name == "windows" else one_of(f"{path}.os", name, ("linux", "windows"))


def _contexts(path: str, spec: Spec) -> Iterator[tuple[str, Spec]]:
    """Yield the security context of every container, with its path."""
    for field in _CONTAINERS:
        for index, container in enumerate(spec.get(field) or ()):
            yield f"{path}.{field}[{index}].securityContext", container.get("securityContext") or {}


def _linux(path: str, spec: Spec) -> Errors:
    contexts = [(f"{path}.securityContext", spec.get("securityContext") or {}), *_contexts(path, spec)]
    return [
        forbidden_field(f"{where}.windowsOptions", _NO_WINDOWS)
        for where, context in contexts
        if context.get("windowsOptions") is not None
    ]


def _windows(path: str, spec: Spec) -> Errors:
    errors: Errors = []
    own = spec.get("securityContext") or {}
    for word in _OF_PODS:
        field = word.removeprefix("@")
        value, where = (own.get(field), f"{path}.securityContext") if word != field else (spec.get(field), path)
        if value if field in _FLAGS else value is not None:
            errors.append(forbidden_field(f"{where}.{field}", _NO_LINUX))
    for where, context in _contexts(path, spec):
        for field in _OF_CONTAINERS:
            if context.get(field) is not None:
                errors.append(forbidden_field(f"{where}.{field}", _NO_LINUX))
    return errors
