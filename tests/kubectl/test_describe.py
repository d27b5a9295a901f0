"""kubectl describe."""

from __future__ import annotations

from tests.kubectl.desk import Desk


def test_a_deployment_is_described_in_aligned_parts(desk: Desk) -> None:
    desk.say("kubectl apply -f web.yaml")
    out = desk.say("kubectl describe deploy web").out
    assert out.startswith("Name:                   web\nNamespace:              default\n")
    assert "Replicas:               2 desired | 0 updated | 0 total | 0 available | 0 unavailable\n" in out
    assert "   nginx:\n    Image:         nginx:1.25\n    Port:          80/TCP\n" in out
    assert out.endswith("Events:            <none>\n")


def test_a_name_may_be_the_beginning_of_names(desk: Desk) -> None:
    desk.say("kubectl create cm alpha --from-literal=a=1")
    desk.say("kubectl create cm alphabet")
    desk.say("kubectl create cm beta")
    out = desk.say("kubectl describe cm alp").out
    assert out.count("Name: ") == 2
    assert "beta" not in out


def test_a_kind_without_a_describer_shows_its_fields(desk: Desk) -> None:
    desk.client.create("leases.coordination.k8s.io", {
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "l", "namespace": "default"},
        "spec": {"holderIdentity": "me", "leaseDurationSeconds": 15}})
    out = desk.say("kubectl describe lease l").out
    assert "API Version:  coordination.k8s.io/v1\nKind:         Lease\n" in out
    assert "  Holder Identity:         me\n  Lease Duration Seconds:  15\n" in out


def test_a_secret_shows_sizes_and_no_content(desk: Desk) -> None:
    desk.say("kubectl create secret generic s --from-literal=password=hunter2")
    out = desk.say("kubectl describe secret s").out
    assert "password:  7 bytes" in out
    assert "hunter2" not in out
