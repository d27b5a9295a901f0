"""Checks of probes and lifecycle hooks: handlers, ports, counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cluster.kinds.validation.fields import Errors, not_negative, one_of, port_or_name, texts
from cluster.machinery.fielderrors import forbidden_field, invalid_value, required, unsupported
from cluster.machinery.names import header_name

Handler = Mapping[str, Any]


def _exec(path: str, action: Handler, grace: int) -> Errors:
    return [] if action.get("command") else [required(f"{path}.command")]


def _http(path: str, action: Handler, grace: int) -> Errors:
    errors: Errors = []
    if not action.get("path"):
        errors.append(required(f"{path}.path"))
    errors += port_or_name(f"{path}.port", action.get("port", 0))
    errors += one_of(f"{path}.scheme", action.get("scheme"), ("HTTP", "HTTPS"))
    for header in action.get("httpHeaders") or ():
        errors += texts(f"{path}.httpHeaders", header.get("name") or "", header_name(header.get("name") or ""))
    return errors


def _tcp(path: str, action: Handler, grace: int) -> Errors:
    return port_or_name(f"{path}.port", action.get("port", 0))


def _grpc(path: str, action: Handler, grace: int) -> Errors:
    return port_or_name(f"{path}.port", action.get("port", 0))


def _sleep(path: str, action: Handler, grace: int) -> Errors:
    seconds = action.get("seconds") or 0
    if 0 <= seconds <= grace:
        return []
    text = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
    return [invalid_value(path, seconds, text)]


_ACTIONS: Mapping[str, Callable[[str, Handler, int], Errors]] = {
    "exec": _exec,
    "httpGet": _http,
    "tcpSocket": _tcp,
    "grpc": _grpc,
    "sleep": _sleep,
}


def handler(path: str, given: Handler, grace: int) -> Errors:
    """Check that exactly one action is there, and that action."""
    errors: Errors = []
    count = 0
    for name, check in _ACTIONS.items():
        action = given.get(name)
        if action is None:
            continue
        count += 1
        if count > 1:
            errors.append(forbidden_field(f"{path}.{name}", "may not specify more than 1 handler type"))
        else:
            errors += check(f"{path}.{name}", action, grace)
    return errors if count else [*errors, required(path, "must specify a handler type")]


_COUNTS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")


def _probe(path: str, probe: Handler, grace: int) -> Errors:
    errors = handler(path, probe, grace)
    for field in _COUNTS:
        errors += not_negative(f"{path}.{field}", probe.get(field))
    seconds = probe.get("terminationGracePeriodSeconds")
    if seconds is not None and seconds <= 0:
        errors.append(invalid_value(f"{path}.terminationGracePeriodSeconds", seconds, "must be greater than 0"))
    return errors


def _once(path: str, probe: Handler) -> Errors:
    threshold = probe.get("successThreshold")
    return [] if threshold == 1 else [invalid_value(f"{path}.successThreshold", threshold or 0, "must be 1")]


def probes(path: str, container: Handler, grace: int) -> Errors:
    """Check the three probes of a container."""
    errors: Errors = []
    for field in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = container.get(field)
        if probe is None:
            continue
        errors += _probe(f"{path}.{field}", probe, grace)
        if field != "readinessProbe":
            errors += _once(f"{path}.{field}", probe)
        elif probe.get("terminationGracePeriodSeconds") is not None:
            text = "must not be set for readinessProbes"
            seconds = probe["terminationGracePeriodSeconds"]
            errors.append(invalid_value(f"{path}.{field}.terminationGracePeriodSeconds", seconds, text))
    return errors


def lifecycle(path: str, hooks: Handler, grace: int) -> Errors:
    errors: Errors = []
    for field in ("postStart", "preStop"):
        if hooks.get(field) is not None:
            errors += handler(f"{path}.{field}", hooks[field], grace)
    signal = hooks.get("stopSignal")
    if signal is not None and not signal.startswith("SIG"):
        errors.append(unsupported(f"{path}.stopSignal", signal, ()))
    return errors
