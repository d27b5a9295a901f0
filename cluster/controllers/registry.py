"""Every controller of the lab's kube-controller-manager, in the order they take their turns."""

from __future__ import annotations

from cluster.controllers.base import Controller
from cluster.controllers.daemonset.controller import DaemonSetController
from cluster.controllers.deployment.controller import DeploymentController
from cluster.controllers.endpoints.endpoints import EndpointsController
from cluster.controllers.endpoints.endpointslice import EndpointSliceController, EndpointSliceMirroringController
from cluster.controllers.garbagecollector import GarbageCollector
from cluster.controllers.namespace import NamespaceController
from cluster.controllers.podgc import PodGarbageCollector
from cluster.controllers.replicaset import ReplicaSetController, ReplicationControllerController
from cluster.controllers.serviceaccount import RootCaPublisher, ServiceAccountController

CONTROLLERS: tuple[type[Controller], ...] = (
    NamespaceController,
    ServiceAccountController,
    RootCaPublisher,
    DeploymentController,
    ReplicaSetController,
    ReplicationControllerController,
    DaemonSetController,
    EndpointsController,
    EndpointSliceController,
    EndpointSliceMirroringController,
    PodGarbageCollector,
    GarbageCollector,
)
