"""Every controller of the lab's kube-controller-manager, in the order they take their turns."""

from __future__ import annotations

from cluster.controllers.apiservice import ApiServiceAvailability
from cluster.controllers.autoscaler.controller import AutoscalerController
from cluster.controllers.base import Controller
from cluster.controllers.certificates import CertificateSigner, KubeletApprover
from cluster.controllers.clusterrole_aggregation import ClusterRoleAggregation
from cluster.controllers.cronjob import CronJobController
from cluster.controllers.customresources import CustomResourceDefinitions
from cluster.controllers.daemonset.controller import DaemonSetController
from cluster.controllers.deployment.controller import DeploymentController
from cluster.controllers.disruption import DisruptionController
from cluster.controllers.endpoints.endpoints import EndpointsController
from cluster.controllers.endpoints.endpointslice import EndpointSliceController, EndpointSliceMirroringController
from cluster.controllers.garbagecollector import GarbageCollector
from cluster.controllers.job.controller import JobController
from cluster.controllers.namespace import NamespaceController
from cluster.controllers.node.eviction import TaintEvictionController
from cluster.controllers.node.ipam import NodeIpamController, NodeTtlController
from cluster.controllers.node.lifecycle import NodeLifecycleController
from cluster.controllers.podgc import PodGarbageCollector
from cluster.controllers.policystatus import PolicyStatus
from cluster.controllers.replicaset import ReplicaSetController, ReplicationControllerController
from cluster.controllers.resourcequota import ResourceQuotaController
from cluster.controllers.serviceaccount import RootCaPublisher, ServiceAccountController
from cluster.controllers.statefulset.controller import StatefulSetController
from cluster.controllers.tokens import TokensController
from cluster.controllers.ttlafterfinished import TtlAfterFinishedController
from cluster.controllers.volume.binder import VolumeBinder
from cluster.controllers.volume.protection import ClaimProtection, EphemeralVolumeController, VolumeProtection
from cluster.controllers.volume.provisioner import LocalProvisioner

CONTROLLERS: tuple[type[Controller], ...] = (
    NamespaceController,
    ServiceAccountController,
    RootCaPublisher,
    TokensController,
    NodeIpamController,
    NodeTtlController,
    NodeLifecycleController,
    TaintEvictionController,
    DeploymentController,
    ReplicaSetController,
    ReplicationControllerController,
    StatefulSetController,
    DaemonSetController,
    JobController,
    CronJobController,
    TtlAfterFinishedController,
    AutoscalerController,
    EndpointsController,
    EndpointSliceController,
    EndpointSliceMirroringController,
    VolumeBinder,
    ClaimProtection,
    VolumeProtection,
    EphemeralVolumeController,
    LocalProvisioner,
    ResourceQuotaController,
    ClusterRoleAggregation,
    KubeletApprover,
    CertificateSigner,
    DisruptionController,
    PodGarbageCollector,
    GarbageCollector,
    ApiServiceAvailability,
    CustomResourceDefinitions,
    PolicyStatus,
)
