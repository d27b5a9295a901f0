"""PodSecurity: the Pod Security Standards, by namespace labels. https://kubernetes.io/docs/concepts/security/pod-security-admission/

`enforce` refuses pods; `warn` warns of pods and of what makes pods. Left out: exemptions, version pins before latest.
"""

from __future__ import annotations

from typing import Any

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.admission.pod_standards import violations
from cluster.apiserver.attributes import CREATE, UPDATE, Attributes
from cluster.machinery.meta import Object

_LABEL = "pod-security.kubernetes.io/"
_LEVELS = ("privileged", "baseline", "restricted")
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


class PodSecurity(Plugin):
    name = "PodSecurity"
    operations = (CREATE, UPDATE)
    resources = frozenset({"pods", *_MAKERS})
    judges = True

    def judge(self, attributes: Attributes) -> None:
        if attributes.subresource not in ("", "ephemeralcontainers"):
            return
        namespace = attributes.server.store.get("namespaces", "", attributes.namespace)
        labels = ((namespace or {}).get("metadata") or {}).get("labels") or {}
        if not any(key.startswith(_LABEL) for key in labels):
            return
        template = _template(attributes.object)
        if template is None or not self._has_changed(attributes, template):
            return
        if attributes.kind.resource == "pods":
            self._enforce(attributes, labels, template)
        self._warn(attributes, labels, template)

    def _has_changed(self, attributes: Attributes, template: Object) -> bool:
        return attributes.old is None or (_template(attributes.old) or {}).get("spec") != template.get("spec")

    def _enforce(self, attributes: Attributes, labels: dict[str, str], pod: Object) -> None:
        level, version = _policy(labels, "enforce")
        found = violations(level, pod)
        if found:
            raise attributes.forbid(f'violates PodSecurity "{level}:{version}": {", ".join(found)}')

    def _warn(self, attributes: Attributes, labels: dict[str, str], pod: Object) -> None:
        level, version = _policy(labels, "warn")
        found = violations(level, pod)
        if found:
            attributes.warn(f'would violate PodSecurity "{level}:{version}": {", ".join(found)}')


def _policy(labels: dict[str, str], mode: str) -> tuple[str, str]:
    level = labels.get(_LABEL + mode, "privileged")
    version = labels.get(f"{_LABEL}{mode}-version", "latest")
    return (level if level in _LEVELS else "restricted"), version


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
