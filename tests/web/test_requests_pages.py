"""The pages of requests: listed newest first, each opened as a picture and as text, by those who may see the lab."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from cluster.management.bench.websocket import WebSocket
from tests.web.conftest import ApiLab, Browser

PATIENCE = 10.0
PODS = "/api/v1/namespaces/default/pods"
AS_EVE = {"Impersonate_User": "eve"}


def soon(look: Callable[[], str], wanted: str) -> str:
    """Look again until it is there: requests over HTTP are saved after the answer."""
    end = time.monotonic() + PATIENCE
    while wanted not in (found := look()) and time.monotonic() < end:
        pass
    assert wanted in found
    return found


def page(lab: ApiLab, path: str = "", **headers: str) -> str:
    reply = lab.owner().get(f"/labs/{lab.slug}/requests/{path}", **headers)
    return reply.body.decode()


@pytest.fixture(scope="module")
def denied(lab: ApiLab) -> int:
    """Return the number of a request that eve was denied."""
    assert lab.request("DELETE", f"{PODS}/treasure", **AS_EVE, User_Agent="curl/8").code == 403
    listed = soon(lambda: page(lab, "?who=eve"), "default/treasure")
    return int(re.findall(r'data-request="(\d+)"', listed)[0])


def test_the_list_shows_who_asked_what_and_which_gate_refused(lab: ApiLab, denied: int) -> None:
    listed = page(lab, "?who=eve")
    assert f'data-request="{denied}"' in listed
    assert "Authorization" in listed and "curl/8" in listed and "pods default/treasure" in listed


def test_filters_choose_by_who_verb_resource_code_and_refusal(lab: ApiLab, denied: int) -> None:
    assert lab.request("GET", "/api/v1/namespaces/default", User_Agent="one/1").code == 200
    soon(lambda: page(lab, "?verb=get&resource=namespaces"), "one/1")
    mark = f'data-request="{denied}"'
    for query in ("verb=delete", "resource=pods&verb=delete", "code=403", "refused=1", "who=eve"):
        assert mark in page(lab, f"?{query}"), query
    for query in ("verb=get", "resource=secrets", "code=200", "who=kubernetes-admin"):
        assert mark not in page(lab, f"?{query}"), query


def test_components_are_listed_when_asked_for(lab: ApiLab) -> None:
    pod = {"metadata": {"name": "seen-by-scheduler"}, "spec": {"containers": [{"name": "a", "image": "nginx"}]}}
    assert lab.request("POST", PODS, {"apiVersion": "v1", "kind": "Pod", **pod}).code == 201
    soon(lambda: page(lab, "?components=1&resource=pods/binding"), "default/seen-by-scheduler")
    assert "system:kube-scheduler</td>" not in page(lab)


def test_a_request_is_a_picture_with_its_facts_and_the_way_out(lab: ApiLab, denied: int) -> None:
    shown = page(lab, f"{denied}/")
    assert shown.count('<svg class="way"') == 2
    assert 'class="station" data-state="shut" data-stage="authz"' in shown
    assert 'data-state="unreached" data-stage="store"' in shown
    assert "kubectl create rolebinding delete-pods-treasure --role=delete-pods-treasure --user=eve" in shown


def test_the_same_request_as_plain_text(lab: ApiLab, denied: int) -> None:
    reply = lab.owner().get(f"/labs/{lab.slug}/requests/{denied}.txt")
    assert reply.headers["Content-Type"].startswith("text/plain")
    assert "✘ Authorization: no rule allows it" in reply.body.decode()


def test_the_page_speaks_chinese(lab: ApiLab, denied: int) -> None:
    shown = page(lab, f"{denied}/", Accept_Language="zh-CN")
    assert "鉴权" in shown and "恰好允许这一请求的最小角色" in shown


def test_a_fragment_is_only_the_list_and_says_when_nothing_is_new(lab: ApiLab, denied: int) -> None:
    fragment = page(lab, HX_Request="true")
    assert "<html" not in fragment
    again = re.findall(r'hx-get="([^"]+since=\d+)"', fragment)[0].replace("&amp;", "&")
    assert lab.owner().get(again, HX_Request="true").code in (200, 204)


def test_a_stranger_sees_neither_list_nor_request(lab: ApiLab, denied: int) -> None:
    stranger = Browser(lab.server.page)
    for path in ("", f"{denied}/", f"{denied}.txt"):
        assert stranger.get(f"/labs/{lab.slug}/requests/{path}").code == 404


def test_another_lab_does_not_know_the_request(other_lab: ApiLab, denied: int) -> None:
    assert other_lab.owner().get(f"/labs/{other_lab.slug}/requests/{denied + 5000}/").code == 404
    assert "default/treasure" not in page(other_lab, "?who=eve")


def test_a_bad_token_is_a_request_stopped_at_the_first_gate(lab: ApiLab) -> None:
    assert lab.request("GET", PODS, token="nobody", User_Agent="wrong/1").code == 401
    listed = soon(lambda: page(lab, "?code=401"), "wrong/1")
    number = re.findall(r'data-request="(\d+)"', listed)[0]
    assert 'data-state="shut" data-stage="authn"' in page(lab, f"{number}/")


def test_the_editors_check_leaves_no_trace_and_its_apply_does(lab: ApiLab) -> None:
    owner = lab.owner()
    owner.get(f"/labs/{lab.slug}/")
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-editor}\n"
    given = {"X_CSRFToken": owner.cookies["csrftoken"], "Content_Type": "application/json"}
    for dry in ("true", "false"):
        body = f'{{"text": {text!r}, "dryRun": {dry}}}'.replace("'", '"')
        assert owner.request("POST", f"/labs/{lab.slug}/apply/", body, **given).code == 200
    listed = soon(lambda: page(lab, "?resource=configmaps&verb=create"), "default/from-editor")
    rows = [row for row in listed.split("data-request=")[1:] if "default/from-editor" in row]
    assert len(rows) == 1


def test_a_refusal_in_the_terminal_points_to_its_page_beside_the_output(lab: ApiLab) -> None:
    url = f"{lab.server.page.replace('http', 'ws', 1)}/ws/labs/{lab.slug}/"
    socket = WebSocket(url, cookie=lab.owner().cookie)
    socket.send_frame(type="terminal.open", id="t7", cols=200, rows=30)
    socket.wait_for_output("$")
    socket.send_frame(type="terminal.input", id="t7", data="kubectl delete pod gone --as=mallory\r")
    frame = socket.receive_frame("terminal.refused")
    socket.close()
    assert frame["code"] == 403
    assert "mallory" in page(lab, f"{frame['request']}/")
