"""`policy-server`: a webhook server whose decisions a learner writes. Its rules are told in `policies`.

Flags: `--policy` (/etc/policy/policy.yaml), `--tls-cert-file` (/tls/tls.crt), `--tls-private-key-file`
(/tls/tls.key), `--port` (8443). With `--self-signed=HOST` it makes a certificate for that name itself, the same
in every replica, and says which `caBundle` trusts it. The policy is read again whenever its file changes; a file
that cannot be read leaves the last good one in force. Every review it answers is a line of its log.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from cluster.machinery.clock import timestamp
from cluster.workloads.behaviours import policies
from cluster.workloads.behaviours.pages import flag
from cluster.workloads.behaviours.resident import Resident, path_of, text_reply
from cluster.workloads.behaviours.tlsfiles import NoCertificate, key_pair
from cluster.workloads.files import FileError
from cluster.workloads.process import Call, WebReply, WebRequest

POLICY, CERTIFICATE, KEY = "/etc/policy/policy.yaml", "/tls/tls.crt", "/tls/tls.key"
_SINCE = datetime(2020, 1, 1, tzinfo=timezone.utc)
_AGE = timedelta(days=36500)


def self_signed(name: str) -> str:
    """Return a certificate for `name` as PEM, drawn from the name alone, so that every replica has the same."""
    digest = hashlib.sha256(f"policy-server {name}".encode()).digest()
    key = ec.derive_private_key(int.from_bytes(digest[:31], "big"), ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64])])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(int.from_bytes(digest[:16], "big") >> 1)
    builder = builder.not_valid_before(_SINCE).not_valid_after(_SINCE + _AGE)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.PEM).decode()


class PolicyServer(Resident):
    name = "policy-server"

    def ports(self, call: Call) -> Sequence[int]:
        return [int(flag(call.argv, "port", "8443"))]

    def refuse(self, call: Call) -> int | None:
        name = flag(call.argv, "self-signed", "")
        try:
            call.state["certificate"] = self_signed(name) if name else self._given(call)
            call.state["policy"] = _file(call)
            policies.read(call.state["policy"])
        except (NoCertificate, policies.BadPolicy, FileError) as error:
            path = flag(call.argv, "policy", POLICY)
            _log(call, f"error: {error}" if isinstance(error, NoCertificate) else f"error: policy {path}: {error}")
            return 1
        return None

    def _given(self, call: Call) -> str:
        return key_pair(
            call, flag(call.argv, "tls-cert-file", CERTIFICATE), flag(call.argv, "tls-private-key-file", KEY)
        )

    def listening(self, call: Call, port: int) -> Mapping[str, Any]:
        return {"certificate": call.state["certificate"]}

    def announce(self, call: Call) -> None:
        _log(call, f"{_counts(call.state['policy'])} from {flag(call.argv, 'policy', POLICY)}")
        if flag(call.argv, "self-signed", ""):
            bundle = base64.b64encode(call.state["certificate"].encode()).decode()
            _log(call, f"serving with a certificate of its own, caBundle: {bundle}")
        _log(call, f"listening on :{self.ports(call)[0]}")

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        path, _ = path_of(request)
        if path in ("/healthz", "/readyz"):
            return text_reply(200, "ok")
        word = path.strip("/")
        if word not in policies.LISTS:
            return text_reply(404, "404 page not found\n")
        try:
            review = json.loads(request.body)
            asked = review["spec"] if word == "authorize" else review["request"]
        except (ValueError, KeyError, TypeError):
            return text_reply(400, "the body is no review\n")
        return self._reviewed(call, word, review, asked)

    def _reviewed(self, call: Call, word: str, review: dict[str, Any], asked: dict[str, Any]) -> WebReply:
        rules = self._rules(call)[word]
        try:
            verdict = _DECIDE[word](rules, asked)
        except policies.RuleFailed as error:
            _log(call, f"{word} {_subject(word, asked)}: error: {error}")
            return text_reply(500, f"{error}\n")
        _log(call, f"{word} {_subject(word, asked)}: {_told(word, verdict)}")
        head = {"apiVersion": review.get("apiVersion", ""), "kind": review.get("kind", "")}
        if word == "authorize":
            body: dict[str, Any] = {**head, "status": dict(verdict.body)}
        else:
            body = {**head, "response": {"uid": asked.get("uid", ""), **verdict.body}}
        return text_reply(200, json.dumps(body), "application/json")

    def _rules(self, call: Call) -> Mapping[str, tuple[policies.Rule, ...]]:
        """Return the rules in force: the file's, or the last good ones."""
        try:
            text = _file(call)
        except FileError:
            text = call.state["policy"]
        if text not in (call.state["policy"], call.state.get("refused")):
            self._reload(call, text)
        return policies.read(call.state["policy"])

    def _reload(self, call: Call, text: str) -> None:
        try:
            policies.read(text)
        except policies.BadPolicy as error:
            call.state["refused"] = text
            _log(call, f"error: the changed policy is not taken: {error}")
            return
        call.state["policy"] = text
        _log(call, f"{_counts(text)}, reloaded")


_DECIDE = {"validate": policies.validate, "mutate": policies.mutate, "authorize": policies.authorize}


def _file(call: Call) -> str:
    return call.place.files.read(flag(call.argv, "policy", POLICY)).decode("utf-8", "replace")


def _log(call: Call, text: str) -> None:
    call.write(f"{timestamp(call.place.now())} {text}\n")


def _counts(text: str) -> str:
    found = policies.read(text)
    return "rules: " + ", ".join(f"{len(found[word])} {word}" for word in policies.LISTS)


def _subject(word: str, asked: Mapping[str, Any]) -> str:
    if word == "authorize":
        wanted = asked.get("resourceAttributes") or asked.get("nonResourceAttributes") or {}
        parts = (wanted.get("verb"), wanted.get("resource") or wanted.get("path"), wanted.get("subresource"))
        where = "/".join(part for part in (wanted.get("namespace"), wanted.get("name")) if part)
        return " ".join([*(str(part) for part in parts if part), *([where] if where else []), f"by {asked['user']}"])
    where = "/".join(part for part in (asked.get("namespace"), asked.get("name")) if part)
    resource = "/".join(part for part in (asked["resource"]["resource"], asked.get("subResource")) if part)
    return f"{asked.get('operation', '')} {resource} {where} by {asked['userInfo'].get('username', '')}"


def _told(word: str, verdict: policies.Verdict) -> str:
    said = {True: "allowed", False: "denied", None: "no opinion"}[verdict.allowed]
    if word == "mutate":
        said = "changed" if verdict.rules else "unchanged"
    by = f" by {', '.join(verdict.rules)}" if verdict.rules else ""
    return said + by + (f": {verdict.text}" if verdict.text else "")
