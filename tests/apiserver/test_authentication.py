"""Who asks? Every way to say it, in the real server's order, and what a wrong one gets."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from cluster.apiserver.client import Client
from cluster.apiserver.exchange import Exchange
from cluster.apiserver.http import HttpApi
from cluster.apiserver.launch import Launch
from cluster.apiserver.request import User
from cluster.apiserver.server import ApiServer
from cluster.apiserver.wireforms import HttpRequest
from cluster.machinery.clock import ManualClock, timestamp
from cluster.machinery.errors import StatusError
from cluster.machinery.ids import Ids
from cluster.runtime.authority import Authority

WHOAMI = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
CA = "/etc/kubernetes/pki/ca.crt"
TOKENS = "/etc/kubernetes/pki/tokens.csv"


@pytest.fixture
def authority(server: ApiServer) -> Authority:
    return Authority(Ids(7), server.clock.now(), server.clock)


class Caller:
    """One client without a lab's own token."""

    def __init__(self, server: ApiServer):
        self.server = server
        self.api = HttpApi(server, lambda token: None)

    def send(
        self, method: str, path: str, token: str = "", certificate: str = "", body: Any = None, **more: str
    ) -> Any:
        headers = [("Authorization", f"Bearer {token}")] if token else []
        headers += [(name.replace("_", "-"), value) for name, value in more.items()]
        shown = (x509.load_pem_x509_certificate(certificate.encode()),) if certificate else ()
        raw = json.dumps(body).encode() if body is not None else b""
        return self.api.handle(HttpRequest(method, path, "", headers, raw, certificates=shown))

    def who(self, **given: Any) -> dict[str, Any]:
        answer = json.loads(self.send("POST", WHOAMI, body={}, **given).body)
        return dict(answer["status"]["userInfo"]) if "userInfo" in (answer.get("status") or {}) else answer

    def start(self, *argv: str, **files: str) -> None:
        """Start the server with these flags; `ca` and `tokens` are the files it reads."""
        paths = {"ca": CA, "tokens": TOKENS}
        self.server.start(Launch.of({"argv": argv, "files": {paths[name]: text for name, text in files.items()}}))


@pytest.fixture
def caller(client: Client) -> Caller:
    return Caller(client.server)


def test_a_client_certificate_names_its_user_and_groups(caller: Caller, authority: Authority) -> None:
    caller.start(f"--client-ca-file={CA}", ca=authority.certificate())
    certificate, _ = authority.client("alice", "dev", "ops")
    info = caller.who(certificate=certificate)
    assert (info["username"], info["groups"]) == ("alice", ["dev", "ops", "system:authenticated"])
    assert info["extra"]["authentication.kubernetes.io/credential-id"][0].startswith("X509SHA256=")


def test_a_certificate_of_another_authority_is_unauthorized(caller: Caller, authority: Authority) -> None:
    caller.start(f"--client-ca-file={CA}", ca=authority.certificate())
    stranger = Authority(Ids(8), caller.server.clock.now(), caller.server.clock)
    answer = caller.send("GET", "/api/v1/pods", certificate=stranger.client("kubernetes-admin", "system:masters")[0])
    assert answer.code == 401 and json.loads(answer.body)["message"] == "Unauthorized"


def test_a_certificate_ends_on_the_labs_clock(caller: Caller, authority: Authority) -> None:
    caller.start(f"--client-ca-file={CA}", ca=authority.certificate())
    certificate, _ = authority.client("alice")
    assert caller.who(certificate=certificate)["username"] == "alice"
    clock = caller.server.clock
    assert isinstance(clock, ManualClock)
    clock.move_to(clock.now() + 366 * 86400)
    assert caller.send("GET", "/api", certificate=certificate).code == 401


def test_a_certificate_for_servers_is_none_for_clients(caller: Caller, authority: Authority) -> None:
    caller.start(f"--client-ca-file={CA}", ca=authority.certificate())
    assert caller.send("GET", "/api", certificate=authority.server("web", ["web"])[0]).code == 401


def test_without_a_client_ca_certificates_say_nothing(caller: Caller, authority: Authority) -> None:
    caller.start("--authorization-mode=RBAC")
    assert caller.who(certificate=authority.client("alice")[0])["message"].startswith(
        'selfsubjectreviews.authentication.k8s.io is forbidden: User "system:anonymous" cannot create'
    )


def test_static_tokens_are_those_of_the_file_as_it_was_at_start(caller: Caller) -> None:
    caller.start(f"--token-auth-file={TOKENS}", tokens='s3cret,bob,1001,"dev,ops"\nother,eve,7\n')
    info = caller.who(token="s3cret")
    assert info == {"username": "bob", "uid": "1001", "groups": ["dev", "ops", "system:authenticated"]}
    assert caller.send("GET", "/api", token="wrong").code == 401


def bootstrap_secret(client: Client, **more: str) -> None:
    data = {
        "token-id": "abcdef",
        "token-secret": "0123456789abcdef",
        "usage-bootstrap-authentication": "true",
        "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
        **{key.replace("_", "-"): value for key, value in more.items()},
    }
    secret = {"metadata": {"name": "bootstrap-token-abcdef"}, "type": "bootstrap.kubernetes.io/token"}
    client.create("secrets", {**secret, "stringData": data}, "kube-system")


JOIN = "abcdef.0123456789abcdef"


def test_a_bootstrap_token_needs_its_flag_and_its_secret(client: Client, caller: Caller) -> None:
    bootstrap_secret(client)
    assert caller.send("GET", "/api", token=JOIN).code == 401
    caller.start("--enable-bootstrap-token-auth=true")
    assert caller.who(token=JOIN) == {
        "username": "system:bootstrap:abcdef",
        "groups": [
            "system:bootstrappers",
            "system:bootstrappers:kubeadm:default-node-token",
            "system:authenticated",
        ],
    }
    client.delete("secrets", "bootstrap-token-abcdef", "kube-system")
    assert caller.send("GET", "/api", token=JOIN).code == 401


@pytest.mark.parametrize("usage", [{"usage_bootstrap_authentication": "false"}, {"expiration": "past"}])
def test_an_expired_or_other_bootstrap_token_is_none(client: Client, caller: Caller, usage: dict[str, str]) -> None:
    past = timestamp(client.server.clock.now() - 1)
    bootstrap_secret(client, **{key: past if value == "past" else value for key, value in usage.items()})
    caller.start("--enable-bootstrap-token-auth=true")
    assert caller.send("GET", "/api", token=JOIN).code == 401


def service_token(client: Client, **spec: Any) -> str:
    made = client.create("serviceaccounts", {"spec": spec}, "default", name="default", subresource="token")
    return str(made["status"]["token"])


def test_a_service_account_token_says_whose_and_which_it_is(client: Client, caller: Caller) -> None:
    info = caller.who(token=service_token(client))
    assert info["username"] == "system:serviceaccount:default:default"
    assert info["groups"] == ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"]
    assert info["extra"]["authentication.kubernetes.io/credential-id"][0].startswith("JTI=")


def test_a_token_for_another_audience_is_none_for_the_api(client: Client, caller: Caller) -> None:
    vault = service_token(client, audiences=["vault"])
    assert caller.send("GET", "/api", token=vault).code == 401
    caller.start("--api-audiences=vault,api")
    assert caller.who(token=vault)["username"] == "system:serviceaccount:default:default"


def test_a_token_dies_with_the_pod_it_is_bound_to(client: Client, caller: Caller) -> None:
    spec = {"containers": [{"name": "c", "image": "nginx"}]}
    client.create("pods", {"metadata": {"name": "web"}, "spec": spec}, "default")
    token = service_token(client, boundObjectRef={"kind": "Pod", "apiVersion": "v1", "name": "web"})
    assert caller.who(token=token)["extra"]["authentication.kubernetes.io/pod-name"] == ["web"]
    client.delete("pods", "web", "default", {"gracePeriodSeconds": 0})
    assert caller.send("GET", "/api", token=token).code == 401


def numbers(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=="), "big")


def test_anybody_can_check_a_token_by_the_published_keys(client: Client, caller: Caller) -> None:
    token = service_token(client)
    told = json.loads(caller.send("GET", "/.well-known/openid-configuration", token=token).body)
    keys = json.loads(caller.send("GET", "/openid/v1/jwks", token=token).body)["keys"]
    head, _, signature = token.rpartition(".")
    header = json.loads(base64.urlsafe_b64decode(head.split(".")[0] + "=="))
    assert [header["alg"]] == told["id_token_signing_alg_values_supported"] and header["kid"] == keys[0]["kid"]
    raw = base64.urlsafe_b64decode(signature + "==")
    proof = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public = ec.EllipticCurvePublicNumbers(numbers(keys[0]["x"]), numbers(keys[0]["y"]), ec.SECP256R1()).public_key()
    public.verify(proof, head.encode(), ec.ECDSA(hashes.SHA256()))


def test_a_changed_token_is_unauthorized(client: Client, caller: Caller) -> None:
    head, claims, signature = service_token(client).split(".")
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    told["sub"] = "system:serviceaccount:kube-system:default"
    forged = base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
    assert caller.send("GET", "/api", token=f"{head}.{forged}.{signature}").code == 401


def test_anonymous_requests_can_be_switched_off(caller: Caller) -> None:
    assert caller.send("GET", "/version").code == 200
    caller.start("--anonymous-auth=false")
    assert caller.send("GET", "/version").code == 401


def reviewed(client: Client, token: str, *audiences: str) -> Any:
    spec = {"token": token, **({"audiences": list(audiences)} if audiences else {})}
    return client.create("tokenreviews.authentication.k8s.io", {"spec": spec})["status"]


def test_a_token_review_asks_all_authenticators_for_an_audience(client: Client, caller: Caller) -> None:
    caller.start(f"--token-auth-file={TOKENS}", tokens="s3cret,bob,1001\n")
    assert reviewed(client, "s3cret")["user"]["username"] == "bob"
    vault = service_token(client, audiences=["vault"])
    told = reviewed(client, vault, "vault", "other")
    assert told["authenticated"] and told["audiences"] == ["vault"]
    assert reviewed(client, vault) == {
        "user": {},
        "error": '[invalid bearer token, token audiences ["vault"] is invalid for the target audiences '
        '["https://kubernetes.default.svc.cluster.local"]]',
    }


def test_uid_and_extra_of_another_need_rights_of_their_own(client: Client, caller: Caller) -> None:
    rbac = "rbac.authorization.k8s.io"
    rules = [
        {"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"], "resourceNames": ["bob"]},
        {"apiGroups": ["authentication.k8s.io"], "resources": ["userextras/scopes"], "verbs": ["impersonate"]},
    ]
    client.create(f"clusterroles.{rbac}", {"metadata": {"name": "actor"}, "rules": rules})
    subject = {"kind": "User", "name": "alice", "apiGroup": rbac}
    role = {"kind": "ClusterRole", "name": "actor", "apiGroup": rbac}
    client.create(f"clusterrolebindings.{rbac}", {"metadata": {"name": "a"}, "roleRef": role, "subjects": [subject]})
    caller.start("--authorization-mode=RBAC", f"--token-auth-file={TOKENS}", tokens="t,alice,1\n")
    asked = {"token": "t", "impersonate_user": "bob", "impersonate_extra_scopes": "view"}
    assert caller.who(**asked)["extra"] == {"scopes": ["view"]}
    refused = caller.who(**asked, impersonate_uid="42")
    assert refused["message"] == (
        'uids.authentication.k8s.io "42" is forbidden: User "alice" cannot impersonate resource "uids" '
        'in API group "authentication.k8s.io" at the cluster scope'
    )


class Memory:
    """A witness that remembers."""

    def __init__(self) -> None:
        self.seen: list[Exchange] = []

    def saw(self, exchange: Exchange) -> None:
        self.seen.append(exchange)


def test_a_request_tells_by_which_authenticator_it_was_known(client: Client, caller: Caller) -> None:
    memory = Memory()
    caller.server.witnesses.append(memory)
    caller.send("GET", "/api/v1/pods", token=service_token(client))
    caller.send("GET", "/api/v1/pods", token="nonsense")
    known, refused = memory.seen[-2].request, memory.seen[-1].request
    verdict = next(one for one in known.verdicts if one.stage == "authn")
    assert (verdict.by, verdict.allowed) == ("serviceaccount", True)
    assert [(one.stage, one.allowed) for one in refused.verdicts] == [("authn", False)]


def test_who_speaks_for_another_is_remembered(client: Client, caller: Caller) -> None:
    memory = Memory()
    caller.start(f"--token-auth-file={TOKENS}", tokens='t,ada,1,"system:masters"\n')
    caller.server.witnesses.append(memory)
    caller.send("GET", "/api/v1/pods", token="t", impersonate_user="bob")
    request = memory.seen[-1].request
    assert request.impersonator is not None
    assert (request.user.name, request.impersonator.name) == ("bob", "ada")


def test_a_token_binds_only_to_a_pod_of_its_account(client: Client) -> None:
    client.create("serviceaccounts", {"metadata": {"name": "other"}}, "default")
    spec = {"serviceAccountName": "other", "containers": [{"name": "c", "image": "nginx"}]}
    client.create("pods", {"metadata": {"name": "web"}, "spec": spec}, "default")
    with pytest.raises(StatusError, match="to pod running with different serviceaccount name"):
        service_token(client, boundObjectRef={"kind": "Pod", "apiVersion": "v1", "name": "web"})


def test_the_lab_token_is_the_administrator(server: ApiServer) -> None:
    ada = User("kubernetes-admin", ("system:masters",))
    api = HttpApi(server, {"lab": ada}.get)
    headers = [("Authorization", "Bearer lab")]
    assert api.handle(HttpRequest("GET", "/api/v1/nodes", "", headers)).code == 200  # type: ignore[union-attr]
