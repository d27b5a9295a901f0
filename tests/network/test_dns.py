"""Names inside the cluster."""

from __future__ import annotations

from tests.network.conftest import NetLab


def ask(net: NetLab, name: str, kind: str = "A") -> tuple[list[str], str]:
    pod = net.pods("web")[0]["metadata"]["name"]
    lookup = net.network.lookup_from_pod("default", pod, name, kind)
    return [value for _, _, value in lookup.records], lookup.error


def test_a_service_is_found_by_every_form_of_its_name(net: NetLab) -> None:
    net.deployment("web")
    address = net.service("web")["spec"]["clusterIP"]
    for name in (
        "web",
        "web.default",
        "web.default.svc",
        "web.default.svc.cluster.local",
        "web.default.svc.cluster.local.",
    ):
        assert ask(net, name) == ([address], "")
    assert ask(net, "kubernetes.default") == (["10.96.0.1"], "")
    assert ask(net, "web.other") == ([], "NXDOMAIN")


def test_a_headless_service_is_its_pods(net: NetLab) -> None:
    net.deployment("web")
    net.service("web", clusterIP="None")
    assert sorted(ask(net, "web")[0]) == sorted(pod["status"]["podIP"] for pod in net.pods("web"))


def test_an_external_name_is_an_alias(net: NetLab) -> None:
    net.deployment("web")
    net.service("db", type="ExternalName", externalName="worker-1", ports=[], selector={})
    pod = net.pods("web")[0]["metadata"]["name"]
    lookup = net.network.lookup_from_pod("default", pod, "db", "A")
    assert [record[1:] for record in lookup.records] == [("CNAME", "worker-1"), ("A", "172.18.0.3")]


def test_a_named_port_has_a_service_record(net: NetLab) -> None:
    net.deployment("web")
    net.service("web", ports=[{"name": "http", "port": 80}])
    assert ask(net, "_http._tcp.web.default.svc.cluster.local", "SRV") == (
        ["0 100 80 web.default.svc.cluster.local."],
        "",
    )


def test_a_pod_has_a_name_of_its_address(net: NetLab) -> None:
    net.deployment("web")
    assert ask(net, "10-244-1-7.default.pod.cluster.local") == (["10.244.1.7"], "")


def test_without_coredns_nothing_answers(net: NetLab) -> None:
    net.deployment("web")
    net.service("web")
    net.client.patch("deployments.apps", "coredns", {"spec": {"replicas": 0}}, "kube-system")
    net.run(5)
    assert ask(net, "web") == ([], "TIMEOUT")
    assert net.fetch("http://web/").seconds == 10.0


def test_an_address_leads_back_to_its_service(net: NetLab) -> None:
    net.deployment("web")
    address = net.service("web")["spec"]["clusterIP"]
    reverse = ".".join(reversed(address.split("."))) + ".in-addr.arpa"
    assert ask(net, reverse + ".", "PTR") == (["web.default.svc.cluster.local."], "")
