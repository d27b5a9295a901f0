"""Webhooks and real clients: what a web process is asked is judged by servers that run with the worker."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.runtime.webhooks import AUTHORITY, FLAGS, IMAGE, deployment, encoded, hook
from tests.web.conftest import ApiLab

CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture(scope="module")
def guarded(lab: ApiLab) -> Iterator[ApiLab]:
    """A lab whose ConfigMaps agnhost judges."""
    crt, key = AUTHORITY.server("hooks.default.svc")
    data = {"tls.crt": encoded(crt), "tls.key": encoded(key)}
    make(lab, "/api/v1/namespaces/default/secrets", "hooks-tls", type="kubernetes.io/tls", data=data)
    make(lab, MAPS, "hooks-policy")
    body = deployment("hooks", IMAGE, ("webhook", *FLAGS, "--port=8443"))
    lab.request("POST", "/apis/apps/v1/namespaces/default/deployments", body)
    spec = {"selector": {"app": "hooks"}, "ports": [{"port": 443, "targetPort": 8443}]}
    make(lab, "/api/v1/namespaces/default/services", "hooks", spec=spec)
    end = time.monotonic() + 20
    while not ready(lab):
        assert time.monotonic() < end
        time.sleep(0.05)
    make(lab, CONFIGURATIONS, "guard", webhooks=[hook("/configmaps")])
    yield lab
    lab.request("DELETE", f"{CONFIGURATIONS}/guard")


def make(lab: ApiLab, path: str, name: str, **fields: Any) -> Any:
    return lab.request("POST", path, {"metadata": {"name": name}, **fields})


def ready(lab: ApiLab) -> bool:
    found = lab.request("GET", "/apis/apps/v1/namespaces/default/deployments/hooks").json()
    return bool((found.get("status") or {}).get("readyReplicas"))


def test_a_request_a_webhook_lets_pass_is_answered_as_ever(guarded: ApiLab) -> None:
    made = make(guarded, MAPS, "good", data={"colour": "red"})
    assert made.code == 201
    assert made.json()["metadata"]["managedFields"]
    assert guarded.request("GET", f"{MAPS}/good").json()["data"] == {"colour": "red"}


def test_a_request_a_webhook_refuses_is_refused(guarded: ApiLab) -> None:
    refused = make(guarded, MAPS, "bad", data={"webhook-e2e-test": "webhook-disallow"})
    assert refused.code == 400
    assert refused.json()["message"] == (
        'admission webhook "check.example.com" denied the request: the configmap contains unwanted key and value'
    )
    assert guarded.request("GET", f"{MAPS}/bad").code == 404


def test_who_asks_stays_who_asks(guarded: ApiLab) -> None:
    refused = guarded.request("POST", MAPS, {"metadata": {"name": "eve"}}, **{"Impersonate-User": "eve"})
    assert refused.code == 403
    assert refused.json()["message"].startswith('configmaps is forbidden: User "eve" cannot create')


def test_what_the_editor_applies_is_judged_too(guarded: ApiLab) -> None:
    def applied(name: str, value: str, *, dry_run: bool) -> Any:
        text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{webhook-e2e-test: {value}}}\n"
        owner = guarded.owner()
        owner.get(f"/labs/{guarded.slug}/")
        given = {"X_CSRFToken": owner.cookies["csrftoken"]}
        body = json.dumps({"text": text, "dryRun": dry_run})
        answer = owner.request("POST", f"/labs/{guarded.slug}/apply/", body, **given, Content_Type="application/json")
        assert answer.code == 200
        return answer.json()["documents"][0]

    why = 'admission webhook "check.example.com" denied the request: the configmap contains unwanted key and value'
    assert why in applied("edited", "webhook-disallow", dry_run=True)["error"]
    assert guarded.request("GET", f"{MAPS}/edited").code == 404
    assert applied("edited", "fine", dry_run=False)["result"] == "created"
    assert guarded.request("GET", f"{MAPS}/edited").code == 200
