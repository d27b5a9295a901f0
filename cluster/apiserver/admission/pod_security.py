"""PodSecurity: the Pod Security Standards, by namespace labels. https://kubernetes.io/docs/concepts/security/pod-security-admission/

`enforce` refuses pods, `warn` warns of pods and of what makes pods, `audit` notes both in the audit log; defaults
and exemptions come from a PodSecurityConfiguration. Left out: what versions before latest judged differently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.admission.pod_standards import violations
from cluster.apiserver.admission.settings import Settings
from cluster.apiserver.attributes import CREATE, UPDATE, Attributes
from cluster.machinery.errors import invalid
from cluster.machinery.fielderrors import FieldError, invalid_value
from cluster.machinery.meta import Object

_LABEL = "pod-security.kubernetes.io/"
_LEVELS = ("privileged", "baseline", "restricted")
_MODES = ("enforce", "audit", "warn")
_VERSION = re.compile(r"latest|v1\.(0|[1-9][0-9]*)")
_MOST = 3000  # pods looked at when a namespace's labels change
_MAKERS = frozenset(
    {
        "deployments.apps",
        "daemonsets.apps",
        "replicasets.apps",
        "statefulsets.apps",
        "jobs.batch",
        "cronjobs.batch",
        "replicationcontrollers",
        "podtemplates",
    }
)


@dataclass(frozen=True, slots=True)
class Mode:
    """The level and version of one mode."""

    level: str = "privileged"
    version: str = "latest"

    def __str__(self) -> str:
        return f"{self.level}:{self.version}"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a namespace wants of its pods. `errors` are labels that could not be read."""

    enforce: Mode
    audit: Mode
    warn: Mode
    errors: tuple[FieldError, ...] = ()

    @property
    def is_privileged(self) -> bool:
        return all(one.level == "privileged" for one in (self.enforce, self.audit, self.warn)) and not self.errors


class PodSecurity(Plugin):
    name = "PodSecurity"
    operations = (CREATE, UPDATE)
    resources = frozenset({"pods", "namespaces", *_MAKERS})
    judges = True

    def __init__(self, settings: Settings | None = None):
        configured = settings.of(self.name) if settings is not None else {}
        given: Mapping[str, str] = configured.get("defaults") or {}
        self._defaults = {mode: _default(given, mode) for mode in _MODES}
        self._default_policy = Policy(self._defaults["enforce"], self._defaults["audit"], self._defaults["warn"])
        exempt: Mapping[str, Sequence[str]] = configured.get("exemptions") or {}
        self._users = frozenset(exempt.get("usernames") or ())
        self._namespaces = frozenset(exempt.get("namespaces") or ())
        self._runtimes = frozenset(exempt.get("runtimeClasses") or ())

    def judge(self, attributes: Attributes) -> None:
        if attributes.kind.resource == "namespaces":
            if not attributes.subresource:
                self._namespace(attributes)
        elif attributes.subresource in ("", "ephemeralcontainers"):
            self._workload(attributes)

    def policy(self, labels: Mapping[str, str]) -> Policy:
        """Return what a namespace's labels ask for, over the defaults; what cannot be read counts as strict."""
        if not any(key.startswith(_LABEL) for key in labels):
            return self._default_policy
        errors: list[FieldError] = []
        modes = {mode: self._mode(labels, mode, errors) for mode in _MODES}
        warn, enforce = modes["warn"], modes["enforce"]
        level = enforce.level if _has(labels, "enforce") and not _has(labels, "warn") else warn.level
        version = warn.version
        if _has(labels, "enforce-version") and not _has(labels, "warn-version"):
            version = enforce.version
        return Policy(enforce, modes["audit"], Mode(level, version), tuple(errors))

    def _mode(self, labels: Mapping[str, str], mode: str, errors: list[FieldError]) -> Mode:
        default = self._defaults[mode]
        level = labels.get(_LABEL + mode, default.level)
        if level not in _LEVELS:
            errors.append(_wrong(_LABEL + mode, level, f"must be one of {', '.join(_LEVELS)}"))
            level = "restricted" if mode == "enforce" else "privileged"
        version = labels.get(f"{_LABEL}{mode}-version", default.version)
        if not _VERSION.fullmatch(version):
            errors.append(_wrong(f"{_LABEL}{mode}-version", version, 'must be "latest" or "v1.x"'))
            version = "latest"
        return Mode(level, version)

    def _namespace(self, attributes: Attributes) -> None:
        labels = attributes.object["metadata"].get("labels") or {}
        before = ((attributes.old or {}).get("metadata") or {}).get("labels") or {}
        if attributes.old is not None and _own(labels) == _own(before):
            return
        new, old = self.policy(labels), self.policy(before)
        if new.errors and (attributes.old is None or new.errors != old.errors):
            raise invalid("Namespace", "", attributes.name, new.errors)
        if attributes.name in self._namespaces:
            if _own(labels):
                shown = f"enforce={new.enforce}, audit={new.audit}, warn={new.warn}"
                attributes.warn(
                    f'namespace "{attributes.name}" is exempt from Pod Security, and the policy ({shown}) will be '
                    "ignored"
                )
        elif attributes.old is not None and _is_stricter(new.enforce, old.enforce):
            self._warn_of_pods(attributes, new.enforce)

    def _warn_of_pods(self, attributes: Attributes, enforce: Mode) -> None:
        """Tell which pods that already run would not be allowed."""
        pods = attributes.server.store.list("pods", attributes.name)
        if len(pods) > _MOST:
            attributes.warn(
                f"new PodSecurity enforce level only checked against the first {_MOST} of {len(pods)} existing pods"
            )
        found: dict[str, list[str]] = {}
        for pod in pods[:_MOST]:
            if pod["spec"].get("runtimeClassName") not in self._runtimes:
                reasons = [text.partition(" (")[0] for text in violations(enforce.level, pod)]
                found.setdefault(", ".join(reasons), []).append(pod["metadata"]["name"])
        found.pop("", None)
        if found:
            attributes.warn(
                f'existing pods in namespace "{attributes.name}" violate the new PodSecurity enforce level "{enforce}"'
            )
        for text in sorted(f"{_named(names)}: {reasons}" for reasons, names in found.items()):
            attributes.warn(text)

    def _workload(self, attributes: Attributes) -> None:
        exempt = self._exemption(attributes)
        if exempt:
            attributes.note(f"{_LABEL}exempt", exempt)
            return
        namespace = attributes.server.store.get("namespaces", "", attributes.namespace)
        policy = self.policy(((namespace or {}).get("metadata") or {}).get("labels") or {})
        is_pod = attributes.kind.resource == "pods"
        if is_pod:
            attributes.note(f"{_LABEL}enforce-policy", str(policy.enforce))
        template = None if policy.is_privileged else _template(attributes.object)
        if template is None or not self._has_changed(attributes, template):
            return
        if (template.get("spec") or {}).get("runtimeClassName") in self._runtimes:
            attributes.note(f"{_LABEL}exempt", "runtimeClass")
            return
        self._evaluate(attributes, policy, template, enforce=is_pod)

    def _exemption(self, attributes: Attributes) -> str:
        if attributes.namespace in self._namespaces:
            return "namespace"
        return "user" if attributes.request.user.name in self._users else ""

    def _has_changed(self, attributes: Attributes, template: Object) -> bool:
        return attributes.old is None or (_template(attributes.old) or {}).get("spec") != template.get("spec")

    def _evaluate(self, attributes: Attributes, policy: Policy, pod: Object, *, enforce: bool) -> None:
        found = violations(policy.audit.level, pod)
        if found:
            attributes.note(f"{_LABEL}audit-violations", _would(policy.audit, found))
        refused = violations(policy.enforce.level, pod) if enforce else ()
        if refused:
            raise attributes.forbid(f'violates PodSecurity "{policy.enforce}": {", ".join(refused)}')
        warned = violations(policy.warn.level, pod)
        if warned:
            attributes.warn(_would(policy.warn, warned))


def _default(given: Mapping[str, str], mode: str) -> Mode:
    return Mode(given.get(mode) or "privileged", given.get(f"{mode}-version") or "latest")


def _has(labels: Mapping[str, str], mode: str) -> bool:
    return _LABEL + mode in labels


def _own(labels: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in labels.items() if key.startswith(_LABEL)}


def _wrong(label: str, value: str, why: str) -> FieldError:
    return invalid_value(f"metadata.labels[{label}]", value, why)


def _is_stricter(new: Mode, old: Mode) -> bool:
    """Say whether pods that were allowed may not be any more."""
    if new == old or new.level == "privileged":
        return False
    return new.version != old.version or _LEVELS.index(new.level) > _LEVELS.index(old.level)


def _named(pods: Sequence[str]) -> str:
    """Return the first pod's name and how many others there are."""
    first, others = min(pods), len(pods) - 1
    return first if not others else f"{first} (and {others} other pod{'s' if others > 1 else ''})"


def _would(mode: Mode, found: Sequence[str]) -> str:
    return f'would violate PodSecurity "{mode}": {", ".join(found)}'


def _template(obj: Object) -> dict[str, Any] | None:
    """Return the pod in a pod or in a maker of pods."""
    kind = obj.get("kind")
    if kind == "Pod":
        return obj
    if kind == "PodTemplate":
        return obj.get("template")
    spec = obj.get("spec") or {}
    if kind == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    return spec.get("template")
