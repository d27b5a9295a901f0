"""The checks of the Pod Security Standards, in the order and words of k8s.io/pod-security-admission `policy`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cluster.machinery.meta import Object

Pod = dict[str, Any]
Check = Callable[[Pod, list[Pod]], str]

_DEFAULT_CAPABILITIES = frozenset(
    {
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD"),
        *("NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    }
)
_SAFE_SYSCTLS = frozenset(
    {
        *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"),
        *("net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports"),
        *("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl"),
        *("net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"),
    }
)
_RESTRICTED_VOLUMES = frozenset(
    {
        *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"),
        *("image",),
    }
)
_SELINUX_TYPES = ("container_t", "container_init_t", "container_kvm_t", "container_engine_t")


def violations(level: str, pod: Object) -> Sequence[str]:
    """Return what a pod (or pod template) does that `level` forbids."""
    spec = pod.get("spec") or {}
    containers = [
        *(spec.get("initContainers") or ()),
        *(spec.get("containers") or ()),
        *(spec.get("ephemeralContainers") or ()),
    ]
    found = [check(spec, containers) for check in _LEVELS[level]]
    return [text for text in found if text]


def _context(container: Pod) -> Pod:
    return container.get("securityContext") or {}


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _named(containers: Sequence[Pod]) -> str:
    """Return `container "c"` or `containers "a", "b"`."""
    names = [container.get("name", "") for container in containers]
    return f"container{'s' if len(names) > 1 else ''} {_quoted(names)}"


def _host_namespaces(spec: Pod, containers: list[Pod]) -> str:
    used = [f"{field}=true" for field in ("hostNetwork", "hostPID", "hostIPC") if spec.get(field)]
    return f"host namespaces ({', '.join(used)})" if used else ""


def _privileged(spec: Pod, containers: list[Pod]) -> str:
    bad = [one for one in containers if _context(one).get("privileged")]
    return f"privileged ({_named(bad)} must not set securityContext.privileged=true)" if bad else ""


def _capabilities(spec: Pod, containers: list[Pod]) -> str:
    bad: list[Pod] = []
    added: dict[str, None] = {}
    for one in containers:
        extra = [name for name in _added(one) if name not in _DEFAULT_CAPABILITIES]
        if extra:
            bad.append(one)
            added.update(dict.fromkeys(extra))
    if not bad:
        return ""
    names = _quoted(sorted(added))
    return f"non-default capabilities ({_named(bad)} must not include {names} in securityContext.capabilities.add)"


def _added(container: Pod) -> Sequence[str]:
    return (_context(container).get("capabilities") or {}).get("add") or ()


def _host_paths(spec: Pod, containers: list[Pod]) -> str:
    names = [volume.get("name", "") for volume in spec.get("volumes") or () if volume.get("hostPath") is not None]
    return f"hostPath volumes (volume{'s' if len(names) > 1 else ''} {_quoted(names)})" if names else ""


def _host_ports(spec: Pod, containers: list[Pod]) -> str:
    bad: list[Pod] = []
    ports: set[int] = set()
    for one in containers:
        used = {port["hostPort"] for port in one.get("ports") or () if port.get("hostPort")}
        if used:
            bad.append(one)
            ports |= used
    if not bad:
        return ""
    verb, word = ("use", "hostPorts") if len(bad) > 1 else ("uses", "hostPort" if len(ports) == 1 else "hostPorts")
    return f"hostPort ({_named(bad)} {verb} {word} {', '.join(map(str, sorted(ports)))})"


def _apparmor(spec: Pod, containers: list[Pod]) -> str:
    bad = [one for one in containers if _unconfined(_context(one).get("appArmorProfile"))]
    if _unconfined((spec.get("securityContext") or {}).get("appArmorProfile")):
        return 'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")'
    text = 'must not set AppArmor profile type to "Unconfined"'
    return f"forbidden AppArmor profile ({_named(bad)} {text})" if bad else ""


def _unconfined(profile: Pod | None) -> bool:
    return (profile or {}).get("type") == "Unconfined"


def _selinux(spec: Pod, containers: list[Pod]) -> str:
    found = [("pod", spec.get("securityContext") or {}), *((_named([one]), _context(one)) for one in containers)]
    bad = [
        (who, options["type"])
        for who, context in found
        if (options := context.get("seLinuxOptions") or {}).get("type") not in (None, "", *_SELINUX_TYPES)
    ]
    if not bad:
        return ""
    kinds = _quoted(sorted({kind for _, kind in bad}))
    return f"seLinuxOptions ({bad[0][0]} set forbidden securityContext.seLinuxOptions: type {kinds})"


def _proc_mount(spec: Pod, containers: list[Pod]) -> str:
    bad = [one for one in containers if _context(one).get("procMount") not in (None, "", "Default")]
    if not bad or spec.get("hostUsers") is False:
        return ""
    kinds = _quoted(sorted({_context(one)["procMount"] for one in bad}))
    return f"procMount ({_named(bad)} must not set securityContext.procMount to {kinds})"


def _seccomp_baseline(spec: Pod, containers: list[Pod]) -> str:
    bad = [one for one in containers if _unconfined(_context(one).get("seccompProfile"))]
    whole = _unconfined((spec.get("securityContext") or {}).get("seccompProfile"))
    if not bad and not whole:
        return ""
    who = " and ".join(filter(None, ["pod" if whole else "", _named(bad) if bad else ""]))
    return f'seccompProfile ({who} must not set securityContext.seccompProfile.type to "Unconfined")'


def _sysctls(spec: Pod, containers: list[Pod]) -> str:
    given = (spec.get("securityContext") or {}).get("sysctls") or ()
    bad = [one.get("name", "") for one in given if one.get("name") not in _SAFE_SYSCTLS]
    return f"forbidden sysctls ({', '.join(bad)})" if bad else ""


def _host_process(spec: Pod, containers: list[Pod]) -> str:
    bad = [one for one in containers if (_context(one).get("windowsOptions") or {}).get("hostProcess")]
    text = "must not set securityContext.windowsOptions.hostProcess=true"
    return f"hostProcess ({_named(bad)} {text})" if bad else ""


def _host_probes(spec: Pod, containers: list[Pod]) -> str:
    bad: list[Pod] = []
    hosts: set[str] = set()
    for one in containers:
        used = {host for host in _probe_hosts(one) if host}
        if used:
            bad.append(one)
            hosts |= used
    if not bad:
        return ""
    word = "hosts" if len(hosts) > 1 else "host"
    return f"probe or lifecycle host ({_named(bad)} uses probe or lifecycle {word} {_quoted(sorted(hosts))})"


def _probe_hosts(container: Pod) -> Iterator[str]:
    handlers = [container.get(field) or {} for field in ("livenessProbe", "readinessProbe", "startupProbe")]
    handlers += [(container.get("lifecycle") or {}).get(field) or {} for field in ("postStart", "preStop")]
    for handler in handlers:
        for field in ("httpGet", "tcpSocket"):
            yield (handler.get(field) or {}).get("host") or ""


def _volume_types(spec: Pod, containers: list[Pod]) -> str:
    bad: dict[str, list[str]] = {}
    for volume in spec.get("volumes") or ():
        kinds = [field for field in volume if field != "name"]
        if kinds and kinds[0] not in _RESTRICTED_VOLUMES:
            bad.setdefault(kinds[0], []).append(volume.get("name", ""))
    if not bad:
        return ""
    names = [name for found in bad.values() for name in found]
    verb, word = ("use", "volumes") if len(names) > 1 else ("uses", "volume")
    kinds_text = f"type{'s' if len(bad) > 1 else ''} {_quoted(sorted(bad))}"
    return f"restricted volume types ({word} {_quoted(names)} {verb} restricted volume {kinds_text})"


def _escalation(spec: Pod, containers: list[Pod]) -> str:
    bad = [one for one in containers if _context(one).get("allowPrivilegeEscalation") is not False]
    text = "must set securityContext.allowPrivilegeEscalation=false"
    return f"allowPrivilegeEscalation != false ({_named(bad)} {text})" if bad else ""


def _restricted_capabilities(spec: Pod, containers: list[Pod]) -> str:
    undropped = [
        one for one in containers if "ALL" not in ((_context(one).get("capabilities") or {}).get("drop") or ())
    ]
    adding = [one for one in containers if any(name != "NET_BIND_SERVICE" for name in _added(one))]
    parts = []
    if undropped:
        parts.append(f'{_named(undropped)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        names = sorted({name for one in adding for name in _added(one) if name != "NET_BIND_SERVICE"})
        parts.append(f"{_named(adding)} must not include {_quoted(names)} in securityContext.capabilities.add")
    return f"unrestricted capabilities ({'; '.join(parts)})" if parts else ""


def _non_root(spec: Pod, containers: list[Pod]) -> str:
    whole = (spec.get("securityContext") or {}).get("runAsNonRoot")
    explicit = [one for one in containers if _context(one).get("runAsNonRoot") is False]
    implicit = [one for one in containers if _context(one).get("runAsNonRoot") is None]
    text = "must not set securityContext.runAsNonRoot=false"
    if explicit or whole is False:
        who = " and ".join(filter(None, ["pod" if whole is False else "", _named(explicit) if explicit else ""]))
        return f"runAsNonRoot != true ({who} {text})"
    if whole or not implicit:
        return ""
    return f"runAsNonRoot != true (pod or {_named(implicit)} must set securityContext.runAsNonRoot=true)"


def _root_user(spec: Pod, containers: list[Pod]) -> str:
    whole = (spec.get("securityContext") or {}).get("runAsUser") == 0
    bad = [one for one in containers if _context(one).get("runAsUser") == 0]
    if not whole and not bad:
        return ""
    who = " and ".join(filter(None, ["pod" if whole else "", _named(bad) if bad else ""]))
    return f"runAsUser=0 ({who} must not set runAsUser=0)"


def _seccomp_restricted(spec: Pod, containers: list[Pod]) -> str:
    whole = ((spec.get("securityContext") or {}).get("seccompProfile") or {}).get("type")
    kinds = [(one, (_context(one).get("seccompProfile") or {}).get("type")) for one in containers]
    bad = [one for one, kind in kinds if kind not in (None, "RuntimeDefault", "Localhost")]
    implicit = [one for one, kind in kinds if kind is None]
    if whole not in (None, "RuntimeDefault", "Localhost") or bad:
        who = " and ".join(filter(None, ["pod" if whole == "Unconfined" else "", _named(bad) if bad else ""]))
        return f'seccompProfile ({who} must not set securityContext.seccompProfile.type to "Unconfined")'
    if whole or not implicit:
        return ""
    text = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return f"seccompProfile (pod or {_named(implicit)} {text})"


_BASELINE: tuple[Check, ...] = (
    _apparmor,
    _capabilities,
    _host_namespaces,
    _host_paths,
    _host_ports,
    _host_probes,
    _privileged,
    _proc_mount,
    _seccomp_baseline,
    _selinux,
    _sysctls,
    _host_process,
)
# The restricted level has stricter forms of two of baseline's checks, and reports its own after baseline's.
_RESTRICTED: tuple[Check, ...] = (
    *(check for check in _BASELINE if check not in (_capabilities, _seccomp_baseline)),
    _escalation,
    _restricted_capabilities,
    _volume_types,
    _non_root,
    _root_user,
    _seccomp_restricted,
)
_LEVELS: dict[str, tuple[Check, ...]] = {"privileged": (), "baseline": _BASELINE, "restricted": _RESTRICTED}
