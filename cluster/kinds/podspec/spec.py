"""The whole of a pod's spec, checked in the real server's order (`ValidatePodSpec`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.kinds.internal import internal
from cluster.kinds.podspec import affinity, containers, security
from cluster.kinds.podspec.resources import pod_resources
from cluster.kinds.podspec.systems import operating_system
from cluster.kinds.podspec.volumes import volumes
from cluster.kinds.validation.fields import Errors, annotation_keys, labels, one_of, qualified, texts
from cluster.machinery.fielderrors import duplicate, forbidden_field, invalid_value, required, too_long
from cluster.machinery.names import between, dns_label, dns_subdomain, dns_subdomain_with_underscores, ip_address
from cluster.machinery.quantity import parse

Spec = Mapping[str, Any]

_MAX_INT32 = 2**31 - 1
_SEARCH_LETTERS = 2048
_LONGEST_HOST = 64


def pod_spec(path: str, spec: Spec) -> Errors:
    """Check a pod's spec, in a Pod or in a template."""
    errors: Errors = []
    grace = spec.get("terminationGracePeriodSeconds") or 0
    mountable, found = volumes(f"{path}.volumes", spec.get("volumes") or [])
    claims = spec.get("resourceClaims") or []
    errors += found + (pod_claims(f"{path}.resourceClaims", claims) if claims else [])
    names = tuple(claim["name"] for claim in claims if claim.get("name"))
    around = containers.Around(mountable, names, grace, spec.get("restartPolicy") or "")
    regular, inits = spec.get("containers") or [], spec.get("initContainers") or []
    errors += containers.containers(f"{path}.containers", regular, around)
    if inits:
        errors += containers.init_containers(f"{path}.initContainers", inits, regular, around)
    if spec.get("ephemeralContainers"):
        errors += containers.ephemeral_containers(f"{path}.ephemeralContainers", spec, around)
    if spec.get("resources"):
        errors += pod_resources(f"{path}.resources", spec["resources"], regular)
    errors += security.host_network_ports(path, spec)
    errors += containers.restart_policy(f"{path}.restartPolicy", spec.get("restartPolicy"))
    errors += containers.dns_policy(f"{path}.dnsPolicy", spec.get("dnsPolicy"))
    errors += labels(f"{path}.nodeSelector", spec.get("nodeSelector"))
    errors += security.pod_security(path, spec)
    return errors + _placement(path, spec) + _identity(path, spec) + _rest(path, spec)


def pod_claims(path: str, given: list[Spec]) -> Errors:
    """Check `resourceClaims`: names, and one source each."""
    errors: Errors = []
    seen: set[str] = set()
    for index, claim in enumerate(given):
        here, name = f"{path}[{index}]", claim.get("name") or ""
        if not name:
            errors.append(required(f"{here}.name"))
        elif name in seen:
            errors.append(duplicate(f"{here}.name", name))
        else:
            errors += texts(f"{here}.name", name, dns_label(name))
        seen.add(name)
        errors += _claim_source(here, claim)
    return errors


_CLAIM_SOURCES = ("resourceClaimName", "resourceClaimTemplateName")


def _claim_source(path: str, claim: Spec) -> Errors:
    given = [field for field in _CLAIM_SOURCES if claim.get(field) is not None]
    if len(given) == 1:
        name = claim[given[0]]
        return texts(f"{path}.{given[0]}", name, dns_subdomain(name))
    text = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
    if given:
        text = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
    return [invalid_value(path, internal("PodResourceClaim", claim), text)]


def _placement(path: str, spec: Spec) -> Errors:
    errors: Errors = []
    errors += affinity.affinity(f"{path}.affinity", spec.get("affinity"))
    errors += _dns_config(f"{path}.dnsConfig", spec)
    for index, gate in enumerate(spec.get("readinessGates") or ()):
        errors += qualified(f"{path}.readinessGates[{index}].conditionType", gate.get("conditionType") or "")
    errors += _gates(f"{path}.schedulingGates", spec.get("schedulingGates") or [])
    errors += affinity.spread(f"{path}.topologySpreadConstraints", spec.get("topologySpreadConstraints") or [])
    return errors + security.host_users(path, spec)


def _gates(path: str, gates: list[Spec]) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for index, gate in enumerate(gates):
        name = gate.get("name") or ""
        errors += qualified(f"{path}[{index}]", name)
        if name in seen:
            errors.append(duplicate(f"{path}[{index}]", name))
        seen.add(name)
    return errors


def _dns_config(path: str, spec: Spec) -> Errors:
    config = spec.get("dnsConfig") or {}
    servers, searches = config.get("nameservers") or [], config.get("searches") or []
    errors: Errors = []
    if spec.get("dnsPolicy") == "None":
        if not config:
            text = "must provide `dnsConfig` when `dnsPolicy` is None"
            return [required(path, text)]
        if not servers:
            text = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            return [required(f"{path}.nameservers", text)]
    if len(servers) > 3:
        errors.append(invalid_value(f"{path}.nameservers", servers, "must not have more than 3 nameservers"))
    for index, server in enumerate(servers):
        errors += texts(f"{path}.nameservers[{index}]", server, ip_address(server))
    if len(searches) > 32:
        errors.append(invalid_value(f"{path}.searches", searches, "must not have more than 32 search paths"))
    if len(" ".join(searches)) > _SEARCH_LETTERS:
        text = f"must not have more than {_SEARCH_LETTERS} characters (including spaces) in the search list"
        errors.append(invalid_value(f"{path}.searches", searches, text))
    for index, search in enumerate(searches):
        bare = search.removesuffix(".")
        if search != ".":
            errors += texts(f"{path}.searches[{index}]", bare, dns_subdomain_with_underscores(bare))
    for index, option in enumerate(config.get("options") or ()):
        if not option.get("name"):
            errors.append(required(f"{path}.options[{index}]", "must not be empty"))
    return errors


def _identity(path: str, spec: Spec) -> Errors:
    errors: Errors = []
    for field, check in (("serviceAccountName", dns_subdomain), ("nodeName", dns_subdomain)):
        if spec.get(field):
            errors += texts(f"{path}.{field}", spec[field], check(spec[field]))
    seconds = spec.get("activeDeadlineSeconds")
    if seconds is not None and not 1 <= seconds <= _MAX_INT32:
        errors.append(invalid_value(f"{path}.activeDeadlineSeconds", seconds, between(1, _MAX_INT32)))
    for field in ("hostname", "subdomain"):
        if spec.get(field):
            errors += texts(f"{path}.{field}", spec[field], dns_label(spec[field]))
    return errors + _host_override(f"{path}.hostnameOverride", spec)


def _host_override(path: str, spec: Spec) -> Errors:
    name = spec.get("hostnameOverride")
    if not name:
        return []
    errors = texts(path, name, dns_subdomain(name))
    if len(name) > _LONGEST_HOST:
        errors.append(too_long(path, _LONGEST_HOST))
    return errors


def _rest(path: str, spec: Spec) -> Errors:
    errors = affinity.tolerations(f"{path}.tolerations", spec.get("tolerations") or [])
    for index, alias in enumerate(spec.get("hostAliases") or ()):
        here = f"{path}.hostAliases[{index}]"
        errors += texts(f"{here}.ip", alias.get("ip") or "", ip_address(alias.get("ip") or ""))
        for place, hostname in enumerate(alias.get("hostnames") or ()):
            errors += texts(f"{here}.hostnames[{place}]", hostname, dns_subdomain(hostname))
    for field in ("priorityClassName", "runtimeClassName"):
        if spec.get(field):
            errors += texts(f"{path}.{field}", spec[field], dns_subdomain(spec[field]))
    policy = spec.get("preemptionPolicy")
    if policy:
        errors += one_of(f"{path}.preemptionPolicy", policy, ("PreemptLowerPriority", "Never"), in_order=True)
    for name, value in (spec.get("overhead") or {}).items():
        if parse(value).nanos < 0:
            text = "must be greater than or equal to 0"
            errors.append(invalid_value(f"{path}.overhead[{name}]", str(parse(value)), text))
    return errors + operating_system(path, spec)


def pod_template(path: str, template: Spec) -> Errors:
    """Check a workload's `template` (`ValidatePodTemplateSpec`)."""
    metadata, spec = template.get("metadata") or {}, template.get("spec") or {}
    errors = labels(f"{path}.labels", metadata.get("labels"))
    errors += annotation_keys(f"{path}.annotations", metadata.get("annotations"))
    errors += pod_spec(f"{path}.spec", spec)
    if spec.get("ephemeralContainers"):
        errors.append(
            forbidden_field(f"{path}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template")
        )
    return errors
