"""The learner's terminals: sessions that live in the state book, single lines, the journal."""

from __future__ import annotations

import json

import pytest

from cluster.machinery.clock import ManualClock
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation
from cluster.store.state import MemoryState
from cluster.terminal import journal


@pytest.fixture
def lab():
    return Simulation.create(LabSettings())


def typed(lab, keys, seconds=0.0, session="t1"):
    lab.terminals.input(session, keys.encode())
    lab.advance(seconds)
    return lab.terminals.take(session).decode()


def test_a_session_prompts_and_answers(lab):
    lab.terminals.open("t1", 80, 24)
    lab.advance(0)
    assert lab.terminals.take("t1").decode() == "learner@kubarium:~$ "
    assert "worker-3" in typed(lab, "kubectl get nodes\r")
    assert "worker-3" in typed(lab, "k get no\r")


def test_who_comes_back_sees_what_was_there(lab):
    typed(lab, "echo remember\r")
    assert b"remember" in lab.terminals.open("t1", 100, 30)


def test_a_single_line_has_two_outputs_and_a_code(lab):
    outcome = lab.run("echo out; echo err >&2; exit 3")
    assert (outcome.stdout, outcome.stderr, outcome.code) == ("out\n", "err\n", 3)


def test_a_single_line_runs_where_the_session_stands_with_its_aliases_and_files(lab):
    typed(lab, "mkdir work; cd work; echo hi > note\r")
    assert lab.run("cat note; pwd").stdout == "hi\n/home/learner/work\n"
    assert "worker-1" in lab.run("k get nodes").stdout


def test_a_blocking_line_goes_on_in_virtual_time(lab):
    before = lab.clock.now()
    assert lab.run("sleep 90; echo done").stdout == "done\n"
    assert lab.clock.now() == before + 90


def test_watching_ends_with_control_c(lab):
    typed(lab, "kubectl get deployments -w\r")
    lab.run("kubectl create deployment web --image=nginx")
    assert "web" in typed(lab, "", 30)
    assert typed(lab, "\x03").endswith("learner@kubarium:~$ ")


def test_a_shell_in_a_container_edits_its_own_lines(lab):
    lab.run("kubectl run a --image=nginx; kubectl wait --for=condition=Ready pod/a")
    assert "root@a:/# " in typed(lab, "kubectl exec -it a -- bash\r", 1)
    shown = typed(lab, "hostnamX\x7fe\r", 1)
    assert shown.count("hostname\r\n") == 1 and "\r\na\r\n" in shown
    assert typed(lab, "exit\r", 1).endswith("learner@kubarium:~$ ")


def test_history_outlives_the_session(lab):
    typed(lab, "echo kept\r")
    lab.terminals.close("t1")
    lab.terminals.open("t1")
    lab.advance(0)
    assert "kept" in typed(lab, "\x1b[A\r")


def test_the_journal_keeps_lines_with_codes_and_output(lab):
    typed(lab, "echo hello; false\r")
    lab.run("echo line")
    noted = journal.since(lab.state, 0)
    assert [(one.line, one.code) for one in noted] == [("echo hello; false", 1), ("echo line", 0)]
    assert "hello" in noted[0].output and noted[1].output == "line\n"


def test_another_worker_goes_on_in_the_middle_of_a_session(lab):
    typed(lab, "for i in 1 2; do sleep 10; echo round $i; done\r", 5)
    entries = {key: json.loads(json.dumps(lab.state.get(key))) for key in lab.state.keys("")}
    twin = Simulation(lab.settings, lab.store, MemoryState(entries), ManualClock(lab.clock.now()))
    twin.resume()
    twin.advance(20)
    assert "round 2" in twin.terminals.take("t1").decode()


class Broken:
    """A program with a fault of its own."""

    def run(self, call):
        raise AttributeError("nobody thought of this")

    def signalled(self, call, signal):
        return 143

    def serve(self, call, port, request):
        raise AttributeError("nor of this")


def test_a_program_that_breaks_costs_itself_and_not_the_lab(lab, monkeypatch):
    monkeypatch.setitem(lab.terminals._programs, "lab", Broken())
    outcome = lab.run("lab status; echo $?; kubectl get nodes -o name | head -n 1")
    assert outcome.stdout == "70\nnode/cp-1\n"
    assert outcome.stderr == "lab: internal error\n"
    fault = lab.state.get("terminal/faults")[-1]
    assert fault["argv"] == ["lab", "status"] and fault["error"] == "AttributeError: nobody thought of this"
    assert "internal error" in typed(lab, "lab\r")
    assert "worker-3" in typed(lab, "kubectl get nodes\r")


def test_a_shell_that_breaks_ends_and_the_next_key_opens_another(lab, monkeypatch):
    lab.terminals.open("t1", 80, 24)
    lab.advance(0)
    machine = lab.terminals.processes.machine
    with monkeypatch.context() as patch:
        patch.setattr(type(machine), "run", lambda *_: 1 / 0)
        assert "bash: internal error" in typed(lab, "echo lost\r")
    assert "found" in typed(lab, "echo found\r")
