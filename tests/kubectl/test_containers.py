"""logs, exec and cp through the door to the kubelets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from cluster.machinery.errors import internal
from tests.kubectl.desk import Desk, MemoryFiles


class Kubelets:
    """A container that says hello and ends its second command with 3."""

    def __init__(self) -> None:
        self.files = MemoryFiles({"/etc/motd": "hello\n"})
        self.log = b"one\ntwo\n"
        self.written: list[bytes] = []
        self.argv: Sequence[str] = ()

    def logs(self, namespace: str, pod: str, options: Mapping[str, str]) -> bytes:
        tail = options.get("tailLines")
        return b"".join(self.log.splitlines(keepends=True)[-int(tail):]) if tail else self.log

    def logs_since(
        self, namespace: str, pod: str, container: str, offset: int, *, timestamps: bool = False
    ) -> tuple[bytes, int, bool]:
        return self.log[offset:], len(self.log), b"end\n" not in self.log

    def exec(self, namespace: str, pod: str, container: str, argv: Sequence[str], **options: Any) -> str:
        if argv[0] == "nope":
            raise internal('exec: "nope": executable file not found in $PATH')
        self.argv = argv
        return "s1"

    def exec_input(self, session: str, data: bytes, *, end: bool = False) -> None:
        self.written.append(data)

    def exec_output(self, session: str) -> tuple[list[tuple[int, bytes]], int | None]:
        return [(1, b"out\n"), (2, b"err\n")], 3

    def exec_close(self, session: str) -> None:
        """Nothing to forget."""

    def place(self, namespace: str, pod: str, container: str) -> Any:
        return self


@pytest.fixture
def kubelets(desk: Desk) -> Kubelets:
    door = Kubelets()
    desk.place.services["containers"] = door
    containers = [{"name": "main", "image": "nginx"}, {"name": "side", "image": "busybox"}]
    desk.server.store.put("pods", {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "default", "uid": "u"},
        "spec": {"containers": containers}, "status": {"phase": "Running"}}, actor="test", cause="", time=0.0)
    return door


def test_a_log_is_printed_and_the_choice_of_container_said(desk: Desk, kubelets: Kubelets) -> None:
    answer = desk.say("kubectl logs web --tail=1")
    assert (answer.out, answer.err) == ("two\n", 'Defaulted container "main" out of: main, side\n')
    assert desk.say("kubectl logs web -c side --prefix").out == "[pod/web/side] one\n[pod/web/side] two\n"


def test_a_log_is_followed_until_the_container_ends(desk: Desk, kubelets: Kubelets) -> None:
    call = desk.start("logs", "-f", "web", "-c", "main")
    assert call.state["exit"] is None
    kubelets.log += b"end\n"
    assert desk.step(call) == 0
    assert "".join(call.out) == "one\ntwo\nend\n"


def test_exec_passes_both_streams_and_the_exit_code(desk: Desk, kubelets: Kubelets) -> None:
    answer = desk.say("kubectl exec web -c main -- ls -l")
    assert kubelets.argv == ["ls", "-l"]
    assert (answer.out, answer.err, answer.code) == ("out\n", "err\ncommand terminated with exit code 3\n", 3)


def test_what_is_no_executable_is_no_api_answer(desk: Desk, kubelets: Kubelets) -> None:
    assert desk.say("kubectl exec web -c main -- nope").err == (
        'error: Internal error occurred: exec: "nope": executable file not found in $PATH\n')


@pytest.mark.parametrize(("line", "resource"), [("logs web -c main", "get resource \"pods/log\""),
                                                ("exec web -c main -- ls", "create resource \"pods/exec\"")])
def test_rbac_is_asked_before_the_kubelets(desk: Desk, kubelets: Kubelets, line: str, resource: str) -> None:
    desk.say("kubectl create role r --verb=get --resource=pods")
    desk.say("kubectl create rolebinding r --role=r --user=eve")
    assert f'User "eve" cannot {resource}' in desk.say(f"kubectl --as=eve {line}").err


def test_files_are_copied_both_ways(desk: Desk, kubelets: Kubelets) -> None:
    desk.write("note", "mine\n")
    desk.say("kubectl cp note web:/tmp/note -c main")
    assert kubelets.files.data["/tmp/note"] == b"mine\n"
    answer = desk.say("kubectl cp web:/etc/motd motd -c main")
    assert desk.files.data["/root/motd"] == b"hello\n"
    assert answer.err == "tar: Removing leading `/' from member names\n"
