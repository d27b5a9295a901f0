"""Authorisation by a webhook: what it is asked, what its answers mean, how long they are kept."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from cluster.apiserver import servercert
from cluster.apiserver.authz.rules import Asked
from cluster.apiserver.authz.webhook import WebhookAuthorizer
from cluster.apiserver.launch import Launch
from cluster.apiserver.request import User
from cluster.apiserver.server import ApiServer
from cluster.machinery.clock import ManualClock
from cluster.workloads.process import WebReply, WebRequest
from tests.certificates import TestAuthority

AUTHORITY = TestAuthority()
CERTIFICATE, _ = AUTHORITY.server("authz.example.com")
EVE, GET_PODS = User("eve", ("dev",)), Asked("get", "", "pods/log", "default", "web")
KUBECONFIG = """apiVersion: v1
kind: Config
clusters:
- name: authz
  cluster: {server: %s, certificate-authority-data: %s}
contexts:
- name: webhook
  context: {cluster: authz, user: api-server}
current-context: webhook
"""


class Answers:
    """A wire at whose other end a server says `status`."""

    def __init__(self, status: dict[str, Any] | None = None, error: str = "", certificate: str = CERTIFICATE):
        self.status, self.error, self.certificate = status, error, certificate
        self.asked: list[WebRequest] = []

    def fetch(self, request: WebRequest) -> WebReply:
        self.asked.append(request)
        body = json.dumps({"status": self.status}).encode()
        return WebReply(200, (), body, self.error, "172.18.0.9:443", certificate=self.certificate)


def authorizer(server: ApiServer, wire: Answers, *flags: str, url: str = "https://authz.example.com/check") -> Any:
    server.callout = wire
    text = KUBECONFIG % (url, base64.b64encode(AUTHORITY.pem.encode()).decode())
    argv = ["--authorization-mode=Webhook", "--authorization-webhook-config-file=/etc/authz.yaml", *flags]
    return WebhookAuthorizer(server, Launch.of({"argv": argv, "files": {"/etc/authz.yaml": text}}))


def test_the_review_tells_who_wants_what(server: ApiServer) -> None:
    wire = Answers({"allowed": True})
    authorizer(server, wire, "--authorization-webhook-version=v1").decide(EVE, GET_PODS)
    (request,) = wire.asked
    assert request.url == "https://authz.example.com:443/check?timeout=30s"
    review = json.loads(request.body)
    assert (review["apiVersion"], review["kind"]) == ("authorization.k8s.io/v1", "SubjectAccessReview")
    assert review["spec"] == {
        "resourceAttributes": {
            "namespace": "default",
            "verb": "get",
            "version": "*",
            "resource": "pods",
            "subresource": "log",
            "name": "web",
        },
        "user": "eve",
        "groups": ["dev"],
    }


def test_a_path_is_asked_as_a_path(server: ApiServer) -> None:
    wire = Answers({"allowed": False})
    authorizer(server, wire).decide(EVE, Asked("get", path="/metrics"))
    spec = json.loads(wire.asked[0].body)["spec"]
    assert spec["nonResourceAttributes"] == {"path": "/metrics", "verb": "get"}
    assert spec["group"] == ["dev"]  # v1beta1, the default, spells the field so


@pytest.mark.parametrize(
    ("status", "allowed"),
    [({"allowed": True}, True), ({"allowed": False, "denied": True}, False), ({"allowed": False}, None)],
)
def test_an_answer_allows_refuses_or_has_no_opinion(
    server: ApiServer, status: dict[str, Any], allowed: bool | None
) -> None:
    said = authorizer(server, Answers({**status, "reason": "because"})).decide(EVE, GET_PODS)
    assert (said.allowed, said.reason) == (allowed, "because")


def test_allowed_is_kept_five_minutes_and_anything_else_thirty_seconds(server: ApiServer) -> None:
    clock = server.clock
    assert isinstance(clock, ManualClock)
    for status, kept in (({"allowed": True}, 300), ({"allowed": False}, 30)):
        wire = Answers(status)
        made = authorizer(server, wire)
        for wait in (0, kept - 1, 2):
            clock.move_to(clock.now() + wait)
            made.decide(EVE, GET_PODS)
        assert len(wire.asked) == 2


def test_a_flag_sets_how_long_answers_are_kept(server: ApiServer) -> None:
    wire = Answers({"allowed": True})
    made = authorizer(server, wire, "--authorization-webhook-cache-authorized-ttl=0s")
    made.decide(EVE, GET_PODS)
    made.decide(EVE, GET_PODS)
    assert len(wire.asked) == 2


def test_a_server_that_does_not_answer_has_no_opinion_and_is_asked_again(server: ApiServer) -> None:
    wire = Answers(error="refused")
    made = authorizer(server, wire)
    for _ in range(2):
        said = made.decide(EVE, GET_PODS)
        assert said.allowed is None
        assert said.error == (
            'Post "https://authz.example.com/check?timeout=30s": dial tcp 172.18.0.9:443: connect: connection refused'
        )
    assert len(wire.asked) == 2


def test_a_service_name_leads_to_the_service(server: ApiServer) -> None:
    wire = Answers({"allowed": True})
    made = authorizer(server, wire, url="https://authz.kube-system.svc:8443/check")
    assert made.decide(EVE, GET_PODS).error.endswith('service "authz" not found')


@pytest.mark.parametrize(
    ("names", "days", "name", "why"),
    [
        (("a.example.com",), 3650, "a.example.com", ""),
        (("*.example.com",), 3650, "a.example.com", ""),
        (("a.example.com", "b"), 3650, "c", "certificate is valid for a.example.com, b, not c"),
        ((), 3650, "webhook", "certificate relies on legacy Common Name field, use SANs instead"),
        (
            ("a.example.com",),
            30,
            "a.example.com",
            "certificate has expired or is not yet valid: current time 2026-01-01T00:00:00Z "
            "is after 2025-01-31T00:00:00Z",
        ),
    ],
)
def test_a_certificate_is_judged_by_date_and_name(names: tuple[str, ...], days: int, name: str, why: str) -> None:
    shown, _ = AUTHORITY.server(*names, days=days)
    said = servercert.refusal(shown, AUTHORITY.pem, name, 1_767_225_600.0)
    assert said == (f"tls: failed to verify certificate: x509: {why}" if why else "")


def test_a_certificate_of_another_authority_is_not_trusted() -> None:
    unknown = "tls: failed to verify certificate: x509: certificate signed by unknown authority"
    now = 1_767_225_600.0
    assert servercert.refusal(CERTIFICATE, TestAuthority("other").pem, "authz.example.com", now) == unknown
    assert servercert.refusal(CERTIFICATE, "", "authz.example.com", now) == unknown
    namesake = servercert.refusal(CERTIFICATE, TestAuthority().pem, "authz.example.com", now)
    assert namesake == (
        f'{unknown} (possibly because of "x509: ECDSA verification failure" while trying to verify candidate '
        'authority certificate "webhook-ca")'
    )
