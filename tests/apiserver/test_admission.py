"""Admission: what the plugins add and what they refuse."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from cluster.apiserver.client import Client
from cluster.apiserver.launch import Launch
from cluster.apiserver.request import Request, User, node_user
from cluster.machinery.errors import StatusError
from tests.apiserver.conftest import pod


def refused(client: Client, obj: dict[str, Any], namespace: str = "default", resource: str = "pods") -> str:
    with pytest.raises(StatusError) as caught:
        client.create(resource, obj, namespace)
    return caught.value.message


def test_a_pod_gets_an_account_a_token_tolerations_and_a_priority(client: Client) -> None:
    spec = client.create("pods", pod("web"), "default")["spec"]
    assert spec["serviceAccountName"] == "default" and spec["priority"] == 0
    (volume,) = spec["volumes"]
    assert volume["name"].startswith("kube-api-access-")
    assert spec["containers"][0]["volumeMounts"][0]["name"] == volume["name"]
    assert [one["key"] for one in spec["tolerations"]] == [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    ]


def test_a_pod_needs_its_service_account(client: Client) -> None:
    message = refused(client, pod("web", serviceAccountName="ghost"))
    assert message == (
        'pods "web" is forbidden: error looking up service account default/ghost: serviceaccount "ghost" not found'
    )


def test_a_namespace_must_be_there(client: Client) -> None:
    assert refused(client, {"metadata": {"name": "a"}}, "ghost", "configmaps") == 'namespaces "ghost" not found'


def test_a_limit_range_fills_in_and_bounds(client: Client) -> None:
    limits = [{"type": "Container", "default": {"cpu": "500m"}, "defaultRequest": {"cpu": "100m"}, "max": {"cpu": "1"}}]
    client.create("limitranges", {"metadata": {"name": "lr"}, "spec": {"limits": limits}}, "default")
    made = client.create("pods", pod("web"), "default")
    assert made["spec"]["containers"][0]["resources"] == {"limits": {"cpu": "500m"}, "requests": {"cpu": "100m"}}
    assert made["metadata"]["annotations"]["kubernetes.io/limit-ranger"] == (
        "LimitRanger plugin set: cpu request for container c; cpu limit for container c"
    )
    big = pod("big")
    big["spec"]["containers"][0]["resources"] = {"limits": {"cpu": "2"}}
    assert "maximum cpu usage per Container is 1, but limit is 2" in refused(client, big)


def test_a_quota_is_charged_and_then_exceeded(client: Client) -> None:
    quota = {"metadata": {"name": "q"}, "spec": {"hard": {"configmaps": "1"}}}
    client.create("resourcequotas", quota, "default")
    client.create("configmaps", {"metadata": {"name": "a"}}, "default")
    assert client.get("resourcequotas", "q", "default")["status"]["used"] == {"configmaps": "1"}
    message = refused(client, {"metadata": {"name": "b"}}, "default", "configmaps")
    assert message == (
        'configmaps "b" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=1, '
        "limited: configmaps=1"
    )


def test_a_restricted_namespace_refuses_plain_pods(client: Client) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    client.create("namespaces", {"metadata": {"name": "strict", "labels": labels}})
    client.create("serviceaccounts", {"metadata": {"name": "default"}}, "strict")
    assert 'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false' in refused(
        client, pod("web"), "strict"
    )


def test_a_priority_class_becomes_a_number(client: Client) -> None:
    client.create("priorityclasses.scheduling.k8s.io", {"metadata": {"name": "high"}, "value": 1000})
    assert client.create("pods", pod("web", priorityClassName="high"), "default")["spec"]["priority"] == 1000
    assert "no PriorityClass with name ghost was found" in refused(client, pod("x", priorityClassName="ghost"))


def test_claims_get_the_default_class_and_its_protection(client: Client) -> None:
    mark = {"storageclass.kubernetes.io/is-default-class": "true"}
    client.create(
        "storageclasses.storage.k8s.io",
        {"metadata": {"name": "std", "annotations": mark}, "provisioner": "example.com/p"},
    )
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    made = client.create("persistentvolumeclaims", {"metadata": {"name": "c"}, "spec": spec}, "default")
    assert made["spec"]["storageClassName"] == "std"
    assert made["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]


def test_every_gate_leaves_its_verdict(client: Client) -> None:
    request = Request("create", client.user, resource="pods", namespace="default", body=pod("web"))
    client.server.handle(request)
    stages = [verdict.stage for verdict in request.verdicts]
    assert stages[0] == "authz" and "mutating" in stages and "validation" in stages
    assert all(verdict.allowed for verdict in request.verdicts)


def test_a_certificate_request_says_who_asked_not_who_it_says(client: Client) -> None:
    request = base64.b64encode(b"-----BEGIN CERTIFICATE REQUEST-----").decode()
    spec = {"request": request, "signerName": "example.com/own", "usages": ["client auth"], "username": "somebody"}
    body = {"metadata": {"name": "me"}, "spec": spec}
    made = client.create("certificatesigningrequests.certificates.k8s.io", body)["spec"]
    assert made["username"] == client.user.name
    assert made["groups"] == list(client.user.groups)


def start(client: Client, *argv: str, **files: str) -> None:
    """Start the server with these flags; `files` by the path's last word."""
    named = {f"/etc/kubernetes/{name}": text for name, text in files.items()}
    client.server.start(Launch.of({"argv": argv, "files": named}))


def allow(client: Client, user: str, rule: dict[str, Any], name: str = "given") -> None:
    """Give a user one rule, everywhere."""
    group = "rbac.authorization.k8s.io"
    client.create(f"clusterroles.{group}", {"metadata": {"name": name}, "rules": [rule]})
    binding = {
        "metadata": {"name": name},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": name},
        "subjects": [{"kind": "User", "name": user, "apiGroup": group}],
    }
    client.create(f"clusterrolebindings.{group}", binding)


def plugins(client: Client) -> list[str]:
    return [plugin.name for plugin in client.server.admission.plugins]


def test_plugins_run_in_the_servers_order_whatever_order_the_flag_names_them_in(client: Client) -> None:
    start(client, "--enable-admission-plugins=AlwaysPullImages,NodeRestriction,NamespaceExists")
    names = plugins(client)
    wanted = ["NamespaceLifecycle", "NamespaceExists", "LimitRanger", "NodeRestriction", "AlwaysPullImages"]
    assert [name for name in names if name in wanted] == wanted
    assert names[-1] == "ResourceQuota"


def test_a_server_without_flags_is_kubeadms_and_one_with_others_has_the_real_defaults(client: Client) -> None:
    assert "NodeRestriction" in plugins(client)
    start(client, "--authorization-mode=RBAC")
    assert "NodeRestriction" not in plugins(client) and "PodSecurity" in plugins(client)


def test_a_disabled_plugin_does_nothing(client: Client) -> None:
    limits = [{"type": "Container", "max": {"cpu": "1"}}]
    client.create("limitranges", {"metadata": {"name": "lr"}, "spec": {"limits": limits}}, "default")
    big = pod("big")
    big["spec"]["containers"][0]["resources"] = {"limits": {"cpu": "2"}}
    assert "maximum cpu usage" in refused(client, big)
    start(client, "--disable-admission-plugins=LimitRanger,DefaultTolerationSeconds")
    assert "tolerations" not in client.create("pods", big, "default")["spec"]


def test_always_deny_refuses_every_write_and_no_read(client: Client) -> None:
    start(client, "--enable-admission-plugins=AlwaysDeny")
    assert refused(client, {"metadata": {"name": "a"}}, resource="configmaps") == (
        'configmaps "a" is forbidden: admission control is denying all modifications'
    )
    assert client.list("configmaps", "default")["items"] == []


def test_namespaces_are_made_on_the_way_where_that_is_asked_for(client: Client) -> None:
    start(client, "--enable-admission-plugins=NamespaceAutoProvision")
    client.create("configmaps", {"metadata": {"name": "a"}}, "fresh")
    assert client.get("namespaces", "fresh")["status"]["phase"] == "Active"


def test_images_are_always_pulled_where_that_is_asked_for(client: Client) -> None:
    start(client, "--enable-admission-plugins=AlwaysPullImages")
    made = client.create("pods", pod("web", containers=[{"name": "c", "image": "nginx:1.29"}]), "default")
    assert made["spec"]["containers"][0]["imagePullPolicy"] == "Always"


def test_external_addresses_of_services_can_be_denied(client: Client) -> None:
    service = {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}], "externalIPs": ["192.0.2.1"]}}
    client.create("services", service, "default")
    start(client, "--enable-admission-plugins=DenyServiceExternalIPs")
    client.patch("services", "s", {"metadata": {"labels": {"a": "b"}}}, "default")
    with pytest.raises(StatusError, match="Use of external IPs is denied by admission control"):
        client.patch("services", "s", {"spec": {"externalIPs": ["192.0.2.1", "192.0.2.2"]}}, "default")


CONFIG = """\
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodNodeSelector
  configuration:
    podNodeSelectorPluginConfig: {clusterDefaultNodeSelector: "tier=common", default: "disk=ssd,tier=common"}
"""
CONFIGURED = "--admission-control-config-file=/etc/kubernetes/admission"


def test_pods_get_the_node_selector_of_their_namespace_or_of_the_configuration(client: Client) -> None:
    start(client, "--enable-admission-plugins=PodNodeSelector", CONFIGURED, admission=CONFIG)
    assert client.create("pods", pod("a"), "default")["spec"]["nodeSelector"] == {"tier": "common"}
    assert "conflicts with its namespace node label selector" in refused(client, pod("b", nodeSelector={"tier": "x"}))
    assert "conflict with its namespace whitelist" in refused(client, pod("b", nodeSelector={"disk": "hdd"}))
    annotations = {"scheduler.alpha.kubernetes.io/node-selector": "disk=ssd"}
    client.patch("namespaces", "default", {"metadata": {"annotations": annotations}})
    assert client.create("pods", pod("c"), "default")["spec"]["nodeSelector"] == {"disk": "ssd"}


def test_a_pod_that_asks_for_a_device_tolerates_its_nodes_taint(client: Client) -> None:
    start(client, "--enable-admission-plugins=ExtendedResourceToleration")
    asking = pod("gpu")
    asking["spec"]["containers"][0]["resources"] = {"limits": {"example.com/gpu": "1", "cpu": "1"}}
    made = client.create("pods", asking, "default")
    assert {"key": "example.com/gpu", "operator": "Exists", "effect": "NoSchedule"} in made["spec"]["tolerations"]


def signing_request(client: Client, signer: str, organisation: str = "devs") -> dict[str, Any]:
    """Create a certificate request for `dev` in a group."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = [
        x509.NameAttribute(NameOID.COMMON_NAME, "dev"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
    ]
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names)).sign(key, hashes.SHA256())
    request = base64.b64encode(made.public_bytes(Encoding.PEM)).decode()
    spec = {"request": request, "signerName": signer, "usages": ["client auth"]}
    return client.create(CSR, {"metadata": {"name": "me"}, "spec": spec})


CSR = "certificatesigningrequests.certificates.k8s.io"
CLIENT = "kubernetes.io/kube-apiserver-client"


def test_no_certificate_request_asks_for_the_administrators_group(client: Client) -> None:
    with pytest.raises(StatusError) as caught:
        signing_request(client, CLIENT, "system:masters")
    assert caught.value.message == (
        f'{CSR} "me" is forbidden: use of {CLIENT} signer with system:masters group is not allowed'
    )


def test_approving_needs_the_right_for_the_signer(client: Client) -> None:
    made = signing_request(client, CLIENT)
    allow(
        client,
        "dev",
        {"verbs": ["*"], "apiGroups": ["certificates.k8s.io"], "resources": [f"{CSR.partition('.')[0]}/approval"]},
    )
    made["status"] = {"conditions": [{"type": "Approved", "status": "True", "reason": "r", "message": "m"}]}
    approving = client.as_user(User("dev"))
    with pytest.raises(StatusError) as caught:
        approving.update(CSR, made, subresource="approval")
    assert caught.value.message == (
        f'{CSR} "me" is forbidden: user not permitted to approve requests with signerName "{CLIENT}"'
    )
    signers = {"verbs": ["approve"], "apiGroups": ["certificates.k8s.io"], "resources": ["signers"]}
    allow(client, "dev", {**signers, "resourceNames": ["kubernetes.io/*"]}, "approver")
    assert approving.update(CSR, made, subresource="approval")["status"]["conditions"]


def test_a_bound_pod_learns_the_zone_of_its_node(client: Client) -> None:
    labels = {"topology.kubernetes.io/zone": "a", "topology.kubernetes.io/region": "north", "disk": "ssd"}
    client.create("nodes", {"metadata": {"name": "n", "labels": labels}})
    client.create("pods", pod("web"), "default")
    client.create("pods", {"target": {"kind": "Node", "name": "n"}}, "default", name="web", subresource="binding")
    found = client.get("pods", "web", "default")["metadata"]["labels"]
    assert found == {"app": "web", "topology.kubernetes.io/zone": "a", "topology.kubernetes.io/region": "north"}


def kubelet_refused(client: Client, verb: str, resource: str, **fields: Any) -> str:
    """Return why kubelet `worker-1` may not."""
    with pytest.raises(StatusError) as caught:
        client.as_user(node_user("worker-1")).request(verb, resource, **fields)
    return caught.value.message.partition(": ")[2]


def test_a_kubelet_may_not_steer_pods_to_itself(client: Client) -> None:
    node = client.create("nodes", {"metadata": {"name": "worker-1"}})
    kubelet = client.as_user(node_user("worker-1"))
    own = {"kubernetes.io/hostname": "worker-1", "kubelet.kubernetes.io/a": "b", "example.com/rack": "7"}
    kubelet.patch("nodes", "worker-1", {"metadata": {"labels": own}})
    stolen = {"node-restriction.kubernetes.io/pci": "true", "node-role.kubernetes.io/control-plane": ""}
    asked = {"name": "worker-1", "patch_type": "merge", "body": {"metadata": {"labels": stolen}}}
    assert kubelet_refused(client, "patch", "nodes", **asked) == (
        "is not allowed to modify labels: node-restriction.kubernetes.io/pci, node-role.kubernetes.io/control-plane"
    )
    untainted = {"name": "worker-1", "patch_type": "merge", "body": {"spec": {"taints": None}}}
    assert node["spec"]["taints"] and kubelet_refused(client, "patch", "nodes", **untainted) == (
        'node "worker-1" is not allowed to modify taints'
    )
    registered = {"metadata": {"name": "worker-1", "labels": stolen}}
    client.delete("nodes", "worker-1")
    assert kubelet_refused(client, "create", "nodes", body=registered).startswith(
        'node "worker-1" is not allowed to set the following labels: '
    )


def test_a_kubelet_asks_for_tokens_of_its_own_pods_only(client: Client) -> None:
    client.create("pods", pod("mine", nodeName="worker-1"), "default")
    theirs = client.create("pods", pod("theirs", nodeName="worker-2"), "default")
    token = {"namespace": "default", "name": "default", "subresource": "token"}
    assert kubelet_refused(client, "create", "serviceaccounts", body={}, **token) == (
        "node requested token not bound to a pod"
    )
    reference = {"apiVersion": "v1", "kind": "Pod", "name": "theirs", "uid": theirs["metadata"]["uid"]}
    bound = {"spec": {"boundObjectRef": reference}}
    assert kubelet_refused(client, "create", "serviceaccounts", body=bound, **token) == (
        "node requested token bound to a pod scheduled on a different node"
    )


def test_a_kubelet_deletes_its_own_pods_and_writes_its_own_lease(client: Client) -> None:
    client.create("pods", pod("theirs", nodeName="worker-2"), "default")
    assert kubelet_refused(client, "delete", "pods", namespace="default", name="theirs") == (
        'node "worker-1" can only delete pods with spec.nodeName set to itself'
    )
    lease = {"metadata": {"name": "worker-2"}, "spec": {}}
    assert kubelet_refused(client, "create", "leases.coordination.k8s.io", namespace="kube-node-lease", body=lease) == (
        "can only access node lease with the same name as the requesting node"
    )
    assert 'node "worker-1" can only create mirror pods' in kubelet_refused(
        client, "create", "pods", namespace="default", body=pod("x")
    )


LABEL = "pod-security.kubernetes.io/"


def secured(client: Client, name: str, **labels: str) -> str:
    """Create a namespace with Pod Security labels and its default account."""
    named = {LABEL + key.replace("_", "-"): value for key, value in labels.items()}
    client.create("namespaces", {"metadata": {"name": name, "labels": named}})
    client.create("serviceaccounts", {"metadata": {"name": "default"}}, name)
    return name


def warnings(client: Client, verb: str, resource: str, **fields: Any) -> list[str]:
    return client.request(verb, resource, **fields).warnings


def test_a_namespace_that_only_enforces_warns_of_what_makes_pods_too(client: Client) -> None:
    where = secured(client, "base", enforce="baseline")
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {**pod("x")["spec"], "hostPID": True}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    told = warnings(
        client, "create", "deployments.apps", namespace=where, body={"metadata": {"name": "d"}, "spec": spec}
    )
    assert told == ['would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)']


def test_labels_that_mean_nothing_are_refused(client: Client) -> None:
    labels = {f"{LABEL}enforce": "strict", f"{LABEL}warn-version": "1.30"}
    message = refused(client, {"metadata": {"name": "n", "labels": labels}}, "", "namespaces")
    assert message == (
        f'Namespace "n" is invalid: [metadata.labels[{LABEL}enforce]: Invalid value: "strict": must be one of '
        f'privileged, baseline, restricted, metadata.labels[{LABEL}warn-version]: Invalid value: "1.30": must be '
        '"latest" or "v1.x"]'
    )


def test_a_stricter_label_tells_which_running_pods_violate_it(client: Client) -> None:
    where = secured(client, "n")
    for name in ("b", "a", "c"):
        client.create("pods", pod(name), where)
    client.create("pods", pod("host", hostNetwork=True), where)
    stricter = {"metadata": {"labels": {f"{LABEL}enforce": "restricted", f"{LABEL}enforce-version": "v1.30"}}}
    told = warnings(client, "patch", "namespaces", name=where, body=stricter, patch_type="merge")
    plain = "allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile"
    assert told == [
        'existing pods in namespace "n" violate the new PodSecurity enforce level "restricted:v1.30"',
        f"a (and 2 other pods): {plain}",
        f"host: host namespaces, {plain}",
    ]
    relaxed = {"metadata": {"labels": {f"{LABEL}enforce": "baseline"}}}
    assert warnings(client, "patch", "namespaces", name=where, body=relaxed, patch_type="merge") == []


SECURITY = """\
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: {enforce: baseline, enforce-version: latest}
    exemptions: {usernames: [trusted], namespaces: [kube-system]}
"""


def test_defaults_and_exemptions_come_from_the_configuration(client: Client) -> None:
    start(client, CONFIGURED, admission=SECURITY)
    host = pod("x", hostPID=True)
    assert 'violates PodSecurity "baseline:latest": host namespaces (hostPID=true)' in refused(client, host)
    client.create("serviceaccounts", {"metadata": {"name": "default"}}, "kube-system")
    assert client.create("pods", host, "kube-system")["spec"]["hostPID"]
    trusted = client.as_user(User("trusted", ("system:masters",)))
    assert trusted.create("pods", host, "default")["spec"]["hostPID"]


def test_what_pod_security_judged_is_noted_for_the_audit_log(client: Client) -> None:
    where = secured(client, "noted", audit="baseline")
    request = Request("create", client.user, resource="pods", namespace=where, body=pod("x", hostPID=True))
    client.server.handle(request)
    verdict = next(one for one in request.verdicts if one.by == "PodSecurity")
    assert verdict.detail["annotations"] == {
        f"{LABEL}enforce-policy": "privileged:latest",
        f"{LABEL}audit-violations": 'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)',
    }


def test_an_account_may_be_limited_to_its_own_secrets(client: Client) -> None:
    marks = {"kubernetes.io/enforce-mountable-secrets": "true"}
    account = {"metadata": {"name": "tight", "annotations": marks}, "secrets": [{"name": "mine"}]}
    client.create("serviceaccounts", account, "default")
    volume = {"name": "v", "secret": {"secretName": "other"}}
    assert refused(client, pod("x", serviceAccountName="tight", volumes=[volume])).endswith(
        'volume with secret.secretName="other" is not allowed because service account tight does not reference '
        "that secret"
    )
    volume = {"name": "v", "secret": {"secretName": "mine"}}
    assert client.create("pods", pod("x", serviceAccountName="tight", volumes=[volume]), "default")


def quota(client: Client, name: str, hard: dict[str, str], **spec: Any) -> None:
    client.create("resourcequotas", {"metadata": {"name": name}, "spec": {"hard": hard, **spec}}, "default")


def used(client: Client, name: str) -> dict[str, str]:
    found: dict[str, str] = client.get("resourcequotas", name, "default")["status"]["used"]
    return found


def container(name: str, cpu: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "image": "nginx", "resources": {"requests": {"cpu": cpu}}, **fields}


def test_a_quota_counts_sidecars_with_the_containers_and_other_init_containers_by_their_peak(client: Client) -> None:
    quota(client, "q", {"requests.cpu": "4"})
    starting = [container("side", "500m", restartPolicy="Always"), container("setup", "2")]
    client.create("pods", pod("web", initContainers=starting, containers=[container("c", "1")]), "default")
    assert used(client, "q") == {"requests.cpu": "2500m"}


@pytest.mark.parametrize(
    ("scope", "inside", "outside"),
    [
        ({"scopes": ["BestEffort"]}, {}, {"containers": [container("c", "1")]}),
        ({"scopes": ["NotBestEffort"]}, {"containers": [container("c", "1")]}, {}),
        ({"scopes": ["Terminating"]}, {"activeDeadlineSeconds": 60}, {}),
        ({"scopes": ["NotTerminating"]}, {}, {"activeDeadlineSeconds": 60}),
        (
            {"scopes": ["CrossNamespacePodAffinity"]},
            {
                "affinity": {
                    "podAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": [
                            {"topologyKey": "kubernetes.io/hostname", "namespaceSelector": {}, "labelSelector": {}}
                        ]
                    }
                }
            },
            {},
        ),
        (
            {
                "scopeSelector": {
                    "matchExpressions": [
                        {"scopeName": "PriorityClass", "operator": "In", "values": ["system-node-critical"]}
                    ]
                }
            },
            {"priorityClassName": "system-node-critical"},
            {},
        ),
    ],
)
def test_a_quota_with_scopes_counts_the_pods_within_them(
    client: Client, scope: dict[str, Any], inside: dict[str, Any], outside: dict[str, Any]
) -> None:
    quota(client, "q", {"pods": "1"}, **scope)
    client.create("pods", pod("other", **outside), "default")
    client.create("pods", pod("mine", **inside), "default")
    assert used(client, "q") == {"pods": "1"}
    assert "exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1" in refused(client, pod("x", **inside))
