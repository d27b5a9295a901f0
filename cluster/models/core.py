"""Rows of the core group (v1)."""

from __future__ import annotations

from django.db import models

from cluster.models.base import KubeObject, at, condition, count, number, short


class ConfigMap(KubeObject):
    RESOURCE = "configmaps"


class Endpoints(KubeObject):
    RESOURCE = "endpoints"


class Event(KubeObject):
    RESOURCE = "events"
    TYPED = {"reason": at("reason"), "involved_uid": at("involvedObject", "uid")}

    reason = short(128)
    involved_uid = short(64)

    class Meta(KubeObject.Meta):
        indexes = [models.Index(fields=["lab", "involved_uid"], name="event_involved_uid")]


class LimitRange(KubeObject):
    RESOURCE = "limitranges"


class Namespace(KubeObject):
    RESOURCE = "namespaces"
    TYPED = {"phase": at("status", "phase")}

    phase = short(16)

    class Meta(KubeObject.Meta):
        indexes = [models.Index(fields=["lab", "phase"], name="namespace_phase")]


class Node(KubeObject):
    RESOURCE = "nodes"
    TYPED = {"ready": condition("Ready")}

    ready = short(8)

    class Meta(KubeObject.Meta):
        indexes = [models.Index(fields=["lab", "ready"], name="node_ready")]


class PersistentVolumeClaim(KubeObject):
    RESOURCE = "persistentvolumeclaims"
    TYPED = {"phase": at("status", "phase"), "volume": at("spec", "volumeName")}

    phase = short(16)
    volume = short()

    class Meta(KubeObject.Meta):
        indexes = [models.Index(fields=["lab", "phase"], name="persistentvolumeclaim_phase")]


class PersistentVolume(KubeObject):
    RESOURCE = "persistentvolumes"
    TYPED = {"phase": at("status", "phase"), "storage_class": at("spec", "storageClassName")}

    phase = short(16)
    storage_class = short()

    class Meta(KubeObject.Meta):
        indexes = [models.Index(fields=["lab", "phase"], name="persistentvolume_phase")]


class Pod(KubeObject):
    RESOURCE = "pods"
    TYPED = {"node": at("spec", "nodeName"), "phase": at("status", "phase"), "ip": at("status", "podIP")}

    node = short()
    phase = short(16)
    ip = short(45)

    class Meta(KubeObject.Meta):
        indexes = [
            models.Index(fields=["lab", "node"], name="pod_node"),
            models.Index(fields=["lab", "phase"], name="pod_phase"),
            models.Index(fields=["lab", "ip"], name="pod_ip"),
        ]


class PodTemplate(KubeObject):
    RESOURCE = "podtemplates"


class ReplicationController(KubeObject):
    RESOURCE = "replicationcontrollers"
    TYPED = {"replicas": number("spec", "replicas")}

    replicas = count()


class ResourceQuota(KubeObject):
    RESOURCE = "resourcequotas"


class Secret(KubeObject):
    RESOURCE = "secrets"
    TYPED = {"type": at("type")}

    type = short()


class ServiceAccount(KubeObject):
    RESOURCE = "serviceaccounts"


class Service(KubeObject):
    RESOURCE = "services"
    TYPED = {"type": at("spec", "type"), "cluster_ip": at("spec", "clusterIP")}

    type = short(16)
    cluster_ip = short(45)

    class Meta(KubeObject.Meta):
        indexes = [models.Index(fields=["lab", "cluster_ip"], name="service_cluster_ip")]
