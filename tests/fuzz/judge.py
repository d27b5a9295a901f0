"""What no answer may be, whatever was asked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from tests.fuzz.requests import Call

# 501 not implemented, 503 nobody behind a proxied address, 504 a revision not yet known.
BY_DESIGN = (501, 503, 504)
# A real server answers 500, too, where something behind it does not answer (a webhook, a kubelet), and to two
# things that are the client's fault. Of the second: https://github.com/kubernetes/kubernetes/issues/139253
BEHIND_IT = re.compile(
    r"failed calling webhook|dial tcp|error dialing backend|unable to upgrade connection"
    r"|resourceVersion should not be set on objects to be created|failed to create typed patch object"
)
TRACES = (b"Traceback (most recent call last)", b'File "/')


@dataclass(frozen=True)
class Reply:
    code: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


def fault(call: Call, reply: Reply, secrets: Sequence[bytes]) -> str:
    """Return what is wrong with an answer, '' when nothing is."""
    if not reply.code:
        return "no answer"
    text = reply.body + repr(dict(reply.headers)).encode()
    if any(secret in text for secret in secrets):
        return "it tells of another lab"
    if any(trace in reply.body for trace in TRACES):
        return "it shows the server's own code"
    if reply.code >= 500 and reply.code not in BY_DESIGN and not BEHIND_IT.search(reply.body.decode(errors="replace")):
        return f"{reply.code}: {reply.body[:300]!r}"
    if call.method in ("HEAD", "OPTIONS") or "/proxy" in call.path:
        return ""  # what a container answers is its own affair
    return _bad_status(reply) if reply.code >= 400 else _bad_success(call, reply)


def _bad_status(reply: Reply) -> str:
    if reply.media == "text/plain" and reply.code in (404, 405, 403):
        return ""  # a path nobody serves
    try:
        status = yaml.safe_load(reply.body) if reply.media == "application/yaml" else json.loads(reply.body)
    except (ValueError, yaml.YAMLError):
        return f"{reply.code} {reply.media}: no Status but {reply.body[:200]!r}"
    said = (status.get("kind"), status.get("apiVersion"), status.get("status"), status.get("code"))
    if said != ("Status", "v1", "Failure", reply.code) or not isinstance(status.get("message"), str):
        return f"{reply.code}: not a whole Status: {reply.body[:200]!r}"
    return ""


def _bad_success(call: Call, reply: Reply) -> str:
    if reply.media in ("text/plain", "text/html", "application/vnd.kubernetes.protobuf"):
        return ""
    if reply.media == "application/yaml":
        return "" if "yaml" in call.headers.get("Accept", "") else "YAML that nobody asked for"
    if not reply.media.startswith("application/") or "json" not in reply.media:
        return f"content type {reply.media!r}"
    try:
        for line in reply.body.splitlines() if b'{"type":' in reply.body[:9] else [reply.body]:
            json.loads(line)
    except ValueError:
        return f"not JSON: {reply.body[:200]!r}"
    return ""
