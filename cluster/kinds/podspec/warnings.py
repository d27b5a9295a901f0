"""The `Warning:` texts about pods and templates: fields that are deprecated, doubled or have no effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.machinery.meta import Object, name
from cluster.machinery.names import dns_label
from cluster.machinery.quantity import parse

Spec = Mapping[str, Any]

_DEPRECATED_LABELS = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
    "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    "beta.kubernetes.io/instance-type": ('deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'),
}
_DEPRECATED_VOLUMES = {
    "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+",
    "gitRepo": "deprecated in v1.11, and disabled by default in v1.33+",
    "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    "flocker": "deprecated in v1.22, non-functional in v1.25+",
    "storageos": "deprecated in v1.22, non-functional in v1.25+",
    "quobyte": "deprecated in v1.22, non-functional in v1.25+",
    "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
    "cephfs": "deprecated in v1.28, non-functional in v1.31+",
    "rbd": "deprecated in v1.28, non-functional in v1.31+",
}
_DEPRECATED_ANNOTATIONS = {
    "scheduler.alpha.kubernetes.io/critical-pod": (
        'non-functional in v1.16+; use the "priorityClassName" field instead'
    ),
    "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
    "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
    "seccomp.security.alpha.kubernetes.io/pod": 'non-functional in v1.27+; use the "seccompProfile" field instead',
}


APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
_SURPRISING = "which can result in surprising behavior; a DNS label is recommended"


def name_warnings(new: Object, old: Object | None, use: str = "Pod names and hostnames") -> list[str]:
    """Return the warning about a name that will not do as a host's name."""
    found = dns_label(name(new)) if old is None else []
    return [f"metadata.name: this is used in {use}, {_SURPRISING}: [{' '.join(found)}]"] if found else []


def pod_warnings(new: Object, old: Object | None) -> list[str]:
    return name_warnings(new, old, "the Pod's hostname") + spec_warnings("spec", new.get("spec") or {}, new)


def replica_warnings(new: Object, old: Object | None) -> list[str]:
    """Return the warnings of a workload whose pods carry its name on."""
    return name_warnings(new, old) + template_warnings(new, old)


def template_warnings(new: Object, old: Object | None) -> list[str]:
    """Return the warnings about `spec.template`, only when it is new."""
    template = (new.get("spec") or {}).get("template") or {}
    if old is not None and (old.get("spec") or {}).get("template") == template:
        return []
    return spec_warnings("spec.template.spec", template.get("spec") or {}, template, "spec.template.")


def spec_warnings(path: str, spec: Spec, owner: Spec, above: str = "") -> list[str]:
    """Return the warnings about a pod's spec; `owner` has its metadata."""
    found = _labels(path, spec)
    annotations = (owner.get("metadata") or {}).get("annotations") or {}
    for key, text in _DEPRECATED_ANNOTATIONS.items():
        if key in annotations:
            found.append(f"{above}metadata.annotations[{key}]: {text}")
    found += _volumes(f"{path}.volumes", spec.get("volumes") or ())
    found += _duplicates(f"{path}.hostAliases", [alias.get("ip", "") for alias in spec.get("hostAliases") or ()], "ip")
    for field in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(field) or ()):
            found += _container(f"{path}.{field}[{index}]", container)
    found += _ports(path, spec) + _grace(path, spec) + _pull_secrets(f"{path}.imagePullSecrets", spec)
    return found + _armor(above, spec, annotations)


def _pull_secrets(path: str, spec: Spec) -> list[str]:
    found = []
    seen: dict[str, int] = {}
    for index, secret in enumerate(spec.get("imagePullSecrets") or ()):
        word = secret.get("name") or ""
        if not word:
            found.append(f'{path}[{index}].name: invalid empty name ""')
        elif word in seen:
            found.append(f"{path}[{index}].name: duplicate name {_quoted(word)}")
        seen.setdefault(word, index)
    return found


def _armor(above: str, spec: Spec, annotations: Mapping[str, str]) -> list[str]:
    """Return the warning about AppArmor profiles that are still named by annotation."""
    found = []
    for field in ("initContainers", "containers"):
        for container in spec.get(field) or ():
            key = APP_ARMOR + container.get("name", "")
            if key in annotations and not (container.get("securityContext") or {}).get("appArmorProfile"):
                text = 'deprecated since v1.30; use the "appArmorProfile" field instead'
                found.append(f"{above}metadata.annotations[{key}]: {text}")
    return found


def _grace(path: str, spec: Spec) -> list[str]:
    seconds = spec.get("terminationGracePeriodSeconds")
    if seconds is None or seconds >= 0:
        return []
    return [f"{path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"]


def _labels(path: str, spec: Spec) -> list[str]:
    found = []
    for key in sorted(spec.get("nodeSelector") or ()):
        if key in _DEPRECATED_LABELS:
            found.append(f"{path}.nodeSelector[{key}]: {_DEPRECATED_LABELS[key]}")
    node = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    here = f"{path}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
    required = (node.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms") or ()
    for index, term in enumerate(required):
        for place, one in enumerate(term.get("matchExpressions") or ()):
            if one.get("key") in _DEPRECATED_LABELS:
                text = _DEPRECATED_LABELS[one["key"]]
                found.append(f"{here}[{index}].matchExpressions[{place}].key: {one['key']} is {text}")
    return found


def _volumes(path: str, volumes: Any) -> list[str]:
    found = []
    for index, volume in enumerate(volumes):
        for source, text in _DEPRECATED_VOLUMES.items():
            if volume.get(source) is not None:
                found.append(f"{path}[{index}].{source}: {text}")
    return found


def _duplicates(path: str, values: list[str], field: str) -> list[str]:
    found = []
    seen: dict[str, int] = {}
    for index, value in enumerate(values):
        if value in seen:
            found.append(f"{path}[{index}].{field}: duplicate {field} {value!r}".replace("'", '"'))
        seen.setdefault(value, index)
    return found


def _container(path: str, container: Spec) -> list[str]:
    found = []
    seen: dict[str, int] = {}
    for index, variable in enumerate(container.get("env") or ()):
        word = variable.get("name", "")
        if word in seen:
            text = f"hides previous definition of {_quoted(word)}, which may be dropped when using apply"
            found.append(f"{path}.env[{index}]: {text}")
        seen[word] = index
    for field in ("limits", "requests"):
        for resource, amount in sorted(((container.get("resources") or {}).get(field) or {}).items()):
            if resource in ("memory", "ephemeral-storage") and parse(amount).nanos % 10**9:
                text = f"fractional byte value {_quoted(str(parse(amount)))} is invalid, must be an integer"
                found.append(f"{path}.resources.{field}[{resource}]: {text}")
    return found


def _quoted(text: str) -> str:
    return f'"{text}"'


def _ports(path: str, spec: Spec) -> list[str]:
    """Return the warnings about ports that are declared twice, in one container or across them."""
    found = []
    seen: dict[tuple[Any, Any], str] = {}
    for field in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(field) or ()):
            mine: dict[tuple[Any, ...], int] = {}
            for place, port in enumerate(container.get("ports") or ()):
                here = f"{path}.{field}[{index}].ports[{place}]"
                key = (port.get("containerPort"), port.get("protocol"), port.get("hostPort"), port.get("hostIP"))
                if key in mine:
                    other = f"{path}.{field}[{index}].ports[{mine[key]}]"
                    found.append(f"{here}: duplicate port definition with {other}")
                elif (port.get("containerPort"), port.get("protocol")) in seen:
                    found.append(f"{here}: duplicate port definition with {seen[key[0], key[1]]}")
                mine.setdefault(key, place)
                seen.setdefault((key[0], key[1]), here)
    return found
