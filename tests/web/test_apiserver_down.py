"""A lab whose API server does not run: nobody from outside is answered, and the editor's Apply says why."""

from __future__ import annotations

import json
import time

from cluster.management.bench.process import LabServer
from tests.web.conftest import ApiLab, api_lab

MANIFEST = "/etc/kubernetes/manifests/kube-apiserver.yaml"
REFUSED = "The connection to the server 172.18.0.2:6443 was refused - did you specify the right host or port?"
MAPS = "/api/v1/namespaces/default/configmaps"


def asked(lab: ApiLab, code: int) -> str:
    """Return the answer once it has this code."""
    end = time.monotonic() + 60
    while (answer := lab.request("GET", MAPS)).code != code:
        assert time.monotonic() < end, answer.body
        time.sleep(0.2)
    return answer.body.decode()


def test_it_is_refused_from_outside_and_in_the_editor_until_the_manifest_is_back(web_server: LabServer) -> None:
    lab = api_lab(web_server, "down", "--instant", "--nodes", "1")
    owner = lab.owner()
    owner.get(f"/labs/{lab.slug}/")
    web_server.manage("labs", "run", "down", f"ssh cp-1 mv {MANIFEST} /root/")
    assert json.loads(asked(lab, 503))["message"] == REFUSED
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\n"
    given = {"X_CSRFToken": owner.cookies["csrftoken"], "Content_Type": "application/json"}
    answer = owner.request("POST", f"/labs/{lab.slug}/apply/", json.dumps({"text": text, "dryRun": False}), **given)
    assert REFUSED in answer.json()["documents"][0]["error"]
    assert owner.get(f"/labs/{lab.slug}/").code == 200
    web_server.manage("labs", "run", "down", f"ssh cp-1 mv /root/kube-apiserver.yaml {MANIFEST}")
    assert json.loads(asked(lab, 200))["items"]
