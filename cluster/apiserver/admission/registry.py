"""All admission plugins in the order the real server runs them, and those a start of the server asks for.

The order is the server's own; the flags only say which of them run. `ABSENT` names what a real server
knows besides, and why it does nothing here.
https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cluster.apiserver.admission.always_admit import AlwaysAdmit
from cluster.apiserver.admission.always_deny import AlwaysDeny
from cluster.apiserver.admission.always_pull_images import AlwaysPullImages
from cluster.apiserver.admission.certificate_approval import CertificateApproval
from cluster.apiserver.admission.certificate_requester import CertificateRequester
from cluster.apiserver.admission.certificate_signing import CertificateSigning
from cluster.apiserver.admission.certificate_subject import CertificateSubjectRestriction
from cluster.apiserver.admission.claim_resize import PersistentVolumeClaimResize
from cluster.apiserver.admission.default_ingress_class import DefaultIngressClass
from cluster.apiserver.admission.default_storage_class import DefaultStorageClass
from cluster.apiserver.admission.default_tolerations import DefaultTolerationSeconds
from cluster.apiserver.admission.deny_external_ips import DenyServiceExternalIPs
from cluster.apiserver.admission.escalation import RbacEscalation
from cluster.apiserver.admission.extended_resources import ExtendedResourceToleration
from cluster.apiserver.admission.limit_ranger import LimitRanger
from cluster.apiserver.admission.mutating_policy import MutatingAdmissionPolicy
from cluster.apiserver.admission.mutating_webhook import MutatingAdmissionWebhook
from cluster.apiserver.admission.namespace_exists import NamespaceExists
from cluster.apiserver.admission.namespace_lifecycle import NamespaceLifecycle
from cluster.apiserver.admission.namespace_provision import NamespaceAutoProvision
from cluster.apiserver.admission.node_restriction import NodeRestriction
from cluster.apiserver.admission.node_selector import PodNodeSelector
from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.admission.pod_security import PodSecurity
from cluster.apiserver.admission.priority import Priority
from cluster.apiserver.admission.resource_quota import ResourceQuota
from cluster.apiserver.admission.runtime_class import RuntimeClass
from cluster.apiserver.admission.service_account import ServiceAccount
from cluster.apiserver.admission.settings import Settings
from cluster.apiserver.admission.storage_protection import StorageObjectInUseProtection
from cluster.apiserver.admission.taint_nodes import TaintNodesByCondition
from cluster.apiserver.admission.topology_labels import PodTopologyLabels
from cluster.apiserver.admission.validating_policy import ValidatingAdmissionPolicy
from cluster.apiserver.admission.validating_webhook import ValidatingAdmissionWebhook
from cluster.apiserver.launch import Launch

Maker = Callable[[Settings], Plugin]

PLUGINS: Mapping[str, Maker] = {
    "AlwaysAdmit": lambda settings: AlwaysAdmit(),
    "NamespaceAutoProvision": lambda settings: NamespaceAutoProvision(),
    "NamespaceLifecycle": lambda settings: NamespaceLifecycle(),
    "NamespaceExists": lambda settings: NamespaceExists(),
    "LimitRanger": lambda settings: LimitRanger(),
    "ServiceAccount": lambda settings: ServiceAccount(),
    "NodeRestriction": lambda settings: NodeRestriction(),
    "TaintNodesByCondition": lambda settings: TaintNodesByCondition(),
    "AlwaysPullImages": lambda settings: AlwaysPullImages(),
    "PodSecurity": PodSecurity,
    "PodNodeSelector": PodNodeSelector,
    "Priority": lambda settings: Priority(),
    "DefaultTolerationSeconds": lambda settings: DefaultTolerationSeconds(),
    "ExtendedResourceToleration": lambda settings: ExtendedResourceToleration(),
    "DefaultStorageClass": lambda settings: DefaultStorageClass(),
    "StorageObjectInUseProtection": lambda settings: StorageObjectInUseProtection(),
    "PersistentVolumeClaimResize": lambda settings: PersistentVolumeClaimResize(),
    "RuntimeClass": lambda settings: RuntimeClass(),
    "CertificateApproval": lambda settings: CertificateApproval(),
    "CertificateSigning": lambda settings: CertificateSigning(),
    "CertificateSubjectRestriction": lambda settings: CertificateSubjectRestriction(),
    "DefaultIngressClass": lambda settings: DefaultIngressClass(),
    "DenyServiceExternalIPs": lambda settings: DenyServiceExternalIPs(),
    "PodTopologyLabels": lambda settings: PodTopologyLabels(),
    "MutatingAdmissionPolicy": lambda settings: MutatingAdmissionPolicy(),
    "MutatingAdmissionWebhook": lambda settings: MutatingAdmissionWebhook(),
    "ValidatingAdmissionPolicy": lambda settings: ValidatingAdmissionPolicy(),
    "ValidatingAdmissionWebhook": lambda settings: ValidatingAdmissionWebhook(),
    # Quota and the final no come last.
    "ResourceQuota": lambda settings: ResourceQuota(),
    "AlwaysDeny": lambda settings: AlwaysDeny(),
}
ABSENT: Mapping[str, str] = {
    "ClusterTrustBundleAttest": "the ClusterTrustBundle API is not served by default",
    "EventRateLimit": "the lab's clients are few; floods are met by API priority and fairness",
    "ImagePolicyWebhook": "images are catalogue entries; a validating webhook judges them as well",
    "LimitPodHardAntiAffinityTopology": "a limit for clusters larger than a lab",
    "NodeDeclaredFeatureValidator": "all nodes of a lab have the same features",
    "OwnerReferencesPermissionEnforcement": "the real one asks for finalizer rights that no role of a lab lacks",
    "PodGroupWorkloadExists": "the Workload API is not served by default",
    "PodTolerationRestriction": "alpha since 1.7 and never advanced",
}
OFF_BY_DEFAULT = frozenset(
    {
        *("AlwaysAdmit", "AlwaysDeny", "AlwaysPullImages", "DenyServiceExternalIPs", "EventRateLimit"),
        *("ExtendedResourceToleration", "ImagePolicyWebhook", "LimitPodHardAntiAffinityTopology"),
        *("NamespaceAutoProvision", "NamespaceExists", "NodeRestriction", "OwnerReferencesPermissionEnforcement"),
        *("PodNodeSelector", "PodTolerationRestriction"),
    }
)
KUBEADM = ("NodeRestriction",)  # what kubeadm switches on, and a server that nobody gave flags


def enabled(launch: Launch) -> tuple[str, ...]:
    """Return the names of the plugins that run, in their order."""
    added = launch.words("enable-admission-plugins", () if launch.values else KUBEADM)
    removed = launch.words("disable-admission-plugins")
    return tuple(name for name in PLUGINS if name in added or (name not in OFF_BY_DEFAULT and name not in removed))


def plugins_of(launch: Launch) -> Sequence[Plugin]:
    """Return the plugins of one start, behind what the real server does in the kinds' own strategies."""
    settings = Settings(launch)
    return (CertificateRequester(), RbacEscalation(), *(PLUGINS[name](settings) for name in enabled(launch)))
