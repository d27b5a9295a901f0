"""Rows of apps."""

from __future__ import annotations

from cluster.models.base import KubeObject, condition, count, number, short


class ControllerRevision(KubeObject):
    RESOURCE = "controllerrevisions.apps"


class DaemonSet(KubeObject):
    RESOURCE = "daemonsets.apps"


class Deployment(KubeObject):
    RESOURCE = "deployments.apps"
    TYPED = {"replicas": number("spec", "replicas"), "available": condition("Available")}

    replicas = count()
    available = short(8)


class ReplicaSet(KubeObject):
    RESOURCE = "replicasets.apps"
    TYPED = {"replicas": number("spec", "replicas")}

    replicas = count()


class StatefulSet(KubeObject):
    RESOURCE = "statefulsets.apps"
    TYPED = {"replicas": number("spec", "replicas")}

    replicas = count()
