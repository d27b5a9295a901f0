"""The page's WebSocket: snapshots, patches, terminals, clock, and frames of any shape."""

from __future__ import annotations

import json

import pytest

from cluster.management.bench.websocket import Closed, WebSocket
from tests.web.conftest import ApiLab, Browser


def opened(lab: ApiLab, **more: str) -> WebSocket:
    url = f"{lab.server.page.replace('http', 'ws', 1)}/ws/labs/{lab.slug}/"
    return WebSocket(url, cookie=lab.owner().cookie, **more)


def test_hello_is_answered_by_the_whole_picture(lab: ApiLab) -> None:
    socket = opened(lab)
    socket.send_frame(type="hello", view="machine", since=0)
    snapshot = socket.receive_frame("graph.snapshot")
    assert {"groups", "nodes", "edges"} <= set(snapshot["graph"])
    assert socket.receive_frame("timeline")["entries"]
    assert socket.receive_frame("clock")["speed"] == 1
    socket.close()


def test_a_write_reaches_the_picture_as_a_patch(lab: ApiLab) -> None:
    socket = opened(lab)
    socket.send_frame(type="hello", view="machine")
    socket.receive_frame("clock")
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "seen"},
        "spec": {"containers": [{"name": "a", "image": "nginx"}]},
    }
    assert lab.request("POST", "/api/v1/namespaces/default/pods", pod).code == 201
    patch = socket.receive_frame("graph.patch")
    assert "seen" in json.dumps(patch["upsert"])
    socket.close()


def test_the_terminal_echoes_and_runs(lab: ApiLab) -> None:
    socket = opened(lab)
    socket.send_frame(type="terminal.open", id="t1", cols=100, rows=30)
    socket.wait_for_output("$")
    socket.send_frame(type="terminal.input", id="t1", data="echo 4$((1+1)); kubectl get nodes\r")
    assert "42" in socket.wait_for_output("worker-3")
    socket.close()


def test_the_clock_stops_and_goes(lab: ApiLab) -> None:
    socket = opened(lab)
    socket.send_frame(type="hello", view="machine")
    socket.receive_frame("clock")
    socket.send_frame(type="clock", action="pause")
    assert socket.receive_frame("clock")["paused"] is True
    socket.send_frame(type="clock", action="play")
    assert socket.receive_frame("clock")["paused"] is False
    socket.close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "null",
        "{}",
        '{"type":"unknown"}',
        '{"type":["hello"]}',
        '{"type":"hello","view":7}',
        '{"type":"hello","view":"no-such-view"}',
        '{"type":"terminal.open","id":"../../x"}',
        '{"type":"terminal.input","id":"t1"}',
        '{"type":"terminal.input","id":"t1","data":{}}',
        '{"type":"terminal.resize","id":"t1","cols":"wide","rows":true}',
        '{"type":"clock","action":"explode","value":1}',
        '{"type":"clock","action":"speed","value":-3}',
        '{"type":"clock","action":"jump","value":"NaN"}',
        '{"type":"clock","action":"jump","value":NaN}',
        '{"type":"clock","action":"\\ud800"}',
        '{"type":"terminal.open","id":"t1","cols":0,"rows":24}',
        '{"type":"terminal.open","id":"t1","cols":' + "9" * 30 + ',"rows":24}',
        "[" * 100_000,
        '{"type":"hello","view":"' + "x" * 300_000 + '"}',
    ],
)
def test_a_frame_of_any_other_shape_is_answered_by_an_error_frame(lab: ApiLab, text: str) -> None:
    socket = opened(lab)
    socket.send(text)
    assert socket.receive_frame()["type"] == "error"
    socket.send_frame(type="hello", view="machine")
    assert socket.receive_frame("graph.snapshot")
    socket.close()


def test_a_stranger_or_another_site_gets_no_socket(lab: ApiLab) -> None:
    url = f"{lab.server.page.replace('http', 'ws', 1)}/ws/labs/{lab.slug}/"
    stranger = Browser(lab.server.page)
    stranger.get("/healthz")
    with pytest.raises(Closed):
        WebSocket(url, cookie=stranger.cookie).receive()
    with pytest.raises(Closed):
        opened(lab, origin="https://evil.example").receive()
    assert "Traceback" not in lab.server.log()
