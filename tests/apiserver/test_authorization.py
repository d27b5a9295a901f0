"""Who may do what: RBAC, impersonation, escalation, reviews."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cluster.apiserver.client import Client
from cluster.apiserver.launch import Launch
from cluster.apiserver.request import Request, User, node_user
from cluster.machinery.errors import StatusError
from tests.apiserver.conftest import DEV, EVE, Ask, pod

RBAC = "rbac.authorization.k8s.io"


def grant(client: Client, user: str, role: str, namespace: str) -> None:
    subject = {"kind": "User", "name": user, "apiGroup": RBAC}
    binding = {
        "metadata": {"name": f"{user}-{role}"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [subject],
    }
    client.create(f"rolebindings.{RBAC}", binding, namespace)


def test_a_user_without_rights_is_told_which_one_is_missing(client: Client) -> None:
    with pytest.raises(StatusError) as caught:
        client.as_user(EVE).list("pods", "default")
    assert caught.value.message == (
        'pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the namespace "default"'
    )


def test_a_role_binding_counts_in_its_namespace_only_and_at_once(client: Client) -> None:
    developer = client.as_user(DEV)
    with pytest.raises(StatusError):
        developer.list("pods", "default")
    grant(client, "dev", "edit", "default")
    assert developer.list("pods", "default")["items"] == []
    with pytest.raises(StatusError):
        developer.list("pods", "kube-system")
    client.delete(f"rolebindings.{RBAC}", "dev-edit", "default")
    with pytest.raises(StatusError):
        developer.list("pods", "default")


def test_nobody_grants_what_they_do_not_hold(client: Client) -> None:
    grant(client, "dev", "admin", "default")
    developer = client.as_user(DEV)
    with pytest.raises(StatusError, match="attempting to grant RBAC permissions not currently held"):
        grant(developer, "eve", "cluster-admin", "default")
    grant(developer, "eve", "view", "default")
    assert client.as_user(EVE).list("pods", "default")["items"] == []


def test_a_kubelet_writes_its_own_node_only(client: Client) -> None:
    for name in ("worker-1", "worker-2"):
        client.create("nodes", {"metadata": {"name": name}})
    kubelet = client.as_user(node_user("worker-1"))
    kubelet.patch("nodes", "worker-1", {"metadata": {"labels": {"a": "b"}}})
    with pytest.raises(StatusError, match='node "worker-1" is not allowed to modify node "worker-2"'):
        kubelet.patch("nodes", "worker-2", {"metadata": {"labels": {"a": "b"}}})


def body(answer: Any) -> Any:
    return json.loads(answer.body)


def test_an_administrator_acts_as_somebody_else(ask: Ask) -> None:
    answer = ask("GET", "/api/v1/pods", impersonate_user="eve")
    assert answer.code == 403 and 'User "eve" cannot list' in body(answer)["message"]
    assert ask("GET", "/api/v1/pods", token="eve", impersonate_user="kubernetes-admin").code == 403


def test_paths_that_are_no_resources_are_guarded_too(ask: Ask) -> None:
    assert ask("GET", "/version", token="eve").code == 200
    assert body(ask("GET", "/metrics", token="eve"))["message"] == 'forbidden: User "eve" cannot get path "/metrics"'


def test_reviews_answer_as_requests_would(client: Client, ask: Ask) -> None:
    grant(client, "dev", "view", "default")
    where = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    asked = {"verb": "list", "resource": "pods", "namespace": "default"}
    answer = body(ask("POST", where, {"spec": {"resourceAttributes": asked}}, token="dev"))
    assert answer["status"] == {
        "allowed": True,
        "reason": 'RBAC: allowed by RoleBinding "dev-view/default" of ClusterRole "view" to User "dev"',
    }
    who = body(ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, token="dev"))
    assert who["status"]["userInfo"]["username"] == "dev"


def test_a_service_account_token_is_good_while_its_account_lives(client: Client) -> None:
    made = client.create("serviceaccounts", {}, "default", name="default", subresource="token")
    tokens = client.server.tokens
    user = tokens.user(client.server, made["status"]["token"])
    assert user is not None and user.name == "system:serviceaccount:default:default"
    assert tokens.user(client.server, made["status"]["token"] + "x") is None
    client.delete("serviceaccounts", "default", "default")
    assert tokens.user(client.server, made["status"]["token"]) is None


def started(client: Client, *argv: str, **files: str) -> Client:
    """Start the server with these flags; `files` by the path's last word."""
    named = {f"/etc/kubernetes/{name}": text for name, text in files.items()}
    client.server.start(Launch.of({"argv": argv, "files": named}))
    return client


def message(client: Client, user: User, verb: str, resource: str, **fields: Any) -> str:
    """Return the words a user is refused with; '' when it is not."""
    try:
        client.as_user(user).request(verb, resource, **fields)
    except StatusError as error:
        return error.message if error.code == 403 else ""
    return ""


def test_without_an_authorizer_flag_everything_is_allowed_and_without_any_flag_rbac_decides(client: Client) -> None:
    assert "cannot list" in message(client, EVE, "list", "pods", namespace="default")
    started(client, "--audit-log-maxage=1")
    assert message(client, EVE, "list", "secrets", namespace="default") == ""


def test_always_deny_forbids_everything_but_to_the_administrators(client: Client, ask: Ask) -> None:
    started(client, "--authorization-mode=AlwaysDeny")
    assert message(client, EVE, "get", "pods", namespace="default", name="x") == (
        'pods "x" is forbidden: User "eve" cannot get resource "pods" in API group "" in the namespace "default": '
        "Everything is forbidden."
    )
    assert body(ask("GET", "/version", token="eve"))["message"] == (
        'forbidden: User "eve" cannot get path "/version": Everything is forbidden.'
    )
    assert client.list("pods", "default")["items"] == []


POLICY = """\
# who may what
{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"user": "dev", "namespace": "default", "resource": "pods", "apiGroup": "", "readonly": true}}
{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"group": "ops", "namespace": "*", "resource": "*", "apiGroup": "*"}}
{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"user": "*", "nonResourcePath": "/api*", "readonly": true}}
"""  # noqa: E501 - one object a line is the format
ABAC = ("--authorization-mode=ABAC", "--authorization-policy-file=/etc/kubernetes/policy")


def test_abac_allows_by_the_lines_of_its_file(client: Client, ask: Ask) -> None:
    started(client, *ABAC, policy=POLICY)
    assert message(client, DEV, "list", "pods", namespace="default") == ""
    assert message(client, DEV, "delete", "pods", namespace="default", name="x").endswith(": No policy matched.")
    assert message(client, DEV, "list", "pods", namespace="kube-system").endswith(": No policy matched.")
    assert message(client, User("olga", ("ops",)), "create", "configmaps", namespace="kube-system", body={}) == ""
    assert ask("GET", "/api", token="eve").code == 200
    assert ask("GET", "/version", token="eve").code == 403


def test_the_first_yes_of_the_chain_decides_and_every_authorizer_leaves_its_verdict(client: Client) -> None:
    started(client, "--authorization-mode=Node,ABAC,RBAC", *ABAC[1:], policy=POLICY)
    grant(client, "dev", "edit", "default")
    request = Request("list", DEV, resource="secrets", namespace="default")
    client.server.handle(request)
    asked = [verdict for verdict in request.verdicts if verdict.stage == "authz"]
    assert [(one.by, one.allowed) for one in asked] == [("Node", None), ("ABAC", None), ("RBAC", True)]
    detail = asked[-1].detail
    assert detail["binding"] == {"kind": "RoleBinding", "name": "dev-edit", "namespace": "default"}
    assert detail["role"] == {"kind": "ClusterRole", "name": "edit", "namespace": ""}
    assert "secrets" in detail["rule"]["resources"] and detail["subject"]["name"] == "dev"
    again = Request("list", DEV, resource="secrets", namespace="default")
    client.server.handle(again)
    assert again.verdicts == request.verdicts


def test_an_authorization_config_names_the_chain(client: Client) -> None:
    config = "kind: AuthorizationConfiguration\nauthorizers: [{type: RBAC, name: rbac}, {type: AlwaysDeny}]\n"
    started(client, "--authorization-config=/etc/kubernetes/authz", authz=config)
    assert message(client, EVE, "list", "pods", namespace="default").endswith(": Everything is forbidden.")


def bound_pod(client: Client, node: str) -> None:
    """Run a pod on a node with a secret, a configmap and a claim on a volume."""
    volumes = [
        {"name": "s", "secret": {"secretName": "key"}},
        {"name": "m", "projected": {"sources": [{"configMap": {"name": "settings"}}]}},
        {"name": "d", "persistentVolumeClaim": {"claimName": "data"}},
    ]
    client.create("pods", pod("web", nodeName=node, volumes=volumes), "default")
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "volumeName": "disk"}
    client.create("persistentvolumeclaims", {"metadata": {"name": "data"}, "spec": claim}, "default")
    volume = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteOnce"],
        "claimRef": {"namespace": "default", "name": "data"},
        "csi": {"driver": "d", "volumeHandle": "h", "nodeStageSecretRef": {"name": "stage", "namespace": "storage"}},
    }
    client.create("persistentvolumes", {"metadata": {"name": "disk"}, "spec": volume})


def test_a_kubelet_reads_what_pods_on_its_node_use_and_nothing_else(client: Client) -> None:
    bound_pod(client, "worker-1")
    mine, other = node_user("worker-1"), node_user("worker-2")
    used = [
        ("secrets", "default", "key"),
        ("configmaps", "default", "settings"),
        ("persistentvolumeclaims", "default", "data"),
        ("persistentvolumes", "", "disk"),
        ("secrets", "storage", "stage"),
    ]
    for resource, namespace, name in used:
        asked = {"namespace": namespace, "name": name}
        assert message(client, mine, "get", resource, **asked) == "", resource
        refused = message(client, other, "get", resource, **asked)
        assert refused.endswith(": no relationship found between node 'worker-2' and this object"), resource
    unused = message(client, mine, "get", "secrets", namespace="default", name="other")
    assert unused.endswith(": no relationship found between node 'worker-1' and this object")
    client.delete("pods", "web", "default", {"gracePeriodSeconds": 0})
    assert message(client, mine, "get", "secrets", namespace="default", name="key") != ""


@pytest.mark.parametrize(
    ("verb", "resource", "fields", "why"),
    [
        ("list", "pods", {}, "can only list/watch pods with spec.nodeName field selector"),
        ("list", "pods", {"field_selector": "spec.nodeName=worker-2"}, "can only list/watch pods with"),
        ("list", "pods", {"field_selector": "spec.nodeName=worker-1"}, ""),
        ("list", "nodes", {}, "node 'worker-1' cannot read all nodes, only its own Node object"),
        ("get", "nodes", {"name": "worker-2"}, "node 'worker-1' cannot read 'worker-2', only its own Node object"),
        ("get", "nodes", {"name": "worker-1"}, ""),
        ("list", "secrets", {"namespace": "default"}, "No Object name found"),
        ("delete", "secrets", {"namespace": "default", "name": "key"}, "can only read resources of this type"),
        (
            "get",
            "leases.coordination.k8s.io",
            {"namespace": "kube-node-lease", "name": "worker-2"},
            "can only access node lease with the same name as the requesting node",
        ),
        ("get", "leases.coordination.k8s.io", {"namespace": "default", "name": "worker-1"}, '"kube-node-lease" system'),
        ("list", "services", {}, ""),
        (
            "update",
            "csinodes.storage.k8s.io",
            {"name": "worker-2"},
            "can only access CSINode with the same name as the requesting node",
        ),
    ],
)
def test_the_node_authorizer_says_why_not(
    client: Client, verb: str, resource: str, fields: dict[str, Any], why: str
) -> None:
    refused = message(client, node_user("worker-1"), verb, resource, **fields)
    assert why in refused if why else refused == ""


def test_a_list_of_one_name_is_allowed_by_a_rule_for_that_name(client: Client) -> None:
    rule = {"verbs": ["list"], "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["a"]}
    client.create(f"clusterroles.{RBAC}", {"metadata": {"name": "one"}, "rules": [rule]})
    grant(client, "dev", "one", "default")
    assert message(client, DEV, "list", "configmaps", namespace="default") != ""
    selected = {"namespace": "default", "field_selector": "metadata.name=a"}
    assert message(client, DEV, "list", "configmaps", **selected) == ""


def rules_of(ask: Ask, token: str) -> Any:
    where = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    return body(ask("POST", where, {"spec": {"namespace": "default"}}, token=token))["status"]


def test_a_rules_review_lists_what_each_mode_knows(client: Client, ask: Ask) -> None:
    reviews = {"user": "*", "namespace": "*", "resource": "*", "apiGroup": "authorization.k8s.io"}
    line = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": reviews}
    started(client, *ABAC, policy=POLICY + json.dumps(line))
    assert rules_of(ask, "dev")["resourceRules"] == [
        {"verbs": ["get", "list", "watch"], "apiGroups": [""], "resources": ["pods"]},
        {"verbs": ["*"], "apiGroups": ["authorization.k8s.io"], "resources": ["*"]},
    ]
    started(client, "--authorization-mode=AlwaysAllow")
    assert rules_of(ask, "eve")["resourceRules"] == [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]


def test_a_rules_review_of_a_node_is_incomplete(client: Client) -> None:
    listed = client.server.authorizer.rules(node_user("worker-1"), "default")
    assert listed.incomplete and listed.error == "node authorizer does not support user rule resolution"


def test_a_review_of_a_missing_role_tells_the_error(client: Client, ask: Ask) -> None:
    grant(client, "dev", "ghost", "default")
    where = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    asked = {"verb": "list", "resource": "pods", "namespace": "default"}
    status = body(ask("POST", where, {"spec": {"resourceAttributes": asked}}, token="dev"))["status"]
    text = 'clusterrole.rbac.authorization.k8s.io "ghost" not found'
    assert status == {"allowed": False, "reason": f"RBAC: {text}", "evaluationError": text}


def role(client: Client, name: str, *rules: dict[str, Any]) -> dict[str, Any]:
    return client.create(f"roles.{RBAC}", {"metadata": {"name": name}, "rules": list(rules)}, "default")


def test_what_is_missing_is_listed_by_resource_and_what_is_held_is_not(client: Client) -> None:
    own = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}
    roles = {"verbs": ["create"], "apiGroups": [RBAC], "resources": ["roles"]}
    client.create(f"clusterroles.{RBAC}", {"metadata": {"name": "own"}, "rules": [own, roles]})
    grant(client, "dev", "own", "default")
    developer = client.as_user(DEV)
    with pytest.raises(StatusError) as caught:
        role(
            developer,
            "wide",
            {"verbs": ["watch", "get"], "apiGroups": [""], "resources": ["pods", "secrets"]},
            {"verbs": ["list"], "apiGroups": [""], "resources": ["pods"]},
            {"verbs": ["get"], "apiGroups": ["apps"], "resources": ["deployments"], "resourceNames": ["web"]},
        )
    assert caught.value.message == (
        'roles.rbac.authorization.k8s.io "wide" is forbidden: user "dev" (groups=["system:authenticated"]) is '
        "attempting to grant RBAC permissions not currently held:\n"
        '{APIGroups:[""], Resources:["pods"], Verbs:["watch" "list"]}\n'
        '{APIGroups:[""], Resources:["secrets"], Verbs:["watch" "get"]}\n'
        '{APIGroups:["apps"], Resources:["deployments"], ResourceNames:["web"], Verbs:["get"]}'
    )
    assert role(developer, "narrow", own)


def test_a_role_may_be_labelled_by_who_does_not_hold_its_rules(client: Client) -> None:
    role(client, "wide", {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]})
    grant(client, "dev", "admin", "default")
    labels = {"metadata": {"labels": {"a": "b"}}}
    assert client.as_user(DEV).patch(f"roles.{RBAC}", "wide", labels, "default")["metadata"]["labels"] == {"a": "b"}


def test_only_cluster_administrators_aggregate(client: Client) -> None:
    rule = {"verbs": ["*"], "apiGroups": [RBAC], "resources": ["clusterroles"]}
    client.create(f"clusterroles.{RBAC}", {"metadata": {"name": "roles"}, "rules": [{**rule, "verbs": ["create"]}]})
    subject = {"kind": "User", "name": "dev", "apiGroup": RBAC}
    reference = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "roles"}
    client.create(
        f"clusterrolebindings.{RBAC}", {"metadata": {"name": "dev"}, "roleRef": reference, "subjects": [subject]}
    )
    selectors = {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}
    with pytest.raises(StatusError, match="must have cluster-admin privileges to use the aggregationRule"):
        client.as_user(DEV).create(f"clusterroles.{RBAC}", {"metadata": {"name": "x"}, "aggregationRule": selectors})


def test_who_may_escalate_or_bind_needs_no_rights_of_their_own(client: Client) -> None:
    rule = {"verbs": ["create", "escalate", "bind"], "apiGroups": [RBAC], "resources": ["roles", "rolebindings"]}
    bind = {"verbs": ["bind"], "apiGroups": [RBAC], "resources": ["clusterroles"], "resourceNames": ["edit"]}
    client.create(f"clusterroles.{RBAC}", {"metadata": {"name": "giver"}, "rules": [rule, bind]})
    grant(client, "dev", "giver", "default")
    developer = client.as_user(DEV)
    assert role(developer, "wide", {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]})
    grant(developer, "eve", "edit", "default")
    with pytest.raises(StatusError, match="attempting to grant"):
        grant(developer, "eve", "admin", "default")


def review(ask: Ask, kind: str, spec: dict[str, Any], namespace: str = "") -> Any:
    place = f"namespaces/{namespace}/" if namespace else ""
    return body(ask("POST", f"/apis/authorization.k8s.io/v1/{place}{kind}", {"spec": spec}))


def test_a_local_review_asks_about_its_own_namespace(client: Client, ask: Ask) -> None:
    grant(client, "dev", "view", "default")
    asked = {"verb": "list", "resource": "pods", "namespace": "default"}
    spec = {"user": "dev", "resourceAttributes": asked}
    assert review(ask, "localsubjectaccessreviews", spec, "default")["status"]["allowed"] is True
    refused = review(ask, "localsubjectaccessreviews", spec, "kube-system")["message"]
    assert 'spec.resourceAttributes.namespace: Invalid value: "default": must match metadata.namespace' in refused


def test_a_review_may_carry_selectors(client: Client, ask: Ask) -> None:
    groups = ["system:nodes", "system:authenticated"]
    on_node = {"requirements": [{"key": "spec.nodeName", "operator": "In", "values": ["worker-1"]}]}
    asked = {"verb": "list", "resource": "pods", "fieldSelector": on_node}
    spec = {"user": "system:node:worker-1", "groups": groups, "resourceAttributes": asked}
    assert review(ask, "subjectaccessreviews", spec)["status"] == {"allowed": True}
    both = {**on_node, "rawSelector": "spec.nodeName=worker-1"}
    refused = review(ask, "subjectaccessreviews", {**spec, "resourceAttributes": {**asked, "fieldSelector": both}})
    assert "may not specified at the same time as requirements" in refused["message"]
    empty = review(ask, "subjectaccessreviews", {**spec, "resourceAttributes": {**asked, "labelSelector": {}}})
    assert "requirements or rawSelector is required" in empty["message"]
