"""All admission plugins in the order the real server runs them."""

from __future__ import annotations

from collections.abc import Sequence

from cluster.apiserver.admission.certificate_requester import CertificateRequester
from cluster.apiserver.admission.claim_resize import PersistentVolumeClaimResize
from cluster.apiserver.admission.default_ingress_class import DefaultIngressClass
from cluster.apiserver.admission.default_storage_class import DefaultStorageClass
from cluster.apiserver.admission.default_tolerations import DefaultTolerationSeconds
from cluster.apiserver.admission.escalation import RbacEscalation
from cluster.apiserver.admission.limit_ranger import LimitRanger
from cluster.apiserver.admission.namespace_lifecycle import NamespaceLifecycle
from cluster.apiserver.admission.node_restriction import NodeRestriction
from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.admission.pod_security import PodSecurity
from cluster.apiserver.admission.priority import Priority
from cluster.apiserver.admission.resource_quota import ResourceQuota
from cluster.apiserver.admission.runtime_class import RuntimeClass
from cluster.apiserver.admission.service_account import ServiceAccount
from cluster.apiserver.admission.storage_protection import StorageObjectInUseProtection
from cluster.apiserver.admission.taint_nodes import TaintNodesByCondition


def default_plugins() -> Sequence[Plugin]:
    """Return a set of plugins for one server; those that keep caches keep their own."""
    return (
        NamespaceLifecycle(),
        LimitRanger(),
        ServiceAccount(),
        NodeRestriction(),
        TaintNodesByCondition(),
        PodSecurity(),
        Priority(),
        DefaultTolerationSeconds(),
        DefaultStorageClass(),
        StorageObjectInUseProtection(),
        PersistentVolumeClaimResize(),
        RuntimeClass(),
        DefaultIngressClass(),
        CertificateRequester(),
        RbacEscalation(),
        ResourceQuota(),
    )
