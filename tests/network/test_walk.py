"""One request's way through names, rules and pods."""

from __future__ import annotations

import base64
import hashlib

from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation
from cluster.workloads.process import WebRequest
from tests.network.conftest import NetLab


def served_by(net: NetLab, count: int, url: str) -> set[str]:
    return {net.fetch(url).body.decode().split("Hostname: ")[1].split("\n")[0] for _ in range(count)}


def test_a_service_spreads_requests_over_its_pods(net: NetLab) -> None:
    net.deployment("hello", "gcr.io/google-samples/hello-app:1.0", replicas=3, port=8080)
    net.service("hello", ports=[{"port": 80, "targetPort": 8080}])
    assert served_by(net, 40, "http://hello/") == {pod["metadata"]["name"] for pod in net.pods("hello")}


def test_the_hops_tell_the_rule_that_decided(net: NetLab) -> None:
    net.deployment("web")
    net.service("web")
    reply = net.fetch("http://web/")
    digest = hashlib.sha256(b"default/webtcp").digest()
    chain = "KUBE-SVC-" + base64.b32encode(digest).decode()[:16]
    assert [hop.rule for hop in reply.hops] == ["dns", "iptables", "route", "process"]
    assert chain in reply.hops[1].text
    assert "probability 1/2" in reply.hops[1].text


def test_a_service_without_endpoints_refuses(net: NetLab) -> None:
    net.service("empty")
    assert net.fetch("http://empty/").error == "refused"


def test_a_slice_whose_port_has_no_number_offers_nothing_and_breaks_nothing(net: NetLab) -> None:
    net.deployment("web")
    net.service("web")
    body = {
        "metadata": {"name": "by-hand", "labels": {"kubernetes.io/service-name": "web"}},
        "addressType": "IPv4",
        "ports": [{"name": ""}],
        "endpoints": [{"addresses": ["10.244.9.9"]}],
    }
    net.client.create("endpointslices.discovery.k8s.io", body, "default")
    net.run(1)
    assert [net.fetch("http://web/").status for _ in range(9)] == [200] * 9


def test_a_request_after_another_goes_by_the_endpoints_of_its_own_moment(net: NetLab) -> None:
    net.deployment("hello", "gcr.io/google-samples/hello-app:1.0", replicas=1, port=8080)
    net.service("hello", ports=[{"port": 80, "targetPort": 8080}])
    [before] = served_by(net, 2, "http://hello/")
    net.client.delete("pods", before, "default")
    net.run(5)
    [after] = served_by(net, 2, "http://hello/")
    assert after != before
    net.client.delete("services", "hello", "default")
    assert net.fetch("http://hello/").error == "nxdomain"


def test_a_port_the_service_does_not_have_times_out(net: NetLab) -> None:
    net.deployment("web")
    net.service("web")
    assert net.fetch("http://web:81/").error == "timeout"
    assert net.fetch("http://web:81/", timeout=3.0).seconds == 3.0


def test_a_name_nobody_has_is_not_found(net: NetLab) -> None:
    assert net.fetch("http://nosuch/").error == "nxdomain"


def test_a_node_port_answers_on_every_node(net: NetLab) -> None:
    net.deployment("web")
    service = net.service("web", type="NodePort")
    port = service["spec"]["ports"][0]["nodePort"]
    for address in ("172.18.0.2", "172.18.0.3", "172.18.0.4"):
        assert net.fetch(f"http://{address}:{port}/").status == 200
    assert net.fetch(f"http://172.18.0.2:{port + 1}/").error == "refused"


def test_a_pod_address_is_reached_from_another_pod(net: NetLab) -> None:
    net.deployment("web")
    one, two = net.pods("web")
    reply = net.fetch_in(one["metadata"]["name"], f"http://{two['status']['podIP']}/")
    assert reply.status == 200
    logs = net.simulation.containers.logs("default", two["metadata"]["name"], {"tailLines": "1"}).decode()
    assert logs.startswith(one["status"]["podIP"])


def test_localhost_is_the_pod_itself(net: NetLab) -> None:
    net.deployment("web", replicas=1)
    pod = net.pods("web")[0]["metadata"]["name"]
    assert net.fetch_in(pod, "http://localhost/").status == 200
    assert net.fetch_in(pod, "http://localhost:81/").error == "refused"


def test_an_address_nobody_has_any_more_is_unreachable(net: NetLab) -> None:
    assert net.fetch("http://10.244.1.99/").error == "unreachable"


def test_session_affinity_keeps_a_client_at_one_pod(net: NetLab) -> None:
    net.deployment("hello", "gcr.io/google-samples/hello-app:1.0", replicas=3, port=8080)
    net.service("hello", ports=[{"port": 80, "targetPort": 8080}], sessionAffinity="ClientIP")
    assert len(served_by(net, 20, "http://hello/")) == 1


def test_traffic_stops_at_a_machine_without_power(net: NetLab) -> None:
    net.deployment("web", replicas=1)
    net.service("web")
    net.simulation.containers.power(net.pods("web")[0]["spec"]["nodeName"], False)
    assert net.fetch("http://web/").error == "timeout"


def test_tls_towards_a_plain_server_fails(net: NetLab) -> None:
    net.deployment("web", replicas=1)
    net.service("web", ports=[{"port": 443, "targetPort": 80}])
    assert net.fetch("https://web/").error == "tls"


def test_the_api_server_is_a_service_too(net: NetLab) -> None:
    reply = net.fetch("https://kubernetes/version", insecure=True)
    assert reply.status == 200
    assert b"v1.36.2" in reply.body


def test_the_way_in_is_any_machine_that_has_power(net: NetLab) -> None:
    net.deployment("web")
    net.service("web")
    net.simulation.containers.power("cp-1", False)
    assert net.fetch("http://web/").status == 200
    assert net.fetch("http://172.18.0.2:30000/").error == "unreachable"


def test_a_local_policy_answers_only_where_a_pod_is(net: NetLab) -> None:
    net.deployment("web", replicas=1)
    port = net.service("web", type="NodePort", externalTrafficPolicy="Local")["spec"]["ports"][0]["nodePort"]
    node = net.pods("web")[0]["spec"]["nodeName"]
    address = {"worker-1": "172.18.0.3", "worker-2": "172.18.0.4"}
    other = next(one for one in address if one != node)
    assert net.fetch(f"http://{address[node]}:{port}/").status == 200
    assert net.fetch(f"http://{address[other]}:{port}/").error == "timeout"
    logs = net.simulation.containers.logs("default", net.pods("web")[0]["metadata"]["name"], {"tailLines": "1"})
    assert logs.startswith(b"172.18.0.1 ")


def test_a_machine_that_comes_back_is_ready_and_serves_again(net: NetLab) -> None:
    net.deployment("web", replicas=1)
    net.service("web")
    node = net.pods("web")[0]["spec"]["nodeName"]
    net.simulation.containers.power(node, False)
    net.run(60)
    ready = net.client.get("nodes", node)["status"]["conditions"][-1]
    assert (ready["type"], ready["status"]) == ("Ready", "Unknown")
    net.simulation.containers.power(node, True)
    net.run(15)
    assert net.client.get("nodes", node)["status"]["conditions"][-1]["status"] == "True"
    assert net.fetch("http://web/").status == 200
    assert net.pods("web")[0]["status"]["containerStatuses"][0]["restartCount"] == 1


def test_a_costly_page_takes_longer_where_cpu_is_limited() -> None:
    lab = Simulation.create(LabSettings(workers=1))
    client = lab.client()
    container = {"name": "c", "image": "registry.k8s.io/hpa-example", "resources": {"limits": {"cpu": "500m"}}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "php"}, "spec": {"containers": [container]}}
    client.create("pods", pod, "default")
    lab.advance(30)
    address = client.get("pods", "php", "default")["status"]["podIP"]
    reply = lab.network.fetch_from_outside(WebRequest("GET", f"http://{address}/"))
    assert 0.35 < reply.seconds < 0.4
