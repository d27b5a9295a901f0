"""The iptables rules kube-proxy writes, as text: what `iptables-save -t nat` shows of them.

https://kubernetes.io/docs/reference/networking/virtual-ips/#proxy-mode-iptables
"""

from __future__ import annotations

from collections.abc import Iterable

from cluster.network.endpoints import ServicePort


def rules(ports: Iterable[ServicePort], node: str) -> list[str]:
    """Return the nat table's lines for one node, chain by chain."""
    ports = list(ports)
    found = [line for port in ports for line in _entry_rules(port, node)]
    found.append("-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS")
    for port in ports:
        found += _service_chain(port, node)
    return found


def _comment(text: str) -> str:
    return f'-m comment --comment "{text}"'


def _entry_rules(port: ServicePort, node: str) -> list[str]:
    protocol = port.protocol.lower()
    if not port.usable(node, local=port.internal_local):
        return []
    match = f"-p {protocol} {_comment(port.title + ' cluster IP')} -m {protocol} --dport {port.port}"
    found = [f"-A KUBE-SERVICES -d {address}/32 {match} -j {port.chain}" for address in port.cluster_ips]
    if port.node_port:
        chain = port.chain.replace("KUBE-SVC-", "KUBE-EXT-")
        node_match = f"-p {protocol} {_comment(port.title)} -m {protocol} --dport {port.node_port}"
        found.append(f"-A KUBE-NODEPORTS {node_match} -j {chain}")
    return found


def _service_chain(port: ServicePort, node: str) -> list[str]:
    usable = port.usable(node, local=port.internal_local)
    found = []
    for index, endpoint in enumerate(usable):
        left = len(usable) - index
        chance = f" -m statistic --mode random --probability {1 / left:.11f}" if left > 1 else ""
        target = f"{endpoint.address}:{endpoint.port}"
        found.append(
            f"-A {port.chain} {_comment(f'{port.title} -> {target}')}{chance} -j {port.endpoint_chain(endpoint)}"
        )
    for endpoint in usable:
        chain, protocol = port.endpoint_chain(endpoint), port.protocol.lower()
        found.append(f"-A {chain} -s {endpoint.address}/32 {_comment(port.title)} -j KUBE-MARK-MASQ")
        target = f"--to-destination {endpoint.address}:{endpoint.port}"
        found.append(f"-A {chain} -p {protocol} {_comment(port.title)} -m {protocol} -j DNAT {target}")
    return found
