"""Admission webhooks: who is asked, what they are sent, what their answers do, and how their failures read."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cluster.apiserver.callout import NotHere
from cluster.apiserver.client import Client
from cluster.apiserver.request import Request
from cluster.machinery.errors import StatusError
from cluster.workloads.process import WebReply, WebRequest
from tests.certificates import TestAuthority

AUTHORITY = TestAuthority()
CERTIFICATE, _ = AUTHORITY.server("hooks.default.svc")
BUNDLE = base64.b64encode(AUTHORITY.pem.encode()).decode()
Respond = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def allow(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"allowed": True}


class Server:
    """Answers reviews by path; what has no path is refused at the door."""

    def __init__(self, **paths: Respond):
        self.paths = paths
        self.asked: list[dict[str, Any]] = []
        self.reply: WebReply | None = None
        self.certificate = CERTIFICATE

    def fetch(self, request: WebRequest) -> WebReply:
        if self.reply is not None:
            return self.reply
        path = request.url.partition("?")[0].rpartition("/")[2]
        review = json.loads(request.body)
        self.asked.append({"path": path, **review["request"]})
        response = {"uid": review["request"]["uid"], **self.paths[path](review["request"])}
        body = json.dumps({"apiVersion": review["apiVersion"], "kind": "AdmissionReview", "response": response})
        return WebReply(200, (), body.encode(), certificate=self.certificate)

    def paths_asked(self) -> list[str]:
        return [one["path"] for one in self.asked]


def patch(*operations: dict[str, Any]) -> Respond:
    text = base64.b64encode(json.dumps(operations).encode()).decode()
    return lambda asked: {"allowed": True, "patchType": "JSONPatch", "patch": text}


def hook(path: str = "allow", **fields: Any) -> dict[str, Any]:
    rule = {"operations": ["*"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"]}
    service = {"name": "hooks", "namespace": "default", "path": f"/{path}"}
    return {
        "name": f"{path}.example.com",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "clientConfig": {"service": service, "caBundle": BUNDLE},
        "rules": [rule],
        **fields,
    }


@pytest.fixture
def hooks(client: Client) -> Server:
    service = {"metadata": {"name": "hooks"}, "spec": {"clusterIP": "10.96.0.77", "ports": [{"port": 443}]}}
    client.create("services", service, "default")
    made = Server(allow=allow)
    client.server.callout = made
    return made


def configure(client: Client, *given: dict[str, Any], name: str = "config", mutating: bool = False) -> None:
    kind = "mutating" if mutating else "validating"
    resource = f"{kind}webhookconfigurations.admissionregistration.k8s.io"
    client.create(resource, {"metadata": {"name": name}, "webhooks": list(given)})


def make(client: Client, name: str = "a", space: str = "default", **metadata: Any) -> dict[str, Any]:
    made: dict[str, Any] = client.create("configmaps", {"metadata": {"name": name, **metadata}}, space)
    return made


def refused(client: Client, name: str = "a") -> StatusError:
    with pytest.raises(StatusError) as caught:
        make(client, name)
    return caught.value


# -- what is sent ---------------------------------------------------------------------------------


def test_the_review_tells_everything_of_the_request(client: Client, hooks: Server) -> None:
    configure(client, hook())
    make(client)
    (asked,) = hooks.asked
    assert asked["kind"] == {"group": "", "version": "v1", "kind": "ConfigMap"}
    assert asked["resource"] == asked["requestResource"] == {"group": "", "version": "v1", "resource": "configmaps"}
    assert (asked["name"], asked["namespace"], asked["operation"]) == ("a", "default", "CREATE")
    assert asked["userInfo"]["username"] == "kubernetes-admin"
    assert "system:masters" in asked["userInfo"]["groups"]
    assert asked["object"]["metadata"]["name"] == "a" and asked["object"]["kind"] == "ConfigMap"
    assert (asked["oldObject"], asked["dryRun"]) == (None, False)
    assert asked["options"]["kind"] == "CreateOptions"
    assert len(asked["uid"]) == 36


def test_an_update_shows_both_objects_and_a_deletion_the_old_one(client: Client, hooks: Server) -> None:
    made = make(client)
    configure(client, hook())
    client.update("configmaps", {**made, "data": {"a": "b"}})
    client.delete("configmaps", "a", "default")
    update, deletion = hooks.asked
    assert update["object"]["data"] == {"a": "b"} and "data" not in update["oldObject"]
    assert (deletion["operation"], deletion["object"]) == ("DELETE", None)
    assert deletion["oldObject"]["data"] == {"a": "b"}
    assert deletion["options"]["kind"] == "DeleteOptions"


# -- who is asked ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "asked"),
    [
        ({"resources": ["*"]}, 1),
        ({"resources": ["*/*"]}, 1),
        ({"resources": ["secrets"]}, 0),
        ({"resources": ["configmaps/status"]}, 0),
        ({"apiGroups": ["*"]}, 1),
        ({"apiGroups": ["apps"]}, 0),
        ({"apiVersions": ["v2"]}, 0),
        ({"operations": ["UPDATE", "DELETE"]}, 0),
        ({"scope": "Namespaced"}, 1),
        ({"scope": "Cluster"}, 0),
    ],
)
def test_rules_choose_the_requests(client: Client, hooks: Server, rule: dict[str, Any], asked: int) -> None:
    base = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"]}
    configure(client, hook(rules=[{**base, **rule}]))
    make(client)
    assert len(hooks.asked) == asked


def test_selectors_look_at_the_namespace_and_at_the_object(client: Client, hooks: Server) -> None:
    client.create("namespaces", {"metadata": {"name": "guarded", "labels": {"guard": "on"}}})
    configure(client, hook(namespaceSelector={"matchLabels": {"guard": "on"}}), name="by-namespace")
    configure(client, hook(objectSelector={"matchLabels": {"guard": "on"}}), name="by-object")
    make(client, "plain")
    assert hooks.asked == []
    make(client, "a", "guarded")
    make(client, "b", labels={"guard": "on"})
    assert [one["name"] for one in hooks.asked] == ["a", "b"]


def test_match_conditions_narrow_further(client: Client, hooks: Server) -> None:
    condition = {"name": "no-a", "expression": "object.metadata.name != 'a' && request.operation == 'CREATE'"}
    configure(client, hook(matchConditions=[condition]))
    make(client, "a")
    make(client, "b")
    assert [one["name"] for one in hooks.asked] == ["b"]


def test_a_match_condition_that_cannot_be_told_refuses_unless_failures_are_ignored(
    client: Client, hooks: Server
) -> None:
    condition = {"name": "broken", "expression": "object.data.absent == 'x'"}
    configure(client, hook(matchConditions=[condition], failurePolicy="Ignore"))
    make(client, "a")
    assert hooks.asked == []
    configure(client, hook(matchConditions=[condition]), name="strict")
    error = refused(client, "b")
    assert (error.code, error.reason) == (403, "Forbidden")
    assert error.message.startswith('configmaps "b" is forbidden: ')


def test_configurations_are_asked_in_the_order_of_their_names(client: Client, hooks: Server) -> None:
    hooks.paths |= {"one": allow, "two": allow, "three": allow}
    configure(client, hook("three"), name="b")
    configure(client, hook("one"), hook("two"), name="a")
    make(client)
    assert hooks.paths_asked() == ["one", "two", "three"]


def test_webhook_configurations_themselves_are_never_guarded(client: Client, hooks: Server) -> None:
    everything = [{"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]}]
    configure(client, hook(rules=everything))
    configure(client, hook(rules=everything), name="second")
    assert hooks.asked == []


# -- what answers do ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "reason", "text"),
    [
        ({"message": "not today"}, 400, "", " denied the request: not today"),
        ({"message": "no", "code": 403, "reason": "Forbidden"}, 403, "Forbidden", " denied the request: no"),
        ({"reason": "Conflict", "code": 200}, 400, "Conflict", " denied the request: Conflict"),
        (None, 400, "", " denied the request without explanation"),
    ],
)
def test_a_refusal_is_passed_on(client: Client, hooks: Server, status: Any, code: int, reason: str, text: str) -> None:
    hooks.paths["deny"] = lambda asked: {"allowed": False, **({"status": status} if status else {})}
    configure(client, hook("deny"))
    error = refused(client)
    assert (error.code, error.reason) == (code, reason)
    assert error.message == 'admission webhook "deny.example.com"' + text
    assert client.server.store.get("configmaps", "default", "a") is None


def test_warnings_reach_the_client(client: Client, hooks: Server) -> None:
    hooks.paths["warn"] = lambda asked: {"allowed": True, "warnings": ["mind the gap"]}
    configure(client, hook("warn"))
    request = Request("create", client.user, resource="configmaps", namespace="default")
    request.body = {"metadata": {"name": "a"}}
    assert client.server.handle(request).warnings == ["mind the gap"]


def test_patches_change_the_object_one_after_the_other(client: Client, hooks: Server) -> None:
    hooks.paths["first"] = patch({"op": "add", "path": "/data", "value": {"a": "1"}})
    hooks.paths["second"] = patch({"op": "add", "path": "/data/b", "value": "2"})
    configure(client, hook("first"), hook("second"), mutating=True)
    assert make(client)["data"] == {"a": "1", "b": "2"}
    assert hooks.asked[1]["object"]["data"] == {"a": "1"}


def test_what_a_patch_makes_is_defaulted_and_validated(client: Client, hooks: Server) -> None:
    hooks.paths["bad"] = patch({"op": "add", "path": "/data", "value": {"not a key": "x"}})
    configure(client, hook("bad"), mutating=True)
    error = refused(client)
    assert (error.code, error.reason) == (422, "Invalid")
    hooks.paths["bad"] = patch({"op": "add", "path": "/data", "value": {"a": 1}})
    assert refused(client).code == 500


def test_a_webhook_is_asked_again_when_one_after_it_changed_the_object(client: Client, hooks: Server) -> None:
    hooks.paths["change"] = patch({"op": "add", "path": "/data", "value": {"a": "1"}})
    configure(client, hook("allow", reinvocationPolicy="IfNeeded"), hook("change"), mutating=True)
    make(client)
    assert hooks.paths_asked() == ["allow", "change", "allow"]


def test_a_patch_of_a_deletion_is_an_error(client: Client, hooks: Server) -> None:
    make(client)
    hooks.paths["change"] = patch({"op": "add", "path": "/data", "value": {}})
    configure(client, hook("change"), mutating=True)
    with pytest.raises(StatusError) as caught:
        client.delete("configmaps", "a", "default")
    assert caught.value.message == (
        'Internal error occurred: admission webhook "change.example.com" attempted to modify the object, which is '
        "not supported for this operation"
    )


@pytest.mark.parametrize(
    ("response", "mutating", "why"),
    [
        ({"uid": "x"}, False, 'expected response.uid="{uid}", got "x"'),
        ({"patch": "W10="}, False, "validating webhook may not return response.patch"),
        ({"patch": "W10="}, True, "webhook returned response.patch but not response.patchType"),
        ({"patchType": "JSONPatch"}, True, "webhook returned response.patchType but not response.patch"),
    ],
)
def test_a_response_must_keep_the_rules(
    client: Client, hooks: Server, response: dict[str, Any], mutating: bool, why: str
) -> None:
    hooks.paths["bad"] = lambda asked: {"allowed": True, **response}
    configure(client, hook("bad"), mutating=mutating)
    message = refused(client).message
    uid = hooks.asked[0]["uid"]
    assert message == (
        'Internal error occurred: failed calling webhook "bad.example.com": received invalid webhook response: '
        + why.format(uid=uid)
    )


# -- failures -------------------------------------------------------------------------------------

POST = 'Post "https://hooks.default.svc:443/allow?timeout=10s"'
FAILURES = [
    (WebReply(error="refused"), f"{POST}: dial tcp 10.96.0.77:443: connect: connection refused"),
    (WebReply(error="timeout"), f"{POST}: context deadline exceeded"),
    (WebReply(error="tls"), f"{POST}: http: server gave HTTP response to HTTPS client"),
    (WebReply(error="empty"), f"{POST}: EOF"),
    (WebReply(404, (), b"no", certificate=CERTIFICATE), "the server could not find the requested resource"),
    (
        WebReply(500, (), b"boom", certificate=CERTIFICATE),
        'an error on the server ("boom") has prevented the request from succeeding',
    ),
    (
        WebReply(200, (), b"hello", certificate=CERTIFICATE),
        "couldn't get version/kind; json parse error: invalid character 'h' looking for beginning of value",
    ),
    (
        WebReply(200, (), b"{}", certificate=TestAuthority("other").server("hooks.default.svc")[0]),
        f"{POST}: tls: failed to verify certificate: x509: certificate signed by unknown authority",
    ),
    (
        WebReply(200, (), b"{}", certificate=AUTHORITY.server("elsewhere.default.svc")[0]),
        f"{POST}: tls: failed to verify certificate: x509: certificate is valid for elsewhere.default.svc, "
        "not hooks.default.svc",
    ),
]


@pytest.mark.parametrize(("reply", "why"), FAILURES)
def test_a_failed_call_fails_the_request(client: Client, hooks: Server, reply: WebReply, why: str) -> None:
    configure(client, hook())
    hooks.reply = reply
    error = refused(client)
    assert (error.code, error.reason) == (500, "InternalError")
    assert error.message == (
        f'Internal error occurred: failed calling webhook "allow.example.com": failed to call webhook: {why}'
    )


def test_a_failed_call_is_nothing_where_failures_are_ignored(client: Client, hooks: Server) -> None:
    configure(client, hook(failurePolicy="Ignore"))
    hooks.reply = WebReply(error="refused")
    assert make(client)["metadata"]["uid"]


def test_a_service_that_is_not_there_or_has_no_endpoints(client: Client, hooks: Server) -> None:
    configure(client, hook(timeoutSeconds=3))
    client.delete("services", "hooks", "default")
    assert refused(client).message.endswith(
        'Post "https://hooks.default.svc:443/allow?timeout=3s": service "hooks" not found'
    )


def test_a_dry_run_asks_only_webhooks_without_side_effects(client: Client, hooks: Server) -> None:
    def dry() -> Any:
        request = Request("create", client.user, resource="configmaps", namespace="default", dry_run=True)
        request.body = {"metadata": {"name": "a"}}
        return client.server.handle(request)

    configure(client, hook(sideEffects="NoneOnDryRun"))
    dry()
    assert hooks.asked[0]["dryRun"] is True
    assert hooks.asked[0]["options"]["dryRun"] == ["All"]


def test_a_server_without_a_way_into_the_lab_leaves_the_request_to_others(client: Client, hooks: Server) -> None:
    configure(client, hook())
    client.server.callout = None
    with pytest.raises(NotHere):
        make(client)
    assert client.server.store.get("configmaps", "default", "a") is None
