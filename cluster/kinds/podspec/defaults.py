"""Defaults of pods and pod templates (`SetDefaults_Pod`, `SetDefaults_PodSpec`, `SetDefaults_Container` …)."""

from __future__ import annotations

from typing import Any

from cluster.kinds.podspec.images import default_pull_policy
from cluster.kinds.podspec.volumedefaults import default_volume

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def default_template(template: dict[str, Any]) -> None:
    """Fill in a workload's `spec.template`."""
    template.setdefault("metadata", {})
    default_spec(template.setdefault("spec", {}))


def default_spec(spec: dict[str, Any]) -> None:
    """Fill in what pods and templates share."""
    for volume in spec.get("volumes") or ():
        default_volume(volume)
    for container in _containers(spec):
        _default_container(container)
    if not spec.get("restartPolicy"):
        spec["restartPolicy"] = "Always"
    if spec.get("terminationGracePeriodSeconds") is None:
        spec["terminationGracePeriodSeconds"] = 30
    if not spec.get("dnsPolicy"):
        spec["dnsPolicy"] = "ClusterFirst"
    if spec.get("securityContext") is None:
        spec["securityContext"] = {}
    if not spec.get("schedulerName"):
        spec["schedulerName"] = "default-scheduler"
    _mirror_account(spec)
    for resources in _pod_resources(spec):
        _requests_from_limits(resources)


def default_pod_only(spec: dict[str, Any]) -> None:
    """Fill in what only a Pod gets, never a template."""
    if spec.get("enableServiceLinks") is None:
        spec["enableServiceLinks"] = True
    if spec.get("hostNetwork"):
        _default_host_ports(spec)
    for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        _requests_from_limits(container.get("resources") or {})


def _containers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = list(spec.get("containers") or ())
    found += spec.get("initContainers") or ()
    found += spec.get("ephemeralContainers") or ()
    return found


def _pod_resources(spec: dict[str, Any]) -> list[dict[str, Any]]:
    # Only with limits does the pod-level field take part in defaulting.
    resources = spec.get("resources")
    return [resources] if resources and resources.get("limits") else []


def _mirror_account(spec: dict[str, Any]) -> None:
    """Keep the deprecated `serviceAccount` equal to `serviceAccountName`."""
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        spec["serviceAccountName"] = account
        spec["serviceAccount"] = account


def _default_host_ports(spec: dict[str, Any]) -> None:
    for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        for port in container.get("ports") or ():
            if not port.get("hostPort"):
                port["hostPort"] = port.get("containerPort")


def _requests_from_limits(resources: dict[str, Any]) -> None:
    limits = resources.get("limits")
    if not limits:
        return
    requests = resources.setdefault("requests", {})
    for name, amount in limits.items():
        requests.setdefault(name, amount)


def _default_container(container: dict[str, Any]) -> None:
    if not container.get("imagePullPolicy"):
        container["imagePullPolicy"] = default_pull_policy(container.get("image") or "")
    if not container.get("terminationMessagePath"):
        container["terminationMessagePath"] = "/dev/termination-log"
    if not container.get("terminationMessagePolicy"):
        container["terminationMessagePolicy"] = "File"
    if container.get("resources") is None:
        container["resources"] = {}
    for port in container.get("ports") or ():
        if not port.get("protocol"):
            port["protocol"] = "TCP"
    for variable in container.get("env") or ():
        _default_variable(variable)
    for field in _PROBES:
        probe = container.get(field)
        if probe is not None:
            _default_probe(probe)
    lifecycle = container.get("lifecycle")
    if lifecycle:
        for hook in lifecycle.values():
            _default_http(hook)


def _default_variable(variable: dict[str, Any]) -> None:
    source = variable.get("valueFrom")
    if not source:
        return
    reference = source.get("fieldRef")
    if reference is not None and not reference.get("apiVersion"):
        reference["apiVersion"] = "v1"
    reference = source.get("resourceFieldRef")
    if reference is not None and not reference.get("divisor"):
        reference["divisor"] = "0"
    reference = source.get("fileKeyRef")
    if reference is not None and reference.get("optional") is None:
        reference["optional"] = False


def _default_probe(probe: dict[str, Any]) -> None:
    for field, usual in (
        ("timeoutSeconds", 1),
        ("periodSeconds", 10),
        ("successThreshold", 1),
        ("failureThreshold", 3),
    ):
        if not probe.get(field):
            probe[field] = usual
    grpc = probe.get("grpc")
    if grpc is not None and grpc.get("service") is None:
        grpc["service"] = ""
    _default_http(probe)


def _default_http(handler: dict[str, Any]) -> None:
    action = handler.get("httpGet") if isinstance(handler, dict) else None
    if not isinstance(action, dict):  # a wrong type, which validation tells
        return
    if not action.get("path"):
        action["path"] = "/"
    if not action.get("scheme"):
        action["scheme"] = "HTTP"
