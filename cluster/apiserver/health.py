"""`/healthz`, `/livez`, `/readyz`: the checks of a real API server, each of which a simulated one passes."""

from __future__ import annotations

from collections.abc import Sequence

_HOOKS = (
    "start-apiserver-admission-initializer",
    "generic-apiserver-start-informers",
    "priority-and-fairness-config-consumer",
    "priority-and-fairness-filter",
    "storage-object-count-tracker-hook",
    "start-apiextensions-informers",
    "start-apiextensions-controllers",
    "crd-informer-synced",
    "start-system-namespaces-controller",
    "peer-endpoint-reconciler-controller",
    "start-cluster-authentication-info-controller",
    "start-kube-apiserver-identity-lease-controller",
    "start-kube-apiserver-identity-lease-garbage-collector",
    "storage-readiness",
    "start-legacy-token-tracking-controller",
    "start-service-ip-repair-controllers",
    "rbac/bootstrap-roles",
    "scheduling/bootstrap-system-priority-classes",
    "priority-and-fairness-config-producer",
    "bootstrap-controller",
    "start-kubernetes-service-cidr-controller",
    "aggregator-reload-proxy-client-cert",
    "start-kube-aggregator-informers",
    "apiservice-status-local-available-controller",
    "apiservice-status-remote-available-controller",
    "apiservice-registration-controller",
    "apiservice-wait-for-first-sync",
    "apiservice-discovery-controller",
    "kube-apiserver-autoregistration",
)
_LAST_HOOKS = ("apiservice-openapi-controller", "apiservice-openapiv3-controller")
ENDPOINTS = ("healthz", "livez", "readyz")


def checks(endpoint: str) -> Sequence[str]:
    """Return the names of the checks behind one endpoint."""
    first: tuple[str, ...] = ("ping", "log", "etcd")
    if endpoint == "readyz":
        first = ("ping", "log", "etcd", "etcd-readiness", "informer-sync")
    elif endpoint in ("livez", "healthz"):
        first = ("ping", "log", "loopback-serving-certificate", "etcd")
    hooks = [f"poststarthook/{hook}" for hook in _HOOKS]
    last = [f"poststarthook/{hook}" for hook in _LAST_HOOKS]
    end = ["shutdown"] if endpoint == "readyz" else []
    return [*first, *hooks, "autoregister-completion", *last, *end]


def answer(path: str, verbose: bool) -> str | None:
    """Return the text of `/readyz`, `/readyz?verbose` or `/readyz/<check>`; None for an unknown check."""
    endpoint, _, check = path.strip("/").partition("/")
    known = checks(endpoint)
    if check:
        return "ok" if check in known else None
    if not verbose:
        return "ok"
    return "".join(f"[+]{name} ok\n" for name in known) + f"{endpoint} check passed\n"
