"""The command line of kube-apiserver: which flags it knows and what their values may be.

In force are those of `OBEYED`; the others are accepted as the real program accepts them and change
nothing here. Removed ones (`--basic-auth-file`, `--insecure-port`) are as unknown as any other word.
https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from cluster.machinery.goduration import parse as parse_duration

# Flag → what it does in a lab. Files are read when the process starts.
OBEYED: Mapping[str, str] = {
    "anonymous-auth": "requests without credentials are system:anonymous",
    "token-auth-file": "static tokens",
    "client-ca-file": "who signs client certificates",
    "enable-bootstrap-token-auth": "bootstrap tokens",
    "authorization-mode": "the chain of authorisers",
    "authorization-policy-file": "the policy of ABAC",
    "authorization-webhook-config-file": "whom the Webhook mode asks",
    "authorization-webhook-cache-authorized-ttl": "how long a yes of the webhook is kept",
    "authorization-webhook-cache-unauthorized-ttl": "how long a no of the webhook is kept",
    "authorization-webhook-version": "the version of its SubjectAccessReview",
    "enable-admission-plugins": "plugins besides the default ones",
    "disable-admission-plugins": "plugins that are left out",
    "admission-control-config-file": "settings of admission plugins",
    "audit-policy-file": "what the audit log records",
    "audit-log-path": "where it stands",
    "audit-log-maxage": "how long old audit logs are kept",
    "audit-log-maxbackup": "how many old audit logs are kept",
    "audit-log-maxsize": "the size at which a new one begins",
    "audit-log-format": "json or legacy",
    "service-account-issuer": "the issuer of service-account tokens",
    "api-audiences": "for whom tokens must be made out",
}
_TEXT = """advertise-address allow-metric-labels allow-metric-labels-manifest authentication-config
authentication-token-webhook-config-file authentication-token-webhook-version authorization-config bind-address
cert-dir cloud-config cloud-provider coordinated-leadership-lease-namespace
debug-socket-path disabled-metrics egress-selector-config-file emulated-version emulation-forward-compatible
encryption-provider-config endpoint-reconciler-type etcd-cafile etcd-certfile etcd-keyfile etcd-prefix
external-hostname kubelet-certificate-authority kubelet-client-certificate kubelet-client-key
kubelet-preferred-address-types log-json-info-buffer-size logging-format min-compatibility-version
oidc-ca-file oidc-client-id oidc-groups-claim oidc-groups-prefix oidc-issuer-url oidc-required-claim
oidc-signing-algs oidc-username-claim oidc-username-prefix peer-advertise-ip peer-advertise-port peer-ca-file
proxy-client-cert-file proxy-client-key-file requestheader-allowed-names requestheader-client-ca-file
requestheader-extra-headers-prefix requestheader-group-headers requestheader-uid-headers
requestheader-username-headers runtime-config service-account-jwks-uri service-account-key-file
service-account-signing-endpoint service-account-signing-key-file service-cluster-ip-range
service-node-port-range show-hidden-metrics-for-version storage-backend storage-media-type
strict-transport-security-directives tls-cert-file tls-cipher-suites
tls-min-version tls-private-key-file tls-sni-cert-key tracing-config-file
cors-allowed-origins etcd-servers etcd-servers-overrides feature-gates audit-log-mode audit-log-version
audit-webhook-config-file audit-webhook-mode audit-webhook-version watch-cache-sizes vmodule
log-text-info-buffer-size
token-auth-file client-ca-file authorization-policy-file authorization-webhook-config-file
authorization-webhook-version admission-control-config-file audit-policy-file audit-log-path audit-log-format
service-account-issuer api-audiences authorization-mode enable-admission-plugins disable-admission-plugins"""
_SWITCH = """aggregator-reject-forwarding-redirect allow-privileged anonymous-auth audit-log-batch-throttle-enable
audit-log-compress audit-log-truncate-enabled audit-webhook-batch-throttle-enable audit-webhook-truncate-enabled
contention-profiling enable-aggregator-routing enable-bootstrap-token-auth enable-garbage-collector enable-logs-handler
enable-priority-and-fairness encryption-provider-config-automatic-reload help
log-text-split-stream permit-address-sharing permit-port-sharing profiling service-account-extend-token-expiration
service-account-lookup shutdown-send-retry-after watch-cache emulation-forward-compatible"""
_NUMBER = """apiserver-count audit-log-batch-buffer-size audit-log-batch-max-size audit-log-batch-throttle-burst
audit-log-maxage audit-log-maxbackup audit-log-maxsize audit-log-truncate-max-batch-size
audit-log-truncate-max-event-size audit-webhook-batch-buffer-size audit-webhook-batch-max-size
audit-webhook-batch-throttle-burst audit-webhook-truncate-max-batch-size audit-webhook-truncate-max-event-size
default-not-ready-toleration-seconds default-unreachable-toleration-seconds default-watch-cache-size
delete-collection-workers http2-max-streams-per-connection kubelet-port lease-reuse-duration-seconds
max-connection-bytes-per-sec max-mutating-requests-inflight max-requests-inflight min-request-timeout
secure-port v"""
_SECONDS = """audit-log-batch-max-wait audit-webhook-batch-initial-backoff audit-webhook-batch-max-wait
audit-webhook-initial-backoff authentication-token-webhook-cache-ttl authorization-webhook-cache-authorized-ttl
authorization-webhook-cache-unauthorized-ttl etcd-compaction-interval etcd-count-metric-poll-period
etcd-db-metric-poll-interval etcd-healthcheck-timeout etcd-readycheck-timeout event-ttl kubelet-timeout
livez-grace-period log-flush-frequency request-timeout service-account-max-token-expiration
shutdown-delay-duration shutdown-watch-termination-grace-period"""
_FRACTION = "goaway-chance audit-log-batch-throttle-qps audit-webhook-batch-throttle-qps"
_KINDS = {"string": _TEXT, "bool": _SWITCH, "int": _NUMBER, "duration": _SECONDS, "float32": _FRACTION}
KINDS: Mapping[str, str] = {name: kind for kind, names in _KINDS.items() for name in names.split()}
_BOOLS = frozenset({"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"})


class BadFlag(Exception):
    """Why the command line is not taken, in the real program's words."""


def parsed(argv: Sequence[str]) -> dict[str, str]:
    """Return flag → value of the words after the program's name; BadFlag for what the real one does not take."""
    found: dict[str, str] = {}
    words = iter(argv)
    for word in words:
        if not word.startswith("-") or word == "-":
            raise BadFlag(f'"kube-apiserver" does not take any arguments, got ["{word}"]')
        name, equals, value = word.lstrip("-").partition("=")
        if name not in KINDS:
            raise BadFlag(f"unknown flag: --{name}" if word.startswith("--") else _short(word))
        if not equals:
            value = "true" if KINDS[name] == "bool" else _next(words, name)
        _check(name, value)
        found[name] = value
    return found


def _short(word: str) -> str:
    return f"unknown shorthand flag: '{word[1:2]}' in {word}"


def _next(words: Iterator[str], name: str) -> str:
    value = next(words, None)
    if value is None:
        raise BadFlag(f"flag needs an argument: --{name}")
    return value


def _check(name: str, value: str) -> None:
    why = _PARSERS.get(KINDS[name], _anything)(value)
    if why:
        raise BadFlag(f'invalid argument "{value}" for "--{name}" flag: {why}')


def _anything(value: str) -> str:
    return ""


def _bool(value: str) -> str:
    return "" if value in _BOOLS else f'strconv.ParseBool: parsing "{value}": invalid syntax'


def _int(value: str) -> str:
    return "" if value.lstrip("-").isdigit() else f'strconv.ParseInt: parsing "{value}": invalid syntax'


def _seconds(value: str) -> str:
    try:
        parse_duration(value)
    except ValueError as error:
        return str(error)
    return ""


def _fraction(value: str) -> str:
    try:
        float(value)
    except ValueError:
        return f'strconv.ParseFloat: parsing "{value}": invalid syntax'
    return ""


_PARSERS: Mapping[str, Callable[[str], str]] = {
    "bool": _bool,
    "int": _int,
    "duration": _seconds,
    "float32": _fraction,
}
