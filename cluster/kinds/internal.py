"""Objects as the API server's own (internal) Go types print them, which its messages now and then show.

`Invalid value: {"Type":"BlueGreen","RollingUpdate":null}` is such a type: Go names in Go order, with every
field there. A type is a line of words: the field's Go name and a mark, `?` a pointer, list or map that is
null when absent, `#` a number, `!` a boolean, nothing a text, `*T` a pointer to type T, `=T` a T in place,
`+T` a list of T. Types that keep their JSON names (LabelSelector, ObjectMeta) are shown as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

_SOURCES = """
HostPath*HostPath EmptyDir*EmptyDir GCEPersistentDisk? AWSElasticBlockStore? GitRepo? Secret*SecretSource NFS*NFS
ISCSI? Glusterfs? PersistentVolumeClaim*ClaimSource RBD? Quobyte? FlexVolume? Cinder? CephFS? Flocker?
DownwardAPI*DownwardSource FC? AzureFile? ConfigMap*ConfigMapSource VsphereVolume? AzureDisk? PhotonPersistentDisk?
Projected*Projected PortworxVolume? ScaleIO? StorageOS? CSI? Ephemeral? Image?
"""

TYPES: Mapping[str, str] = {
    "HostPath": "Path Type?",
    "EmptyDir": "Medium SizeLimit?",
    "SecretSource": "SecretName Items+KeyToPath DefaultMode? Optional?",
    "ConfigMapSource": "Name Items+KeyToPath DefaultMode? Optional?",
    "KeyToPath": "Key Path Mode?",
    "NFS": "Server Path ReadOnly!",
    "ClaimSource": "ClaimName ReadOnly!",
    "DownwardSource": "Items+DownwardFile DefaultMode?",
    "DownwardFile": "Path FieldRef*FieldRef ResourceFieldRef*ResourceFieldRef Mode?",
    "FieldRef": "APIVersion FieldPath",
    "ResourceFieldRef": "ContainerName Resource Divisor",
    "Projected": "Sources+ProjectedSource DefaultMode?",
    "ProjectedSource": (
        "Secret*NamedItems DownwardAPI*DownwardProjection ConfigMap*NamedItems ServiceAccountToken*Token "
        "ClusterTrustBundle? PodCertificate?"
    ),
    "NamedItems": "Name Items+KeyToPath Optional?",
    "DownwardProjection": "Items+DownwardFile",
    "Token": "Audience ExpirationSeconds# Path",
    "Volume": f"Name {_SOURCES}",
    "PodTemplateSpec": "Spec=PodSpec",
    "PodSpec": (
        "Volumes+Volume InitContainers+Container Containers+Container EphemeralContainers? RestartPolicy "
        "TerminationGracePeriodSeconds? ActiveDeadlineSeconds? DNSPolicy NodeSelector? ServiceAccountName "
        "AutomountServiceAccountToken? NodeName SecurityContext*PodSecurityContext ImagePullSecrets+Named Hostname "
        "Subdomain SetHostnameAsFQDN? Affinity*Affinity SchedulerName Tolerations+Toleration HostAliases+HostAlias "
        "PriorityClassName Priority? PreemptionPolicy? DNSConfig*DNSConfig ReadinessGates? RuntimeClassName? Overhead? "
        "EnableServiceLinks? TopologySpreadConstraints+Spread OS? SchedulingGates+SchedulingGate ResourceClaims? "
        "Resources*Resources HostnameOverride? SchedulingGroup?"
    ),
    "SchedulingGate": "Name",
    "PodResourceClaim": "Name ResourceClaimName? ResourceClaimTemplateName?",
    "Named": "Name",
    "HostAlias": "IP Hostnames?",
    "DNSConfig": "Nameservers? Searches? Options+DNSOption",
    "DNSOption": "Name Value?",
    "Container": (
        "Name Image Command? Args? WorkingDir Ports+ContainerPort EnvFrom+EnvFrom Env+EnvVar Resources=Resources "
        "ResizePolicy+ResizePolicy RestartPolicy? RestartPolicyRules? VolumeMounts+VolumeMount VolumeDevices? "
        "LivenessProbe*Probe ReadinessProbe*Probe StartupProbe*Probe Lifecycle*Lifecycle TerminationMessagePath "
        "TerminationMessagePolicy ImagePullPolicy SecurityContext*SecurityContext Stdin! StdinOnce! TTY!"
    ),
    "ResizePolicy": "ResourceName RestartPolicy",
    "EphemeralContainer": (
        "Name Image Command? Args? WorkingDir Ports+ContainerPort EnvFrom+EnvFrom Env+EnvVar Resources=Resources "
        "ResizePolicy+ResizePolicy RestartPolicy? RestartPolicyRules? VolumeMounts+VolumeMount VolumeDevices? "
        "LivenessProbe*Probe ReadinessProbe*Probe StartupProbe*Probe Lifecycle*Lifecycle TerminationMessagePath "
        "TerminationMessagePolicy ImagePullPolicy SecurityContext*SecurityContext Stdin! StdinOnce! TTY! "
        "TargetContainerName"
    ),
    "ContainerPort": "Name HostPort# ContainerPort# Protocol HostIP",
    "EnvFrom": "Prefix ConfigMapRef*OptionalName SecretRef*OptionalName",
    "OptionalName": "Name Optional?",
    "EnvVar": "Name Value ValueFrom*EnvSource",
    "EnvSource": (
        "FieldRef*FieldRef ResourceFieldRef*ResourceFieldRef ConfigMapKeyRef*KeyRef SecretKeyRef*KeyRef FileKeyRef?"
    ),
    "KeyRef": "Name Key Optional?",
    "Resources": "Limits? Requests? Claims?",
    "VolumeMount": "Name ReadOnly! RecursiveReadOnly? MountPath SubPath MountPropagation? SubPathExpr",
    "Probe": (
        "Exec*Exec HTTPGet*HTTPGet TCPSocket*TCPSocket GRPC*GRPC InitialDelaySeconds# TimeoutSeconds# PeriodSeconds# "
        "SuccessThreshold# FailureThreshold# TerminationGracePeriodSeconds?"
    ),
    "Exec": "Command?",
    "HTTPGet": "Path Port Host Scheme HTTPHeaders+Header",
    "Header": "Name Value",
    "TCPSocket": "Port Host",
    "GRPC": "Port# Service?",
    "Lifecycle": "PostStart*Handler PreStop*Handler StopSignal?",
    "Handler": "Exec*Exec HTTPGet*HTTPGet TCPSocket*TCPSocket Sleep*Sleep",
    "Sleep": "Seconds#",
    "SecurityContext": (
        "Capabilities*Capabilities Privileged? SELinuxOptions? WindowsOptions? RunAsUser? RunAsGroup? RunAsNonRoot? "
        "ReadOnlyRootFilesystem? AllowPrivilegeEscalation? ProcMount? SeccompProfile*Seccomp AppArmorProfile*Seccomp"
    ),
    "Capabilities": "Add? Drop?",
    "Seccomp": "Type LocalhostProfile?",
    "PodSecurityContext": (
        "HostNetwork! HostPID! HostIPC! ShareProcessNamespace? HostUsers? SELinuxOptions? WindowsOptions? RunAsUser? "
        "RunAsGroup? RunAsNonRoot? SupplementalGroups? SupplementalGroupsPolicy? FSGroup? FSGroupChangePolicy? "
        "Sysctls+Header SeccompProfile*Seccomp AppArmorProfile*Seccomp SELinuxChangePolicy?"
    ),
    "Affinity": "NodeAffinity*NodeAffinity PodAffinity*PodAffinity PodAntiAffinity*PodAffinity",
    "NodeAffinity": (
        "RequiredDuringSchedulingIgnoredDuringExecution*NodeSelector "
        "PreferredDuringSchedulingIgnoredDuringExecution+PreferredNode"
    ),
    "NodeSelector": "NodeSelectorTerms+NodeTerm",
    "NodeTerm": "MatchExpressions+NodeRequirement MatchFields+NodeRequirement",
    "NodeRequirement": "Key Operator Values?",
    "PreferredNode": "Weight# Preference=NodeTerm",
    "PodAffinity": (
        "RequiredDuringSchedulingIgnoredDuringExecution+PodTerm "
        "PreferredDuringSchedulingIgnoredDuringExecution+WeightedPod"
    ),
    "WeightedPod": "Weight# PodAffinityTerm=PodTerm",
    "PodTerm": "LabelSelector? Namespaces? TopologyKey NamespaceSelector? MatchLabelKeys? MismatchLabelKeys?",
    "Toleration": "Key Operator Value Effect TolerationSeconds?",
    "Taint": "Key Value Effect TimeAdded?",
    "RoleRef": "APIGroup Kind Name",
    "Spread": (
        "MaxSkew# TopologyKey WhenUnsatisfiable LabelSelector? MinDomains? NodeAffinityPolicy? NodeTaintsPolicy? "
        "MatchLabelKeys?"
    ),
    "ServicePort": "Name Protocol AppProtocol? Port# TargetPort NodePort#",
    "DeploymentStrategy": "Type RollingUpdate*Rolling",
    "Rolling": "MaxUnavailable MaxSurge",
    "StatefulSetUpdateStrategy": "Type RollingUpdate*StatefulRolling",
    "StatefulRolling": "Partition# MaxUnavailable?",
    "PodDisruptionBudgetSpec": "MinAvailable? Selector? MaxUnavailable? UnhealthyPodEvictionPolicy?",
    "PersistentVolumeClaimSpec": (
        "AccessModes? Selector? Resources=ClaimResources VolumeName StorageClassName? VolumeMode? "
        "DataSource*ObjectRef DataSourceRef*ObjectRef VolumeAttributesClassName?"
    ),
    "ClaimResources": "Limits? Requests?",
    "ObjectRef": "APIGroup? Kind Name",
    "PersistentVolumeSource": (
        "GCEPersistentDisk? AWSElasticBlockStore? HostPath*HostPath Glusterfs? NFS*NFS RBD? Quobyte? ISCSI? "
        "FlexVolume? Cinder? CephFS? FC? Flocker? AzureFile? VsphereVolume? AzureDisk? "
        "PhotonPersistentDisk? PortworxVolume? ScaleIO? Local*Local StorageOS? CSI?"
    ),
    "Local": "Path FSType?",
    "SuccessPolicy": "Rules+SuccessPolicyRule",
    "SuccessPolicyRule": "SucceededIndexes? SucceededCount?",
    "CustomResourceDefinitionVersion": (
        "Name Served! Storage! Deprecated! DeprecationWarning? Schema? Subresources? AdditionalPrinterColumns? "
        "SelectableFields?"
    ),
    "ValidationRule": "Rule Message MessageExpression Reason? FieldPath OptionalOldSelf?",
}

_WORD = re.compile(r"^([A-Za-z]+)([?#!*=+]?)(\w*)$")
_LEADING_CAPITALS = re.compile(r"^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]")
_EMPTY: Mapping[str, Any] = {"?": None, "*": None, "+": None, "#": 0, "!": False, "": ""}
_RENAMED = {"aPIGroup": "apiGroup", "StorageOS": "storageos", "Glusterfs": "glusterfs", "RBD": "rbd"}
# Host options stand in the spec, and move into the internal security context.
_HOST = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers")


def json_name(word: str) -> str:
    """Return the JSON name of a Go field."""
    return _RENAMED.get(word) or _LEADING_CAPITALS.sub(lambda match: match.group(0).lower(), word)


Field = tuple[str, str, str, str]


@cache
def _fields(type_: str) -> tuple[Field, ...]:
    """Return (Go name, JSON name, mark, type) of every field."""
    found = []
    for word in TYPES[type_].split():
        match = _WORD.match(word)
        if match is None:
            raise ValueError(f"unreadable field {word!r} of {type_}")
        found.append((match.group(1), json_name(match.group(1)), match.group(2), match.group(3)))
    return tuple(found)


def internal(type_: str, value: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return `value` (a v1 object) as the internal type prints it."""
    given = _PREPARED.get(type_, _unchanged)(value or {})
    return {go: _shown(given.get(name), mark, inner) for go, name, mark, inner in _fields(type_)}


def _shown(value: Any, mark: str, inner: str) -> Any:
    if mark == "=":
        return internal(inner, value)
    if value is None:
        return _EMPTY[mark]
    if mark == "*":
        return internal(inner, value)
    if mark == "+":
        return [internal(inner, one) for one in value]
    return dict(sorted(value.items())) if isinstance(value, dict) else value


def _unchanged(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return value


def _hosted(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    if spec.get("securityContext") is None and not any(spec.get(field) for field in _HOST):
        return spec
    context = {**(spec.get("securityContext") or {}), **{field: spec[field] for field in _HOST if field in spec}}
    return {**spec, "securityContext": context}


_PREPARED: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {"PodSpec": _hosted}


def template(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pod template: its metadata in JSON names, then the spec."""
    metadata = {
        field: dict(sorted(part.items())) if isinstance(part, dict) else part
        for field, part in (value.get("metadata") or {}).items()
    }
    return {**metadata, "Spec": internal("PodSpec", value.get("spec"))}
