"""Webhooks and connections: exec, attach, port-forward and proxy are judged before they begin."""

from __future__ import annotations

from typing import Any

from cluster.apiserver.client import Client
from tests.apiserver.conftest import Ask, pod
from tests.apiserver.test_webhooks import Server, configure, hook, hooks  # noqa: F401 - a fixture


def test_an_attach_is_shown_with_its_options_and_refused(client: Client, hooks: Server, ask: Ask) -> None:  # noqa: F811
    client.create("pods", pod("web", nodeName="worker-1"), "default")
    rule: dict[str, Any] = {"operations": ["CONNECT"], "apiGroups": [""], "apiVersions": ["v1"]}
    hooks.paths["deny"] = lambda asked: {"allowed": False, "status": {"message": "no attaching"}}
    configure(client, hook("deny", rules=[{**rule, "resources": ["pods/attach"]}]))
    answer = ask("GET", "/api/v1/namespaces/default/pods/web/attach?stdin=true&container=c")
    assert answer.code == 400 and b"denied the request: no attaching" in answer.body
    (asked,) = hooks.asked
    assert (asked["operation"], asked["subResource"], asked["name"]) == ("CONNECT", "attach", "web")
    assert asked["object"] == {"kind": "PodAttachOptions", "apiVersion": "v1", "stdin": True, "container": "c"}
    assert asked["kind"]["kind"] == "PodAttachOptions" and asked["options"] is None
