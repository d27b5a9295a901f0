"""Namespaces, endpoints, nodes, budgets, volumes, quotas and the manager itself."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from cluster.controllers.deployment.controller import DeploymentController
from cluster.controllers.registry import CONTROLLERS
from cluster.machinery.clock import timestamp
from cluster.machinery.conditions import of
from cluster.machinery.meta import Object, annotations_of, meta
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation
from tests.harness import Lab, pod, workload


def service(**spec: Any) -> Object:
    metadata = {"name": "web", "namespace": "default"}
    body = {"selector": {"app": "web"}, "ports": [{"port": 80}], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": body}


def slices(lab: Lab) -> list[Object]:
    found = lab.store.list("endpointslices.discovery.k8s.io", "default")
    return [each for each in found if each["metadata"]["name"] != "kubernetes"]


def test_every_controller_is_listed_once_with_a_name_of_its_own() -> None:
    names = [each.name for each in CONTROLLERS]
    assert len(names) == len(set(names)) and all(each.source for each in CONTROLLERS)


def test_a_new_namespace_gets_its_account_and_the_root_certificate(lab: Lab) -> None:
    lab.kubectl.create("namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}})
    lab.settle()
    assert lab.names("serviceaccounts", "team") == ["default"]
    assert lab.names("configmaps", "team") == ["kube-root-ca.crt"]


def test_a_deleted_namespace_is_emptied_before_it_goes(lab: Lab) -> None:
    lab.kubectl.create("namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}})
    lab.settle()
    lab.kubectl.delete("namespaces", "team")
    lab.run(4)
    assert lab.names("serviceaccounts", "team") == ["default"]
    lab.run(5)
    assert lab.store.get("namespaces", "", "team") is None
    assert lab.names("serviceaccounts", "team") == []


def test_ready_pods_are_endpoints_and_leave_when_they_terminate(lab: Lab) -> None:
    lab.kubectl.create("services", service())
    lab.kubectl.create("deployments.apps", workload("Deployment", "web", 2))
    lab.settle()
    assert not slices(lab)[0]["endpoints"]
    lab.make_all_ready()
    lab.settle()
    assert [each["conditions"]["ready"] for each in slices(lab)[0]["endpoints"]] == [True, True]
    lab.kubectl.delete("pods", lab.names("pods")[0], "default")
    lab.settle()
    states = [each["conditions"] for each in slices(lab)[0]["endpoints"]]
    assert {"ready": False, "serving": True, "terminating": True} in states
    endpoints = lab.get("endpoints", "web") or {}
    assert len(endpoints["subsets"][0]["addresses"]) == 1


def test_endpoints_say_which_change_they_answer_to(lab: Lab) -> None:
    made = lab.kubectl.create("services", service())
    lab.kubectl.create("deployments.apps", workload("Deployment", "web", 1))
    lab.settle()
    assert triggers(lab) == {meta(made)["creationTimestamp"]}
    lab.run(30)
    became_ready = timestamp(lab.clock.now())
    lab.make_all_ready()
    lab.settle()
    assert triggers(lab) == {became_ready}
    lab.kubectl.patch("services", "web", {"metadata": {"labels": {"tier": "front"}}}, "default")
    lab.settle()
    assert triggers(lab) == {""}


def triggers(lab: Lab) -> set[str]:
    written = [*slices(lab), lab.get("endpoints", "web") or {}]
    return {annotations_of(each).get("endpoints.kubernetes.io/last-change-trigger-time", "") for each in written}


def test_more_than_a_hundred_endpoints_take_further_slices(lab: Lab) -> None:
    lab.kubectl.create("services", service())
    lab.kubectl.create("deployments.apps", workload("Deployment", "web", 250))
    lab.settle()
    lab.make_all_ready()
    lab.settle()
    assert sorted(len(each["endpoints"]) for each in slices(lab)) == [50, 100, 100]


def test_a_silent_node_becomes_unknown_and_its_pods_move(lab: Lab) -> None:
    lab.kubectl.create("deployments.apps", workload("Deployment", "web", 1))
    lab.settle()
    lab.make_all_ready()
    lab.run(55)
    node = lab.store.get("nodes", "", "worker-1") or {}
    assert (of(node, "Ready") or {})["reason"] == "NodeStatusUnknown"
    assert {each["key"] for each in node["spec"]["taints"]} == {"node.kubernetes.io/unreachable"}
    [only] = lab.store.list("pods", "default")
    assert (of(only, "Ready") or {})["status"] == "False"
    lab.run(300)
    assert "deletionTimestamp" in meta(lab.get("pods", only["metadata"]["name"]) or {})


def test_pods_of_a_node_that_is_gone_are_collected(lab: Lab) -> None:
    lab.kubectl.create("pods", pod("stray", nodeName="worker-1"))
    lab.settle()
    lab.make_all_ready()
    lab.kubectl.delete("nodes", "worker-1")
    lab.run(30)
    assert lab.names("pods") == ["stray"]
    lab.run(60)
    assert lab.names("pods") == [] and not lab.failures()


def test_a_noexecute_taint_evicts_what_does_not_tolerate_it(lab: Lab) -> None:
    tolerant = {"tolerations": [{"key": "fire", "operator": "Exists"}]}
    lab.kubectl.create("pods", pod("gone", nodeName="worker-1"))
    lab.kubectl.create("pods", pod("stays", nodeName="worker-1", **tolerant))
    lab.settle()
    taints = [{"key": "fire", "effect": "NoExecute"}]
    lab.kubectl.patch("nodes", "worker-1", {"spec": {"taints": taints}})
    lab.settle()
    assert "deletionTimestamp" in meta(lab.get("pods", "gone") or {})
    assert "deletionTimestamp" not in meta(lab.get("pods", "stays") or {})


def test_a_budget_counts_healthy_pods(lab: Lab) -> None:
    lab.kubectl.create("deployments.apps", workload("Deployment", "web", 3))
    spec = {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}}
    metadata = {"name": "web", "namespace": "default"}
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec}
    lab.kubectl.create("poddisruptionbudgets.policy", budget)
    lab.settle()
    lab.make_all_ready()
    lab.settle()
    status = (lab.get("poddisruptionbudgets.policy", "web") or {})["status"]
    assert (status["currentHealthy"], status["desiredHealthy"], status["disruptionsAllowed"]) == (3, 2, 1)


def claim(each: str, storage: str = "1Gi", **spec: Any) -> Object:
    body = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": storage}}, **spec}
    metadata = {"name": each, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": body}


def volume(each: str, storage: str) -> Object:
    spec = {
        "capacity": {"storage": storage},
        "accessModes": ["ReadWriteOnce"],
        "hostPath": {"path": "/data"},
        "storageClassName": "manual",
    }
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": each}, "spec": spec}


def test_a_claim_takes_the_smallest_volume_that_fits(lab: Lab) -> None:
    for each, size in (("large", "10Gi"), ("small", "500Mi"), ("right", "2Gi")):
        lab.kubectl.create("persistentvolumes", volume(each, size))
    lab.kubectl.create("persistentvolumeclaims", claim("data", storageClassName="manual"))
    lab.settle()
    bound = lab.get("persistentvolumeclaims", "data") or {}
    assert bound["spec"]["volumeName"] == "right" and bound["status"]["phase"] == "Bound"
    lab.kubectl.delete("persistentvolumeclaims", "data", "default")
    lab.settle()
    assert (lab.store.get("persistentvolumes", "", "right") or {})["status"]["phase"] == "Released"


def test_a_local_path_claim_is_provisioned_where_its_pod_runs(lab: Lab) -> None:
    storage = {"metadata": {"name": "local"}, "provisioner": "rancher.io/local-path"}
    body = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "volumeBindingMode": "WaitForFirstConsumer"}
    lab.kubectl.create("storageclasses.storage.k8s.io", {**body, **storage})
    lab.kubectl.create("persistentvolumeclaims", claim("data", storageClassName="local"))
    lab.settle()
    assert (lab.get("persistentvolumeclaims", "data") or {})["status"]["phase"] == "Pending"
    mount = [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]
    lab.kubectl.create("pods", pod("user", volumes=mount))
    lab.settle()
    assert (lab.get("persistentvolumeclaims", "data") or {})["status"]["phase"] == "Bound"
    assert (lab.get("pods", "user") or {})["spec"]["nodeName"]
    assert not lab.failures()


def test_a_stopped_manager_does_nothing_and_catches_up_when_it_starts(lab: Lab) -> None:
    [manager] = [each for each in lab.components if each.name == "kube-controller-manager"]
    lab.components.remove(manager)
    lab.kubectl.create("deployments.apps", workload("Deployment", "web", 1))
    lab.settle()
    assert lab.names("pods") == []
    lab.add(manager)
    lab.settle()
    assert len(lab.names("pods")) == 1


def test_a_manager_that_had_nothing_to_do_is_due_again_after_a_write(lab: Lab) -> None:
    [manager] = [each for each in lab.components if each.name == "kube-controller-manager"]
    now = lab.clock.now()
    assert (manager.next_due() or now + 1) > now
    lab.kubectl.create("deployments.apps", workload("Deployment", "web", 1))
    for revision in lab.store.since(lab.store.revision - 1):
        manager.observe(revision)
    assert (manager.next_due() or now + 1) <= now


def test_an_object_whose_owner_never_existed_is_collected(lab: Lab) -> None:
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "ghost", "uid": "11111111-1111-4111-8111-111111111111"}
    metadata = {"name": "child", "namespace": "default", "ownerReferences": [owner]}
    lab.kubectl.create("configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    lab.settle()
    assert lab.get("configmaps", "child") is None


def request(lab: Lab, each: str) -> dict[str, Any]:
    return dict((lab.store.get("certificatesigningrequests.certificates.k8s.io", "", each) or {}).get("status") or {})


def test_an_approved_request_is_signed_through_the_port(lab: Lab) -> None:
    lab.config.options["sign-certificate"] = lambda pem, usages, seconds: b"signed for %d" % seconds
    resource = "certificatesigningrequests.certificates.k8s.io"
    made = lab.kubectl.create(resource, _signing_request())
    lab.settle()
    assert "certificate" not in request(lab, "ada")
    now = "2026-01-01T00:00:00Z"
    approved = {"type": "Approved", "status": "True", "reason": "Fine", "lastUpdateTime": now}
    lab.kubectl.update(resource, {**made, "status": {"conditions": [approved]}}, subresource="approval")
    lab.settle()
    assert base64.b64decode(request(lab, "ada")["certificate"]) == b"signed for 86400" and not lab.failures()


def _signing_request() -> Object:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ada")])
    signed = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    pem = base64.b64encode(signed.public_bytes(Encoding.PEM)).decode()
    spec = {
        "request": pem,
        "signerName": "kubernetes.io/kube-apiserver-client",
        "usages": ["client auth"],
        "expirationSeconds": 86400,
    }
    return {
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": {"name": "ada"},
        "spec": spec,
    }


def test_a_controller_that_breaks_over_an_object_goes_on_with_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lab = Simulation.create(LabSettings())
    real = DeploymentController.reconcile

    def breaks(self: DeploymentController, key: str) -> float | None:
        if key == "default/odd":
            raise KeyError("spec")
        return real(self, key)

    monkeypatch.setattr(DeploymentController, "reconcile", breaks)
    for name in ("odd", "web"):
        lab.run(f"kubectl create deployment {name} --image=nginx")
    lab.advance(20)
    assert lab.run("kubectl get pods --no-headers").stdout.count("Running") == 1
    assert "controller deployment broke over default/odd" in caplog.text
