"""One machine's kubelet as its pod workers see it: identity, clock, doors, and the machine itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cluster.apiserver.client import Client
from cluster.apiserver.context import Context, EventRecorder
from cluster.kubelet.machines import Machine, save_machine
from cluster.kubelet.record import SIDECAR, Record, container_specs
from cluster.kubelet.wires import Wires
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, name, namespace
from cluster.workloads.process import Processes

_FIELDS = {"init": "initContainers", SIDECAR: "initContainers", "ephemeral": "ephemeralContainers"}


@dataclass(frozen=True)
class Host:
    """Everything a worker on `machine` needs."""

    context: Context
    client: Client
    processes: Processes
    wires: Wires
    events: EventRecorder
    machine: Machine

    @property
    def name(self) -> str:
        return str(self.machine["name"])

    @property
    def address(self) -> str:
        return str(self.machine["address"])

    @property
    def now(self) -> float:
        return self.context.clock.now()

    def delay(self, seconds: float) -> float:
        """Return a simulated delay, none in an instant lab."""
        return 0.0 if self.context.config.instant else seconds

    def allocatable(self) -> Mapping[str, str]:
        return dict(self.machine["capacity"])

    def save(self) -> None:
        save_machine(self.context.state, self.machine)

    def event(self, pod: Object, reason: str, message: str, *, container: str = "", kind: str = "Normal") -> None:
        """Record an event about a pod, or about one of its containers."""
        subject: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod", "metadata": pod["metadata"]}
        if container:
            role = next((role for role, spec in container_specs(pod) if spec["name"] == container), "main")
            subject["fieldPath"] = f"spec.{_FIELDS.get(role, 'containers')}{{{container}}}"
        self.events.record(subject, kind, reason, message)

    def facts(self, pod: Object, record: Record) -> dict[str, str]:
        """Return what the downward API can tell."""
        ip = record["ip"]
        return {
            "spec.nodeName": self.name,
            "spec.serviceAccountName": pod["spec"].get("serviceAccountName", "default"),
            "status.hostIP": self.address,
            "status.hostIPs": self.address,
            "status.podIP": ip,
            "status.podIPs": ip,
        }

    def token(self, pod: Object, source: Mapping[str, Any]) -> str:
        """Return a token for the pod's service account, by the TokenRequest API."""
        account = pod["spec"].get("serviceAccountName", "default")
        spec = {
            "audiences": [source["audience"]] if source.get("audience") else [],
            "expirationSeconds": source.get("expirationSeconds", 3607),
            "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": name(pod), "uid": pod["metadata"]["uid"]},
        }
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        try:
            answer = self.client.create("serviceaccounts", body, namespace(pod), name=account, subresource="token")
        except StatusError:
            return ""
        return str((answer.get("status") or {}).get("token", ""))
