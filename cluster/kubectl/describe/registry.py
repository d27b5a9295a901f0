"""Which describer describes which kind. A kind that is not listed is described by its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cluster.kubectl.command import Session
from cluster.kubectl.describe import config, generic, jobs, network, node, pod, policy, rbac, storage, workloads
from cluster.kubectl.describe.page import Page
from cluster.machinery.meta import Object

Describer = Callable[[Page, Session, Object], None]

DESCRIBERS: Mapping[str, Describer] = {
    "pods": pod.describe,
    "nodes": node.describe,
    "services": network.service,
    "endpoints": network.endpoints,
    "configmaps": config.config_map,
    "secrets": config.secret,
    "serviceaccounts": config.service_account,
    "namespaces": policy.namespace_,
    "resourcequotas": policy.quota,
    "limitranges": policy.limit_range,
    "replicationcontrollers": workloads.replication_controller,
    "persistentvolumes": storage.volume,
    "persistentvolumeclaims": storage.claim,
    "deployments.apps": workloads.deployment,
    "replicasets.apps": workloads.replica_set,
    "statefulsets.apps": workloads.stateful_set,
    "daemonsets.apps": workloads.daemon_set,
    "jobs.batch": jobs.job,
    "cronjobs.batch": jobs.cron_job,
    "horizontalpodautoscalers.autoscaling": policy.autoscaler,
    "poddisruptionbudgets.policy": policy.budget,
    "priorityclasses.scheduling.k8s.io": policy.priority_class,
    "certificatesigningrequests.certificates.k8s.io": policy.certificate_request,
    "ingresses.networking.k8s.io": network.ingress,
    "ingressclasses.networking.k8s.io": network.ingress_class,
    "networkpolicies.networking.k8s.io": network.network_policy,
    "endpointslices.discovery.k8s.io": network.endpoint_slice,
    "storageclasses.storage.k8s.io": storage.storage_class,
    "csinodes.storage.k8s.io": storage.csi_node,
    "roles.rbac.authorization.k8s.io": rbac.role,
    "clusterroles.rbac.authorization.k8s.io": rbac.role,
    "rolebindings.rbac.authorization.k8s.io": rbac.binding,
    "clusterrolebindings.rbac.authorization.k8s.io": rbac.binding,
}


def describe(session: Session, resource: str, obj: Object) -> str:
    """Return the description of one object."""
    page = Page(session.now())
    DESCRIBERS.get(resource, generic.describe)(page, session, obj)
    return page.text()
