"""All kinds a Kubernetes 1.36 API server serves at a stable version, in the order of its discovery documents.

A cluster that has CustomResourceDefinitions uses a registry of its own: `REGISTRY.with_kinds(…)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cluster.kinds.admissionregistration import (
    mutatingadmissionpolicy,
    mutatingadmissionpolicybinding,
    mutatingwebhookconfiguration,
    validatingadmissionpolicy,
    validatingadmissionpolicybinding,
    validatingwebhookconfiguration,
)
from cluster.kinds.apiextensions import customresourcedefinition
from cluster.kinds.apiregistration import apiservice
from cluster.kinds.apps import controllerrevision, daemonset, deployment, replicaset, statefulset
from cluster.kinds.authentication import selfsubjectreview, tokenreview
from cluster.kinds.authorization import (
    localsubjectaccessreview,
    selfsubjectaccessreview,
    selfsubjectrulesreview,
    subjectaccessreview,
)
from cluster.kinds.autoscaling import horizontalpodautoscaler
from cluster.kinds.batch import cronjob, job
from cluster.kinds.certificates import certificatesigningrequest
from cluster.kinds.coordination import lease
from cluster.kinds.core import (
    binding,
    componentstatus,
    configmap,
    endpoints,
    event,
    limitrange,
    namespace,
    node,
    persistentvolume,
    persistentvolumeclaim,
    pod,
    podtemplate,
    replicationcontroller,
    resourcequota,
    secret,
    service,
    serviceaccount,
)
from cluster.kinds.discovery import endpointslice
from cluster.kinds.events import event as newer_event
from cluster.kinds.flowcontrol import flowschema, prioritylevelconfiguration
from cluster.kinds.kind import Kind
from cluster.kinds.networking import ingress, ingressclass, ipaddress, networkpolicy, servicecidr
from cluster.kinds.node import runtimeclass
from cluster.kinds.policy import poddisruptionbudget
from cluster.kinds.rbac import clusterrole, clusterrolebinding, role, rolebinding
from cluster.kinds.resource import deviceclass, resourceclaim, resourceclaimtemplate, resourceslice
from cluster.kinds.scheduling import priorityclass
from cluster.kinds.storage import (
    csidriver,
    csinode,
    csistoragecapacity,
    storageclass,
    volumeattachment,
    volumeattributesclass,
)

KINDS: tuple[Kind, ...] = (
    binding.KIND,
    componentstatus.KIND,
    configmap.KIND,
    endpoints.KIND,
    event.KIND,
    limitrange.KIND,
    namespace.KIND,
    node.KIND,
    persistentvolumeclaim.KIND,
    persistentvolume.KIND,
    pod.KIND,
    podtemplate.KIND,
    replicationcontroller.KIND,
    resourcequota.KIND,
    secret.KIND,
    serviceaccount.KIND,
    service.KIND,
    apiservice.KIND,
    controllerrevision.KIND,
    daemonset.KIND,
    deployment.KIND,
    replicaset.KIND,
    statefulset.KIND,
    newer_event.KIND,
    selfsubjectreview.KIND,
    tokenreview.KIND,
    localsubjectaccessreview.KIND,
    selfsubjectaccessreview.KIND,
    selfsubjectrulesreview.KIND,
    subjectaccessreview.KIND,
    horizontalpodautoscaler.KIND,
    cronjob.KIND,
    job.KIND,
    certificatesigningrequest.KIND,
    ingressclass.KIND,
    ingress.KIND,
    ipaddress.KIND,
    networkpolicy.KIND,
    servicecidr.KIND,
    poddisruptionbudget.KIND,
    clusterrolebinding.KIND,
    clusterrole.KIND,
    rolebinding.KIND,
    role.KIND,
    csidriver.KIND,
    csinode.KIND,
    csistoragecapacity.KIND,
    storageclass.KIND,
    volumeattachment.KIND,
    volumeattributesclass.KIND,
    mutatingadmissionpolicy.KIND,
    mutatingadmissionpolicybinding.KIND,
    mutatingwebhookconfiguration.KIND,
    validatingadmissionpolicy.KIND,
    validatingadmissionpolicybinding.KIND,
    validatingwebhookconfiguration.KIND,
    customresourcedefinition.KIND,
    priorityclass.KIND,
    lease.KIND,
    runtimeclass.KIND,
    endpointslice.KIND,
    deviceclass.KIND,
    resourceclaim.KIND,
    resourceclaimtemplate.KIND,
    resourceslice.KIND,
    flowschema.KIND,
    prioritylevelconfiguration.KIND,
)


class Registry:
    """A frozen set of kinds, found by resource, by kind or by storage key."""

    def __init__(self, kinds: Iterable[Kind]):
        self._kinds = tuple(kinds)
        self._by_resource = {(kind.group, kind.plural): kind for kind in self._kinds}
        self._by_kind = {(kind.group, kind.kind): kind for kind in self._kinds}
        self._by_version = {
            (kind.group, version, kind.plural): kind.at(version)
            for kind in self._kinds
            for version in (kind.version, *kind.other_versions)
        }
        # The first kind of a storage key is the one its objects are stored as (core Event before events.k8s.io).
        self._by_key = {kind.key: kind for kind in reversed(self._kinds)}
        self._groups = tuple(dict.fromkeys(kind.group for kind in self._kinds))

    def all(self) -> tuple[Kind, ...]:
        """Return every kind in discovery order: the core group first, then groups as `/apis` lists them."""
        return self._kinds

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds)

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the groups in order, `""` (core) first."""
        return self._groups

    def of_group(self, group: str) -> tuple[Kind, ...]:
        return tuple(kind for kind in self._kinds if kind.group == group)

    def versions(self, group: str) -> tuple[str, ...]:
        """Return the served versions of `group`, the preferred one first."""
        found: dict[str, None] = {}
        for kind in self.of_group(group):
            found.update(dict.fromkeys((kind.version, *kind.other_versions)))
        return tuple(found)

    def by_resource(self, group: str, plural: str) -> Kind | None:
        return self._by_resource.get((group, plural))

    def by_kind(self, group: str, kind: str) -> Kind | None:
        return self._by_kind.get((group, kind))

    def find(self, group: str, version: str, plural: str) -> Kind | None:
        """Return the kind that is served at `/apis/<group>/<version>/<plural>`."""
        return self._by_version.get((group, version, plural))

    def by_key(self, key: str) -> Kind | None:
        """Return the kind that objects of this storage key are stored as."""
        return self._by_key.get(key)

    def with_kinds(self, extra: Iterable[Kind]) -> Registry:
        """Return a registry with `extra` kinds after the others; one that is there already is replaced."""
        added = {(kind.group, kind.plural): kind for kind in extra}
        kept = tuple(kind for kind in self._kinds if (kind.group, kind.plural) not in added)
        return Registry((*kept, *added.values()))


REGISTRY = Registry(KINDS)
