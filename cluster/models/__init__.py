"""One table per kind, and those of labs, their history and their visitors.

A new kind is one class in its group's file and one line in `KINDS`.
"""

from __future__ import annotations

from cluster.models.admissionregistration import (
    MutatingAdmissionPolicy,
    MutatingAdmissionPolicyBinding,
    MutatingWebhookConfiguration,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
    ValidatingWebhookConfiguration,
)
from cluster.models.apiextensions import CustomResourceDefinition
from cluster.models.apiregistration import APIService
from cluster.models.apps import ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet
from cluster.models.audit import AuditLine
from cluster.models.autoscaling import HorizontalPodAutoscaler
from cluster.models.base import KubeObject
from cluster.models.batch import CronJob, Job
from cluster.models.certificates import CertificateSigningRequest
from cluster.models.coordination import Lease
from cluster.models.core import (
    ConfigMap,
    Endpoints,
    Event,
    LimitRange,
    Namespace,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    PodTemplate,
    ReplicationController,
    ResourceQuota,
    Secret,
    Service,
    ServiceAccount,
)
from cluster.models.custom import CustomObject
from cluster.models.discovery import EndpointSlice
from cluster.models.flowcontrol import FlowSchema, PriorityLevelConfiguration
from cluster.models.history import Revision, State
from cluster.models.lab import Lab
from cluster.models.networking import Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR
from cluster.models.node import RuntimeClass
from cluster.models.policy import PodDisruptionBudget
from cluster.models.rbac import ClusterRole, ClusterRoleBinding, Role, RoleBinding
from cluster.models.requests import KeptRequest
from cluster.models.resource import DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice
from cluster.models.scheduling import PriorityClass
from cluster.models.storage import (
    CSIDriver,
    CSINode,
    CSIStorageCapacity,
    StorageClass,
    VolumeAttachment,
    VolumeAttributesClass,
)
from cluster.models.visitor import Visitor
from cluster.models.worker import Worker

KINDS: tuple[type[KubeObject], ...] = (
    ConfigMap,
    Endpoints,
    Event,
    LimitRange,
    Namespace,
    Node,
    PersistentVolumeClaim,
    PersistentVolume,
    Pod,
    PodTemplate,
    ReplicationController,
    ResourceQuota,
    Secret,
    ServiceAccount,
    Service,
    APIService,
    ControllerRevision,
    DaemonSet,
    Deployment,
    ReplicaSet,
    StatefulSet,
    HorizontalPodAutoscaler,
    CronJob,
    Job,
    CertificateSigningRequest,
    IngressClass,
    Ingress,
    IPAddress,
    NetworkPolicy,
    ServiceCIDR,
    PodDisruptionBudget,
    ClusterRoleBinding,
    ClusterRole,
    RoleBinding,
    Role,
    CSIDriver,
    CSINode,
    CSIStorageCapacity,
    StorageClass,
    VolumeAttachment,
    VolumeAttributesClass,
    MutatingAdmissionPolicy,
    MutatingAdmissionPolicyBinding,
    MutatingWebhookConfiguration,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
    ValidatingWebhookConfiguration,
    CustomResourceDefinition,
    PriorityClass,
    Lease,
    RuntimeClass,
    EndpointSlice,
    DeviceClass,
    ResourceClaim,
    ResourceClaimTemplate,
    ResourceSlice,
    FlowSchema,
    PriorityLevelConfiguration,
)

MODELS: dict[str, type[KubeObject]] = {model.RESOURCE: model for model in KINDS}

__all__ = [
    "AuditLine",
    "APIService",
    "CSIDriver",
    "CSINode",
    "CSIStorageCapacity",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "ControllerRevision",
    "CronJob",
    "CustomObject",
    "CustomResourceDefinition",
    "DaemonSet",
    "Deployment",
    "DeviceClass",
    "EndpointSlice",
    "Endpoints",
    "Event",
    "FlowSchema",
    "HorizontalPodAutoscaler",
    "IPAddress",
    "Ingress",
    "IngressClass",
    "Job",
    "KINDS",
    "KubeObject",
    "KeptRequest",
    "Lab",
    "Lease",
    "LimitRange",
    "MODELS",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "NetworkPolicy",
    "Node",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Pod",
    "PodDisruptionBudget",
    "PodTemplate",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "ReplicaSet",
    "ReplicationController",
    "ResourceClaim",
    "ResourceClaimTemplate",
    "ResourceQuota",
    "ResourceSlice",
    "Revision",
    "Role",
    "RoleBinding",
    "RuntimeClass",
    "Secret",
    "Service",
    "ServiceAccount",
    "ServiceCIDR",
    "State",
    "StatefulSet",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "Visitor",
    "VolumeAttachment",
    "VolumeAttributesClass",
    "Worker",
]
