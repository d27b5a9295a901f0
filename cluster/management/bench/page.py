"""What a learner feels: keys that echo, a picture that moves."""

from __future__ import annotations

import time

from cluster.management.bench.link import milliseconds, percentile
from cluster.management.bench.stage import Stage
from cluster.management.bench.visit import open_socket


def echo(stage: Stage) -> float:
    socket = open_socket(stage.server.page, stage.lab)
    socket.send_frame(type="terminal.open", id="t1", cols=80, rows=24)
    socket.wait_for_output("$")

    def type_one(number: int) -> None:
        letter = "abcdefghij"[number % 10]
        socket.send_frame(type="terminal.input", id="t1", data=letter)
        socket.wait_for_output(letter)

    taken = milliseconds(type_one, 100)
    socket.close()
    return percentile(taken, 0.95)


def reaction(stage: Stage) -> float:
    """From a write that arrives over HTTPS to the first patch frame of the picture."""
    socket, link = open_socket(stage.server.page, stage.lab), stage.link()
    socket.send_frame(type="hello", view="machine")
    socket.receive_frame("clock")
    taken = []
    for number in range(40):
        time.sleep(0.3)  # let the picture come to rest
        body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": f"seen-{number}"}}
        began = time.perf_counter()
        link.send("POST", "/api/v1/namespaces/default/services", {**body, "spec": {"ports": [{"port": 80}]}})
        while f"seen-{number}" not in str(socket.receive_frame("graph.patch")["upsert"]):
            pass
        taken.append((time.perf_counter() - began) * 1000)
    socket.close()
    return percentile(sorted(taken), 0.95)
