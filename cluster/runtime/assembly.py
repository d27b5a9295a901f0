"""Wires one cluster's parts together: who is given which identity, clock, cache and door."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from cryptography import x509

from cluster.apiserver.audit.book import AuditBook
from cluster.apiserver.authn.certificates import subject
from cluster.apiserver.authn.frontdoor import FrontDoor
from cluster.apiserver.client import Client
from cluster.apiserver.component import Component
from cluster.apiserver.context import Config, Context
from cluster.apiserver.events import EventLog
from cluster.apiserver.gates.explaining import explanation
from cluster.apiserver.gates.recorder import Recorder
from cluster.apiserver.request import ADMIN, User, component
from cluster.apiserver.server import ApiServer
from cluster.controllers.manager import controller_manager
from cluster.kubectl.complete import completer
from cluster.kubectl.program import Kubectl
from cluster.kubelet.endpoints import KubeletApi
from cluster.kubelet.kubelets import Kubelets
from cluster.machinery.clock import Clock
from cluster.machinery.ids import Ids
from cluster.metrics.resource import ResourceMetrics
from cluster.network.callout import ControlPlaneCalls
from cluster.network.fabric import Fabric
from cluster.runtime import kubeconfigs, pki
from cluster.runtime.authority import Authority, account_tokens
from cluster.runtime.console.doors import Doors
from cluster.runtime.console.lab import Lab
from cluster.runtime.console.ssh import Ssh
from cluster.runtime.settings import LabSettings
from cluster.scheduler.scheduler import Scheduler
from cluster.shell.processes import ShellProcesses
from cluster.store.memory import MemoryStore
from cluster.store.state import MemoryState
from cluster.terminal.component import Terminals
from cluster.workloads.process import Processes, Program


@dataclass(frozen=True)
class Parts:
    """What a simulation is made of."""

    server: ApiServer
    learner: Context
    state: MemoryState
    kubelets: Kubelets
    network: Fabric
    terminals: Terminals
    components: list[Component]
    recorder: Recorder
    authority: Authority


class Contexts:
    """Makes the context of each identity over the lab's one store, state book and clock."""

    def __init__(self, server: ApiServer, state: MemoryState, clock: Clock, ids: Ids, config: Config):
        self._shared = (server, state, clock, ids, config)

    def __call__(self, user: User, source: str) -> Context:
        """Return the context of `user`, whose Events come from `source`."""
        server, state, clock, ids, config = self._shared
        client = Client(server, user, manager=source, checked=user.name == ADMIN.name)
        return Context(client, server.store, state, clock, ids, EventLog(client, clock, source), config)


def assemble(settings: LabSettings, store: MemoryStore, state: MemoryState, clock: Clock) -> Parts:
    """Return the parts of a cluster, wired but not yet begun."""
    ids = Ids(settings.seed)
    server = ApiServer(store, clock, ids, tokens=account_tokens(ids, settings.keyring))
    server.audit_sink = AuditBook(state, clock)
    metrics = server.metrics = ResourceMetrics(store, state, clock, ids)
    authority = Authority(ids, settings.start, clock, settings.keyring)
    server.roots = authority.certificate()
    certificate, key = authority.client(ADMIN.name, ADMIN.groups[0])
    kubeconfig = kubeconfigs.text(ADMIN.name, server.roots, certificate, key)
    signing = {"root-ca": server.roots, "sign-certificate": authority.sign}
    options = {"metrics": metrics, "kubeconfig": kubeconfig, **signing}
    contexts = Contexts(server, state, clock, ids, Config(instant=settings.instant, options=options))
    processes = ShellProcesses(completer)
    network = Fabric(contexts(component("system:kube-proxy"), "kube-proxy"))
    kubelets = Kubelets(contexts(component("system:nodes", "system:masters"), "kubelet"), processes, network)
    network.connect(kubelets)
    server.callout = ControlPlaneCalls(network, KubeletApi(kubelets.context, kubelets).answer)
    administrator = subject(x509.load_pem_x509_certificate(certificate.encode())) or ADMIN
    learner = contexts(replace(ADMIN, extra=administrator.extra), "kubectl")
    recorder = Recorder("terminal", partial(explanation, server))
    front = FrontDoor(learner.client, server.roots, partial(pki.serving, authority))
    terminals = _terminals(Doors(learner, kubelets, network, recorder), processes, front)
    components: list[Component] = [
        *controller_manager(contexts),
        Scheduler(contexts(component("system:kube-scheduler"), "default-scheduler")),
        kubelets,
        network,
        terminals,
    ]
    return Parts(server, learner, state, kubelets, network, terminals, components, recorder, authority)


def _terminals(doors: Doors, processes: Processes, front: FrontDoor) -> Terminals:
    programs: dict[str, Program] = {
        "kubectl": Kubectl(),
        "lab": Lab(doors),
        "ssh": Ssh(doors.context, processes, doors.network),
    }
    services = {"containers": doors.kubelets, "network": doors.network, "processes": processes, "identify": front}
    return Terminals(doors.context, processes, doors.network, programs, services)
