"""Thousands of requests drawn from a lab's own OpenAPI, by everybody who may and may not.

`KUBARIUM_FUZZ_REQUESTS=20000 python -m pytest tests/fuzz` sends twenty thousand; `KUBARIUM_FUZZ_SEED`
chooses others. The same seed draws the same requests; what they meet depends on those before.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.management.bench.process import LabServer
from tests.fuzz.judge import Reply, fault
from tests.fuzz.requests import Call, Drawer, Operation, operations

REQUESTS = int(os.environ.get("KUBARIUM_FUZZ_REQUESTS", "4000"))
SECONDS = float(os.environ.get("KUBARIUM_FUZZ_SECONDS", "60" if REQUESTS == 4000 else "0"))  # 0: as long as it takes
SEED = int(os.environ.get("KUBARIUM_FUZZ_SEED", "1"))
PATIENCE = 20.0  # seconds for one answer
CANARY = "canary-of-another-lab"
WHOS = (
    ("own", "administrator", 80),
    ("own", "account", 8),
    ("own", "nobody", 3),
    ("own", "garbage", 2),
    ("own", "other administrator", 2),
    ("other", "administrator", 3),
    ("other", "account", 2),
    ("other", "nobody", 2),
)
# What a drawn object may do to every later request, as it may in a real cluster: taken away now and then.
BARRIERS = (
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
    "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings",
)


class Site:
    """The server, the lab under fire and the one that must stay unknown to it."""

    def __init__(self, server: LabServer):
        self.server = server
        self.slugs: dict[str, str] = {}
        self.tokens: dict[str, str] = {"garbage": "garbage", "nobody": ""}
        for name, who in (("own", "administrator"), ("other", "other administrator")):
            config = yaml.safe_load(server.create_lab(name, "--instant").read_text())
            self.slugs[name] = config["clusters"][0]["cluster"]["server"].rpartition("/")[2]
            self.tokens[who] = config["users"][0]["user"]["token"]
        self._link: http.client.HTTPSConnection | None = None
        self._prepare()

    def _prepare(self) -> None:
        for kind, path in (("ConfigMap", "configmaps"), ("Secret", "secrets")):
            body = {"apiVersion": "v1", "kind": kind, "metadata": {"name": f"{CANARY}-{path}"}}
            self.ask("other", "other administrator", "POST", f"/api/v1/namespaces/default/{path}", body)
        path = "/api/v1/namespaces/default/serviceaccounts/default/token"
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 86400}}
        self.tokens["account"] = self.ask("own", "administrator", "POST", path, asked)["status"]["token"]

    def ask(self, lab: str, who: str, method: str, path: str, body: Any = None) -> Any:
        text = b"" if body is None else json.dumps(body).encode()
        reply = self.send(Call(0, lab, who, method, path, {"Content-Type": "application/json"}, text))
        assert reply.code < 300, reply
        return json.loads(reply.body)

    def send(self, call: Call) -> Reply:
        token = self.tokens[call.who]
        headers = {**call.headers, **({"Authorization": f"Bearer {token}"} if token else {})}
        for attempt in (1, 2):
            try:
                link = self._connection()
                link.request(call.method, f"/labs/{self.slugs[call.lab]}{call.path}", call.body or None, headers)
                answer = link.getresponse()
                found = {name.lower(): value for name, value in answer.getheaders()}
                return Reply(answer.status, found, answer.read())
            except TimeoutError:
                self.close()
                return Reply(0, {}, b"")
            except (http.client.HTTPException, ConnectionError):
                self.close()  # the server may close a kept connection
                if attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def _connection(self) -> http.client.HTTPSConnection:
        if self._link is None:
            context = ssl._create_unverified_context()
            self._link = http.client.HTTPSConnection(
                "127.0.0.1", self.server.tls_port, context=context, timeout=PATIENCE
            )
        return self._link

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link = None

    def offered(self) -> list[Operation]:
        """Return every operation of every document the lab serves."""
        index = self.ask("own", "administrator", "GET", "/openapi/v3")
        found: list[Operation] = []
        for one in index["paths"].values():
            found += operations(self.ask("own", "administrator", "GET", one["serverRelativeURL"]))
        return found

    def remove_barriers(self) -> None:
        for path in BARRIERS:
            self.send(Call(0, "own", "administrator", "DELETE", path, {}, b""))

    def secrets(self) -> list[bytes]:
        """Return what no answer may hold."""
        return [CANARY.encode(), self.tokens["other administrator"].encode()]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    server = LabServer(tmp_path_factory.mktemp("fuzz"))
    server.start()
    made = Site(server)
    yield made
    made.close()
    server.stop()


def test_no_request_breaks_the_server_or_tells_of_another_lab(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    drawer, secrets = Drawer(site.offered(), SEED, WHOS), site.secrets()
    findings: dict[str, str] = {}
    codes: Counter[int] = Counter()
    began = time.monotonic()
    for number in range(1, REQUESTS + 1):
        if SECONDS and time.monotonic() - began > SECONDS:
            break
        if number % 100 == 0:
            site.remove_barriers()
        call = drawer.call(number)
        reply = site.send(call)
        codes[reply.code] += 1
        wrong = fault(call, reply, secrets)
        if wrong:
            findings.setdefault(f"{call.method} {wrong}"[:160], f"{wrong}\n    {call.told()}")
    with capsys.disabled():
        spent = time.monotonic() - began
        print(f"\nseed {SEED}: {codes.total()} requests in {spent:.0f} s: {dict(sorted(codes.items()))}")
    assert not findings, f"{len(findings)} findings:\n" + "\n".join(list(findings.values())[:20])
    assert "Traceback" not in _log(site.server)


def test_the_other_lab_is_as_it_was(site: Site) -> None:
    found = site.ask("other", "other administrator", "GET", "/api/v1/namespaces/default/configmaps")["items"]
    assert {one["metadata"]["name"] for one in found} == {"kube-root-ca.crt", f"{CANARY}-configmaps"}
    kept = site.ask("other", "other administrator", "GET", f"/api/v1/namespaces/default/secrets/{CANARY}-secrets")
    assert kept["metadata"]["name"] == f"{CANARY}-secrets"


def _log(server: LabServer) -> str:
    found: Path = server._log
    return found.read_text(errors="replace")
