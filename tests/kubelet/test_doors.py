"""Logs and exec, as the API server asks for them."""

from __future__ import annotations

import pytest

from cluster.machinery.errors import StatusError
from tests.kubelet.node_lab import NodeLab

COUNT = {"command": ["sh", "-c", "i=0; while true; do echo line $i; i=$((i+1)); sleep 1; done"]}


def test_log_options(lab: NodeLab) -> None:
    lab.pod("counter", "busybox", container=COUNT)
    lab.run(10)
    assert lab.logs("counter").startswith("line 0\nline 1\n")
    last = lab.logs("counter").splitlines()[-1]
    assert lab.logs("counter", tailLines="1") == f"{last}\n"
    assert len(lab.logs("counter", sinceSeconds="3").splitlines()) in (3, 4)
    assert lab.logs("counter", limitBytes="4") == "line"
    assert lab.logs("counter", tailLines="1", timestamps="true").startswith("2026-01-01T00:00:")


def test_following_a_log_by_offset(lab: NodeLab) -> None:
    lab.pod("counter", "busybox", container=COUNT)
    lab.run(5)
    text, offset, running = lab.kubelets.logs_since("default", "counter", "", 0)
    assert running
    lab.run(2)
    more, _, _ = lab.kubelets.logs_since("default", "counter", "", offset)
    assert (text + more).decode() == lab.logs("counter")


def test_every_line_that_is_followed_is_stamped_with_its_own_time(lab: NodeLab) -> None:
    lab.pod("counter", "busybox", container=COUNT)
    lab.run(5)
    _, offset, _ = lab.kubelets.logs_since("default", "counter", "", 0)
    lab.run(3)
    more, _, _ = lab.kubelets.logs_since("default", "counter", "", offset, timestamps=True)
    assert more.decode() == "".join(lab.logs("counter", timestamps="true").splitlines(keepends=True)[-3:])


def test_half_a_line_is_stamped_once(lab: NodeLab) -> None:
    halves = {"command": ["sh", "-c", "sleep 3; printf one; sleep 2; echo two; sleep 99"]}
    lab.pod("halves", "busybox", container=halves)
    lab.run(6)
    first, offset, _ = lab.kubelets.logs_since("default", "halves", "", 0, timestamps=True)
    lab.run(3)
    second, _, _ = lab.kubelets.logs_since("default", "halves", "", offset, timestamps=True)
    assert (first + second).decode() == lab.logs("halves", timestamps="true")


def test_a_terminal_has_the_size_of_the_clients(lab: NodeLab) -> None:
    lab.pod("box", "busybox", container={"command": ["sleep", "999"]})
    lab.run(5)
    session = lab.kubelets.exec("default", "box", "", ["sh"], stdin=True, tty=True, columns=132, rows=50)
    lab.kubelets.exec_input(session, b"stty size\r")
    lab.run(0)
    lab.kubelets.exec_resize(session, 90, 30)
    lab.kubelets.exec_input(session, b"stty size\r")
    lab.run(0)
    shown = b"".join(data for _, data in lab.kubelets.exec_output(session)[0]).decode()
    assert "50 132\r\n" in shown and "30 90\r\n" in shown


def test_attaching_to_a_container_that_takes_no_input_shows_its_output(lab: NodeLab) -> None:
    lab.pod("counter", "busybox", container=COUNT)
    lab.run(5)
    session = lab.kubelets.attach("default", "counter", "", stdin=True)
    lab.kubelets.exec_input(session, b"nobody reads this\n", end=True)
    lab.run(2)
    written, code = lab.kubelets.exec_output(session)
    assert b"line" in b"".join(data for _, data in written) and code is None


def test_logs_of_a_pod_that_waits_say_why(lab: NodeLab) -> None:
    lab.pod("typo", "nginx:1.161")
    lab.run(4)
    with pytest.raises(StatusError) as error:
        lab.logs("typo")
    assert error.value.message == ('container "c" in pod "typo" is waiting to start: trying and failing to pull image')


def test_previous_logs_need_a_previous_container(lab: NodeLab) -> None:
    lab.pod()
    lab.run(10)
    with pytest.raises(StatusError) as error:
        lab.logs(previous="true")
    assert error.value.message == 'previous terminated container "c" in pod "web" not found'


def test_many_containers_need_a_name(lab: NodeLab) -> None:
    lab.pod(more=[{"name": "b", "image": "redis:7"}])
    lab.run(10)
    with pytest.raises(StatusError) as error:
        lab.logs()
    assert error.value.message == "a container name must be specified for pod web, choose one of: [c b]"


def test_a_session_takes_input_and_ends(lab: NodeLab) -> None:
    lab.pod("box", "busybox", container={"command": ["sleep", "999"]})
    lab.run(5)
    session = lab.kubelets.exec("default", "box", "", ["sh"], stdin=True)
    lab.kubelets.exec_input(session, b"echo $((6*7))\nexit 3\n")
    lab.run(0)
    written, code = lab.kubelets.exec_output(session)
    assert (written, code) == ([(1, b"42\n")], 3)
    lab.kubelets.exec_close(session)
    assert lab.state.keys("exec/") == []


def test_exec_of_something_absent_fails_in_runc_words(lab: NodeLab) -> None:
    lab.pod()
    lab.run(10)
    with pytest.raises(StatusError, match='exec: "nope": executable file not found'):
        lab.kubelets.exec("default", "web", "", ["nope"])


def test_killing_process_one_restarts_the_container(lab: NodeLab) -> None:
    lab.pod()
    lab.run(10)
    lab.exec("web", "sh", "-c", "kill 1", seconds=5)
    assert lab.container()["restartCount"] == 1


def test_attaching_shows_what_is_written_from_now_on(lab: NodeLab) -> None:
    lab.pod("counter", "busybox", container=COUNT)
    lab.run(5)
    session = lab.kubelets.attach("default", "counter", "")
    lab.run(2)
    written, code = lab.kubelets.exec_output(session)
    assert code is None
    assert written[0][1].count(b"line") == 2
