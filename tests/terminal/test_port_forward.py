"""kubectl port-forward and proxy in the lab's own terminal: background jobs whose ports curl reaches."""

from __future__ import annotations

import pytest

from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation

FORWARD = "kubectl port-forward svc/web 8080:80"


@pytest.fixture
def lab() -> Simulation:
    made = Simulation.create(LabSettings(instant=True))
    made.run("kubectl create deployment web --image=nginx:1.27 --port=80")
    made.run("kubectl expose deployment web --port=80")
    made.settle()
    return made


def test_a_forwarded_port_is_reached_while_the_job_runs(lab: Simulation) -> None:
    said = lab.run(f"{FORWARD} & sleep 1; curl -s localhost:8080 | head -4; sleep 1; kill %1; curl localhost:8080")
    assert "Forwarding from 127.0.0.1:8080 -> 80\nForwarding from [::1]:8080 -> 80\n" in said.stdout
    assert "Handling connection for 8080\n" in said.stdout
    assert "Welcome to nginx!" in said.stdout
    assert "curl: (7) Failed to connect to localhost port 8080" in said.stderr


def test_a_job_s_port_is_free_again_when_its_shell_ends(lab: Simulation) -> None:
    lab.run(f"{FORWARD} & sleep 1")
    assert lab.run("curl -s localhost:8080").code == 7
    assert "Forwarding from 127.0.0.1:8080" in lab.run(f"{FORWARD} & sleep 1").stdout


def test_ctrl_c_ends_it_in_an_interactive_terminal(lab: Simulation) -> None:
    def typed(text: bytes) -> str:
        lab.terminals.input("a", text)
        lab.advance(2)
        return lab.terminals.take("a").decode()

    lab.terminals.open("a")
    assert "Forwarding from 127.0.0.1:8080 -> 80" in typed(f"{FORWARD}\r".encode())
    lab.terminals.open("b")
    lab.terminals.input("b", b"curl -s localhost:8080 | grep title\r")
    lab.advance(2)
    assert "Welcome to nginx!" in lab.terminals.take("b").decode()
    assert "Handling connection for 8080" in lab.terminals.take("a").decode()
    assert "^C" in typed(b"\x03")
    assert "Failed to connect" in typed(b"curl localhost:8080\r")


def test_a_port_in_use_cannot_be_taken_twice(lab: Simulation) -> None:
    said = lab.run(f"{FORWARD} & sleep 1; {FORWARD}")
    assert said.code == 1
    assert "Unable to listen on port 8080" in said.stderr
    assert "error: unable to listen on any of the requested ports: [{8080 80}]" in said.stderr


def test_a_port_nobody_listens_on_loses_the_connection(lab: Simulation) -> None:
    said = lab.run("kubectl port-forward deploy/web 8081:81 & sleep 1; curl localhost:8081; sleep 1")
    assert "curl: (52) Empty reply from server" in said.stderr
    assert "an error occurred forwarding 8081 -> 81: error forwarding port 81 to pod " in said.stderr
    assert said.stderr.endswith("error: lost connection to pod\n")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("svc/web 8080:81", "error: Service web does not have a service port 81\n"),
        ("deploy/web 8080:metrics", "does not have a named port 'metrics'\n"),
        ("svc/web", "error: TYPE/NAME and list of ports are required for port-forward\n"),
    ],
)
def test_what_cannot_be_forwarded_is_told(lab: Simulation, words: str, why: str) -> None:
    assert why in lab.run(f"kubectl port-forward {words}").stderr


def test_kubectl_proxy_leads_to_the_api_server(lab: Simulation) -> None:
    path = "/api/v1/namespaces/default/services/web/proxy/"
    said = lab.run(
        f"kubectl proxy & sleep 1; curl -s localhost:8001/version; curl -s localhost:8001{path} | grep title"
    )
    assert "Starting to serve on 127.0.0.1:8001" in said.stdout
    assert "v1.36.2" in said.stdout
    assert "Welcome to nginx!" in said.stdout
