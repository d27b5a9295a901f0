"""The network as the kubelets, the terminal and the API server's proxies use it: one door to the walker.

Implements `cluster.apiserver.ports.Network` and the kubelets' `Wires`. `connect` gives it the way into
containers once the kubelets exist.
"""

from __future__ import annotations

from cluster.apiserver.context import Context
from cluster.apiserver.ports import Containers
from cluster.machinery.meta import Object
from cluster.network import ipam
from cluster.network.endpoints import ServiceTable
from cluster.network.proxy.proxies import Proxies
from cluster.network.walk import Origin, Walker
from cluster.store.interface import Revision
from cluster.workloads.process import Lookup, WebReply, WebRequest
from cluster.workloads.resolver import NODE, Resolver, pod_resolver

OUTSIDE = "172.18.0.1"


class Fabric:
    """The lab's network, and the component that keeps every node's service rules."""

    name = Proxies.name

    def __init__(self, context: Context):
        self.context = context
        self.store = context.store
        self.state = context.state
        self.config = context.config
        self._proxies = Proxies(context)
        self._walker: Walker | None = None

    def connect(self, containers: Containers) -> None:
        """Say who answers for pods."""
        context = self.context
        table = ServiceTable(self.store)
        self._walker = Walker(self.store, self.state, context.clock, context.ids, self.config, containers, table)

    # -- component -------------------------------------------------------------------------------

    def resume(self) -> None:
        self._proxies.resume()

    def observe(self, revision: Revision) -> None:
        self._proxies.observe(revision)

    def next_due(self) -> float | None:
        return self._proxies.next_due()

    def step(self) -> bool:
        return self._proxies.step()

    @property
    def walker(self) -> Walker:
        if self._walker is None:
            raise RuntimeError("the network is not connected to any kubelet")
        return self._walker

    # -- addresses -------------------------------------------------------------------------------

    def attach(self, node: str, pod_cidr: str, sandbox: str) -> str:
        return ipam.attach(self.state, node, pod_cidr, sandbox)

    def detach(self, node: str, sandbox: str) -> None:
        ipam.detach(self.state, node, sandbox)

    # -- origins ---------------------------------------------------------------------------------

    def pod_origin(self, space: str, pod_name: str) -> Origin | None:
        pod = self.store.get("pods", space, pod_name)
        if pod is None:
            return None
        resolver = pod_resolver(pod, self.config.cluster_domain, self.config.dns_ip)
        address = self._pod_address(pod)
        hosts = {host: alias["ip"] for alias in pod["spec"].get("hostAliases") or () for host in alias["hostnames"]}
        hosts[str(pod["spec"].get("hostname") or pod_name)] = address
        return Origin("pod", address, pod["spec"].get("nodeName", ""), resolver, pod, hosts)

    def _pod_address(self, pod: Object) -> str:
        """Return a pod's address, which its own kubelet knows before the API does."""
        found = (pod.get("status") or {}).get("podIP")
        if found:
            return str(found)
        node = pod["spec"].get("nodeName", "")
        record = self.state.get(f"kubelet/{node}/{pod['metadata']['uid']}") or {}
        return str(record.get("ip", ""))

    def node_origin(self, node: str) -> Origin:
        machine = self.state.get(f"machine/{node}") or {}
        return Origin("node", machine.get("address", ""), node, NODE)

    def outside_origin(self) -> Origin:
        """The learner's machine: its packets to cluster addresses enter through the first node with rules."""
        nodes = [node for key in self.state.keys("proxy/") if self._is_powered(node := key.partition("/")[2])]
        domain = self.config.cluster_domain
        resolver = Resolver((self.config.dns_ip,), (f"default.svc.{domain}",), ("ndots:1",)) if nodes else NODE
        return Origin("outside", OUTSIDE, nodes[0] if nodes else "", resolver)

    def _is_powered(self, node: str) -> bool:
        return bool((self.state.get(f"machine/{node}") or {}).get("powered"))

    # -- doors -----------------------------------------------------------------------------------

    def fetch_from_pod(self, namespace: str, pod: str, request: WebRequest) -> WebReply:
        origin = self.pod_origin(namespace, pod)
        return self.walker.fetch(origin, request) if origin else WebReply(error="unreachable")

    def fetch_from_node(self, node: str, request: WebRequest) -> WebReply:
        return self.walker.fetch(self.node_origin(node), request)

    def fetch_from_outside(self, request: WebRequest) -> WebReply:
        return self.walker.fetch(self.outside_origin(), request)

    def lookup_from_pod(self, namespace: str, pod: str, name: str, kind: str) -> Lookup:
        origin = self.pod_origin(namespace, pod)
        return self.walker.lookup(origin, name, kind) if origin else Lookup(name, kind, "", error="TIMEOUT")

    def lookup_from_node(self, node: str, name: str, kind: str) -> Lookup:
        return self.walker.lookup(self.node_origin(node), name, kind)

    def lookup_from_outside(self, name: str, kind: str) -> Lookup:
        return self.walker.lookup(self.outside_origin(), name, kind)
