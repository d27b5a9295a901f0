"""Admission policies: what is refused, warned of, noted and changed by rules in CEL."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cluster.apiserver.client import Client
from cluster.apiserver.request import Request, User
from cluster.machinery.errors import StatusError
from tests.apiserver.conftest import DEV
from tests.harness import Lab

GROUP = "admissionregistration.k8s.io"
POLICIES, BINDINGS = f"validatingadmissionpolicies.{GROUP}", f"validatingadmissionpolicybindings.{GROUP}"
MAPS = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["configmaps"]}
Spec = dict[str, Any]


def policy(name: str = "p", **spec: Any) -> Spec:
    constraints = {"resourceRules": [MAPS]}
    return {"metadata": {"name": name}, "spec": {"matchConstraints": constraints, **spec}}


def binding(name: str = "b", policy_name: str = "p", **spec: Any) -> Spec:
    return {"metadata": {"name": name}, "spec": {"policyName": policy_name, "validationActions": ["Deny"], **spec}}


def install(client: Client, given: Spec, *bindings: Spec) -> None:
    client.create(POLICIES, given)
    for one in bindings or (binding(),):
        client.create(BINDINGS, one)


def config(name: str = "c", labels: dict[str, str] | None = None, **data: str) -> Spec:
    return {"metadata": {"name": name, **({"labels": labels} if labels else {})}, "data": data}


def refusal(client: Client, obj: Spec) -> StatusError:
    with pytest.raises(StatusError) as caught:
        client.create("configmaps", obj, "default")
    return caught.value


def denied(client: Client, obj: Spec) -> str:
    return refusal(client, obj).message.partition("denied request: ")[2]


def invalid(client: Client, **spec: Any) -> str:
    with pytest.raises(StatusError) as caught:
        client.create(POLICIES, policy(**spec))
    assert caught.value.code == 422
    return caught.value.message


def test_a_rule_that_does_not_hold_refuses_in_the_real_words(client: Client) -> None:
    install(client, policy(validations=[{"expression": "object.data.size() < 2", "message": "too much data"}]))
    error = refusal(client, config(a="1", b="2"))
    text = "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: too much data"
    assert error.message == f'configmaps "c" is forbidden: {text}'
    assert (error.code, error.reason, error.details["causes"]) == (422, "Invalid", [{"message": text}])
    assert client.create("configmaps", config(a="1"), "default")["data"] == {"a": "1"}


def test_a_policy_without_a_binding_does_nothing(client: Client) -> None:
    client.create(POLICIES, policy(validations=[{"expression": "false"}]))
    client.create("configmaps", config(), "default")


def test_a_reason_decides_the_code(client: Client) -> None:
    install(client, policy(validations=[{"expression": "false", "reason": "Forbidden"}]))
    assert (refusal(client, config()).code, refusal(client, config()).reason) == (403, "Forbidden")


def test_without_a_message_the_expression_is_told(client: Client) -> None:
    install(client, policy(validations=[{"expression": " 1 > 2 "}]))
    assert denied(client, config()) == "failed expression: 1 > 2"


def test_a_message_expression_comes_before_the_message(client: Client) -> None:
    worded = "'not ' + object.metadata.name"
    install(client, policy(validations=[{"expression": "false", "message": "plain", "messageExpression": worded}]))
    assert denied(client, config("web")) == "not web"


def test_a_message_expression_that_fails_falls_back_to_the_message(client: Client) -> None:
    rule = {"expression": "false", "message": "plain", "messageExpression": "object.missing"}
    install(client, policy(validations=[rule]))
    assert denied(client, config()) == "plain"


def test_an_expression_that_cannot_be_evaluated_refuses_unless_failures_are_ignored(client: Client) -> None:
    install(client, policy(validations=[{"expression": "object.spec.x > 1"}]))
    assert denied(client, config()) == "expression 'object.spec.x > 1' resulted in error: no such key: spec"
    stored = client.get(POLICIES, "p")
    client.update(POLICIES, {**stored, "spec": {**stored["spec"], "failurePolicy": "Ignore"}})
    client.create("configmaps", config(), "default")


def test_match_conditions_and_variables_are_evaluated(client: Client) -> None:
    install(
        client,
        policy(
            matchConditions=[{"name": "not-system", "expression": "!object.metadata.name.startsWith('kube-')"}],
            variables=[
                {"name": "labels", "expression": "has(object.metadata.labels) ? object.metadata.labels : {}"},
                {"name": "team", "expression": "'team' in variables.labels ? variables.labels.team : 'nobody'"},
            ],
            validations=[{"expression": "variables.team == 'blue'", "messageExpression": "'not of ' + variables.team"}],
        ),
    )
    assert denied(client, config()) == "not of nobody"
    client.create("configmaps", config(labels={"team": "blue"}), "default")
    client.create("configmaps", config("kube-x"), "default")


def test_an_update_sees_the_old_object_and_a_deletion_only_that(client: Client) -> None:
    rules = {**MAPS, "operations": ["UPDATE", "DELETE"]}
    given = policy(
        validations=[
            {"expression": "request.operation != 'UPDATE' || object.data == oldObject.data", "message": "data stays"},
            {"expression": "request.operation != 'DELETE' || (object == null && has(oldObject.data.free))"},
        ]
    )
    given["spec"]["matchConstraints"]["resourceRules"] = [rules]
    install(client, given)
    made = client.create("configmaps", config(a="1"), "default")
    with pytest.raises(StatusError, match="data stays"):
        client.update("configmaps", {**made, "data": {"a": "2"}})
    with pytest.raises(StatusError, match="failed expression"):
        client.delete("configmaps", "c", "default")


def test_the_requester_the_namespace_and_the_authorizer_can_be_asked(client: Client) -> None:
    default = client.get("namespaces", "default")
    client.update("namespaces", {**default, "metadata": {**default["metadata"], "labels": {"env": "prod"}}})
    install(
        client,
        policy(
            validations=[
                {
                    "expression": "namespaceObject.metadata.labels.env != 'prod' || authorizer.group('')"
                    ".resource('configmaps').namespace('default').check('escalate').allowed()",
                    "messageExpression": "request.userInfo.username + ' may not in ' + request.namespace",
                }
            ]
        ),
    )
    client.create("configmaps", config("mine"), "default")  # an administrator may anything
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]}
    client.create("clusterroles.rbac.authorization.k8s.io", {"metadata": {"name": "w"}, "rules": [rule]})
    client.create(
        "clusterrolebindings.rbac.authorization.k8s.io",
        {
            "metadata": {"name": "w"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "w"},
            "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "dev"}],
        },
    )
    dev = Client(client.server, DEV)
    assert denied(dev, config()) == "dev may not in default"


def test_parameters_are_read_from_the_object_a_binding_names(client: Client) -> None:
    given = policy(
        paramKind={"apiVersion": "v1", "kind": "ConfigMap"},
        matchConditions=[{"name": "not-the-params", "expression": "object.metadata.name != 'limits'"}],
        validations=[
            {
                "expression": "object.data.size() <= int(params.data.most)",
                "messageExpression": "'at most ' + params.data.most",
            }
        ],
    )
    reference = {"name": "limits", "namespace": "default", "parameterNotFoundAction": "Deny"}
    install(client, given, binding(paramRef=reference))
    missing = "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"
    assert denied(client, config(a="1")) == missing
    client.server.store.put(
        "configmaps",
        {
            "kind": "ConfigMap",
            "apiVersion": "v1",
            "metadata": {"name": "limits", "namespace": "default", "uid": "u"},
            "data": {"most": "1"},
        },
        actor="",
        cause="",
        time=0,
    )
    assert denied(client, config(a="1", b="2")) == "at most 1"
    client.create("configmaps", config(a="1"), "default")


def test_parameters_that_are_missing_may_let_everything_pass(client: Client) -> None:
    given = policy(paramKind={"apiVersion": "v1", "kind": "ConfigMap"}, validations=[{"expression": "false"}])
    selector = {"selector": {"matchLabels": {"params": "yes"}}, "parameterNotFoundAction": "Allow"}
    install(client, given, binding(paramRef=selector))
    client.create("configmaps", config(), "default")


def test_a_binding_narrows_what_its_policy_matches(client: Client) -> None:
    selected = {"objectSelector": {"matchLabels": {"guarded": "yes"}}}
    install(client, policy(validations=[{"expression": "false"}]), binding(matchResources=selected))
    client.create("configmaps", config(), "default")
    refusal(client, config("d", labels={"guarded": "yes"}))


def asked(client: Client, obj: Spec) -> Request:
    user = User("kubernetes-admin", ("system:masters", "system:authenticated"))
    request = Request("create", user, resource="configmaps", namespace="default", body=obj)
    client.server.handle(request)
    return request


def test_a_binding_may_warn_instead(client: Client) -> None:
    install(client, policy(validations=[{"expression": "false", "message": "no"}]), binding(validationActions=["Warn"]))
    request = asked(client, config())
    assert request.warnings == ["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': no"]


def test_a_binding_may_leave_an_audit_annotation(client: Client) -> None:
    given = policy(
        validations=[{"expression": "false", "message": "no"}],
        auditAnnotations=[{"key": "keys", "valueExpression": "string(object.data.size()) + ' keys'"}],
    )
    install(client, given, binding(validationActions=["Audit"]))
    details = [verdict.detail for verdict in asked(client, config(a="1")).verdicts]
    noted = {key: value for detail in details for key, value in (detail.get("annotations") or {}).items()}
    assert noted["p/keys"] == "1 keys"
    (failure,) = json.loads(noted["validation.policy.admission.k8s.io/validation_failure"])
    assert (failure["message"], failure["validationActions"]) == ("no", ["Audit"])


def test_an_older_labs_policy_that_does_not_compile_fails_by_its_failure_policy(client: Client) -> None:
    install(client, policy(validations=[{"expression": "true"}]))
    stored = client.get(POLICIES, "p")

    def kept(**spec: Any) -> None:
        changed = {**stored["spec"], "validations": [{"expression": "objekt == 1"}], **spec}
        client.server.store.put(POLICIES, {**stored, "spec": changed}, actor="", cause="", time=0)

    kept()
    said = "expression 'objekt == 1' resulted in error: compilation error: compilation failed: ERROR: <input>:1:1:"
    assert denied(client, config()).startswith(said)
    kept(failurePolicy="Ignore")
    client.create("configmaps", config(), "default")


def test_policies_are_never_asked_about_policies(client: Client) -> None:
    everything = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}
    given = policy(validations=[{"expression": "false"}])
    given["spec"]["matchConstraints"]["resourceRules"] = [everything]
    install(client, given)
    client.delete(BINDINGS, "b", "")
    client.create("configmaps", config(), "default")


def test_an_expression_that_does_not_compile_is_refused_when_it_is_written(client: Client) -> None:
    assert invalid(client, validations=[{"expression": "objekt.data == 1"}]) == (
        'ValidatingAdmissionPolicy.admissionregistration.k8s.io "p" is invalid: spec.validations[0].expression: '
        "Invalid value: \"objekt.data == 1\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'objekt' "
        "(in container '')\n | objekt.data == 1\n | ^"
    )


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"validations": [{"expression": "1 + 1"}]}, "must evaluate to bool"),
        ({"validations": [{"expression": "true", "messageExpression": "1"}]}, "must evaluate to string"),
        ({"validations": [{"expression": "params.x == 1"}]}, "undeclared reference to 'params'"),
        ({"validations": [{"expression": "request.nme == 'a'"}]}, "undefined field 'nme'"),
        ({"validations": [{"expression": "variables.x == 1"}]}, "undeclared reference to 'variables'"),
        (
            {
                "variables": [{"name": "n", "expression": "'a'"}],
                "validations": [{"expression": "variables.n == 1"}],
            },
            "found no matching overload for '_==_' applied to '(string, int)'",
        ),
        ({"validations": [{"expression": " "}]}, "spec.validations[0].expression: Required value"),
        ({"validations": [{"expression": "true", "reason": "Odd"}]}, 'Unsupported value: "Odd"'),
        ({"validations": []}, "validations or auditAnnotations must contain at least one item"),
        (
            {"matchConditions": [{"name": "a", "expression": "'x'"}], "validations": [{"expression": "true"}]},
            "spec.matchConditions[0].expression: Invalid value: \"'x'\": must evaluate to bool",
        ),
        (
            {"auditAnnotations": [{"key": "k", "valueExpression": "1"}]},
            "must evaluate to one of [string null_type]",
        ),
        ({"variables": [{"name": "if", "expression": "1"}], "validations": [{"expression": "true"}]}, "identifier"),
    ],
)
def test_what_else_a_policy_may_not_say(client: Client, spec: Spec, said: str) -> None:
    assert said in invalid(client, **spec)


def test_a_webhook_with_a_condition_that_does_not_compile_is_refused(client: Client) -> None:
    hook = {
        "name": "a.example.com",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "clientConfig": {"url": "https://example.com/x"},
        "rules": [MAPS],
        "matchConditions": [{"name": "c", "expression": "object.metadata.name ="}],
    }
    with pytest.raises(StatusError, match="Syntax error"):
        client.create(f"validatingwebhookconfigurations.{GROUP}", {"metadata": {"name": "w"}, "webhooks": [hook]})


MUTATING, MUTATING_BINDINGS = f"mutatingadmissionpolicies.{GROUP}", f"mutatingadmissionpolicybindings.{GROUP}"
PODS = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}


def mutating(client: Client, *expressions: str, name: str = "m", **spec: Any) -> None:
    """Install a bound policy: expressions that begin with a bracket are JSON patches."""
    mutations = [
        {"patchType": "JSONPatch", "jsonPatch": {"expression": one}}
        if one.startswith("[")
        else {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": one}}
        for one in expressions
    ]
    constraints = {"resourceRules": [MAPS, PODS]}
    given = {"matchConstraints": constraints, "reinvocationPolicy": "Never", "mutations": mutations, **spec}
    client.create(MUTATING, {"metadata": {"name": name}, "spec": given})
    client.create(MUTATING_BINDINGS, {"metadata": {"name": name}, "spec": {"policyName": name}})


def test_an_apply_configuration_is_merged(client: Client) -> None:
    mutating(client, 'Object{metadata: Object.metadata{labels: {"made-for": request.userInfo.username}}}')
    made = client.create("configmaps", config(labels={"own": "1"}), "default")
    assert made["metadata"]["labels"] == {"own": "1", "made-for": "kubernetes-admin"}


def test_an_apply_configuration_adds_to_lists_by_their_keys(client: Client) -> None:
    mutating(
        client,
        'Object{spec: Object.spec{containers: [Object.spec.containers{name: "side", image: "envoy"}]}}',
        "Object{spec: Object.spec{containers: object.spec.containers.map(c, Object.spec.containers{name: c.name, "
        'imagePullPolicy: "Always"})}}',
    )
    given = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
    made = client.create("pods", given, "default")["spec"]["containers"]
    assert {one["name"]: (one["image"], one["imagePullPolicy"]) for one in made} == {
        "c": ("nginx", "Always"),
        "side": ("envoy", "Always"),
    }


def test_a_json_patch_is_applied_and_makes_its_way(client: Client) -> None:
    path = '"/metadata/labels/" + jsonpatch.escapeKey("example.com/env")'
    mutating(client, f'[JSONPatch{{op: "add", path: {path}, value: "test"}}]')
    assert client.create("configmaps", config(), "default")["metadata"]["labels"] == {"example.com/env": "test"}


def test_a_json_patch_whose_test_fails_changes_nothing(client: Client) -> None:
    operations = 'JSONPatch{op: "test", path: "/data/a", value: "2"}, JSONPatch{op: "remove", path: "/data/a"}'
    mutating(client, f"[{operations}]")
    assert client.create("configmaps", config(a="1"), "default")["data"] == {"a": "1"}


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("Object{data: object.missing}", "expression 'Object{data: object.missing}' resulted in error: no such key"),
        ("dyn('x')", "unsupported return type from ApplyConfiguration expression: string"),
        (
            "Object{metadata: Object.spec{labels: {}}}",
            'type mismatch: unexpected type name "Object.spec", expected "Object.metadata", which matches field name '
            "path from root Object type",
        ),
        ('[JSONPatch{op: "remove", path: "/data/x"}]', "doc is missing path"),
    ],
)
def test_a_change_that_cannot_be_made_refuses_the_request(client: Client, expression: str, said: str) -> None:
    mutating(client, expression)
    error = refusal(client, config(a="1"))
    assert error.message.startswith("configmaps \"c\" is forbidden: policy 'm' with binding 'm' denied request: ")
    assert said in error.message.lower() or said in error.message


def test_an_ignored_failure_leaves_the_object_as_it_was(client: Client) -> None:
    mutating(client, "Object{data: object.missing}", failurePolicy="Ignore")
    assert client.create("configmaps", config(a="1"), "default")["data"] == {"a": "1"}


def test_what_policies_make_is_judged_by_the_others(client: Client) -> None:
    mutating(client, 'Object{data: {"added": "1"}}')
    install(client, policy(validations=[{"expression": "!('added' in object.data)", "message": "nothing added"}]))
    assert denied(client, config()) == "nothing added"


@pytest.mark.parametrize(("again", "count"), [("Never", "1"), ("IfNeeded", "2")])
def test_a_policy_runs_again_when_a_later_one_changed_the_object(client: Client, again: str, count: str) -> None:
    runs = "has(object.data) && 'runs' in object.data ? int(object.data.runs) + 1 : 1"
    mutating(client, f'Object{{data: {{"runs": string({runs})}}}}', name="a", reinvocationPolicy=again)
    mutating(client, 'Object{data: {"later": "yes"}}', name="b")
    assert client.create("configmaps", config(), "default")["data"] == {"runs": count, "later": "yes"}


def test_a_mutation_that_does_not_compile_is_refused(client: Client) -> None:
    with pytest.raises(StatusError, match="undeclared reference to 'objekt'"):
        mutating(client, "Object{data: objekt.data}")


def test_a_policy_is_checked_against_the_types_it_matches() -> None:
    lab = Lab().with_controllers()
    given = policy(validations=[{"expression": "object.data.size() > 0"}, {"expression": "object.dta.size() > 0"}])
    lab.kubectl.create(POLICIES, given)
    lab.settle()
    assert lab.kubectl.get(POLICIES, "p")["status"] == {
        "observedGeneration": 1,
        "typeChecking": {
            "expressionWarnings": [
                {
                    "fieldRef": "spec.validations[1].expression",
                    "warning": "/v1, Kind=ConfigMap: ERROR: <input>:1:7: undefined field 'dta'\n"
                    " | object.dta.size() > 0\n | ......^",
                }
            ]
        },
    }


def test_a_policy_without_fault_has_an_empty_type_checking() -> None:
    lab = Lab().with_controllers()
    lab.kubectl.create(POLICIES, policy(validations=[{"expression": "object.metadata.name != 'x'"}]))
    lab.settle()
    assert lab.kubectl.get(POLICIES, "p")["status"] == {"observedGeneration": 1, "typeChecking": {}}
