"""kube-proxy: rules come with its pod and stay when it goes."""

from __future__ import annotations

from cluster.network.endpoints import ServiceTable, service_ports
from cluster.network.proxy.iptables import rules
from cluster.network.proxy.proxies import node_ports
from tests.network.conftest import NetLab


def stop_proxies(net: NetLab) -> None:
    patch = {"spec": {"template": {"spec": {"nodeSelector": {"nowhere": "yes"}}}}}
    net.client.patch("daemonsets.apps", "kube-proxy", patch, "kube-system")
    net.run(60)


def test_old_rules_stay_and_new_services_do_not_work(net: NetLab) -> None:
    net.deployment("web")
    net.service("web")
    stop_proxies(net)
    assert net.fetch("http://web/").status == 200
    address = net.service("late", selector={"app": "web"})["spec"]["clusterIP"]
    net.run(1)
    assert net.fetch(f"http://{address}/").error == "timeout"


def test_a_node_without_kube_proxy_has_no_rules(net: NetLab) -> None:
    assert node_ports(ServiceTable(net.simulation.store), net.simulation.state, "worker-9") is None


def test_the_table_is_what_iptables_save_shows(net: NetLab) -> None:
    net.deployment("web", replicas=3)
    service = net.service("web")
    ports = [port for port in service_ports(net.simulation.store) if port.name == "web"]
    lines = rules(ports, "worker-1")
    address = service["spec"]["clusterIP"]
    assert lines[0].startswith(f'-A KUBE-SERVICES -d {address}/32 -p tcp -m comment --comment "default/web cluster IP"')
    chain = [line for line in lines if line.startswith(f"-A {ports[0].chain} ")]
    assert len(chain) == 3
    assert "--probability 0.33333333333" in chain[0]
    assert "--probability 0.50000000000" in chain[1]
    assert "--probability" not in chain[2]
    assert sum("--to-destination" in line for line in lines) == 3
