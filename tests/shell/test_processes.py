"""Processes on the virtual clock: waiting, resuming in another worker, signals, pipes, endless loops, terminals."""

from __future__ import annotations

import json

import pytest

from cluster.shell.processes import ShellProcesses
from cluster.workloads.process import WebReply
from tests.shell.place import FakePlace, run, settle


class Server:
    """A program that listens and says goodbye on TERM."""

    def run(self, call):
        return None

    def signalled(self, call, signal):
        call.write("bye\n")
        return 0

    def serve(self, call, port, request):
        return WebReply(200, (), b"served") if port == 80 else WebReply(error="refused")


class Watcher:
    """Writes a line at every wake by a revision."""

    def run(self, call):
        call.state["seen"] = call.state.get("seen", 0) + 1
        call.write(f"web {call.state['seen']}\ndb {call.state['seen']}\n")
        call.wait_revision()

    def signalled(self, call, signal):
        return 130

    def serve(self, call, port, request):
        return WebReply(error="refused")


def start(script, place=None, shell="sh", **options):
    place = place or FakePlace()
    processes = ShellProcesses()
    argv = [shell, "-c", script] if isinstance(script, str) else script
    return processes, place, processes.start(place, argv, **options)


def output(processes, process):
    return b"".join(data for _, data in processes.drain(process)).decode()


def test_a_sleep_costs_nothing_and_ends_at_its_moment():
    processes, place, process = start("echo a; sleep 3600; echo b")
    processes.step(place, process)
    assert output(processes, process) == "a\n" and process["wake"] == place.now() + 3600
    place.clock.move_to(process["wake"])
    processes.step(place, process)
    assert output(processes, process) == "b\n" and process["exit"] == 0


def test_the_healthy_file_of_the_probe_example_comes_and_goes():
    processes, place, process = start("touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600")
    processes.step(place, process)
    assert place.files.exists("/tmp/healthy")
    place.clock.move_to(place.now() + 30)
    processes.step(place, process)
    assert not place.files.exists("/tmp/healthy") and process["wake"] == place.now() + 600


SCRIPTS = [
    "for i in 1 2 3; do sleep 5; echo $i; done",
    "x=$(sleep 5; echo in; sleep 5); echo got $x",
    "(sleep 3; echo a) | while read l; do sleep 2; echo $l; done; echo end",
    "f() { local v=1; sleep 4; echo v=$v; return 3; }; f; echo $?",
    "sleep 10 & sleep 2; wait; echo done",
    "trap 'echo bye' EXIT; case $(sleep 1; echo b) in b) sleep 1; echo B;; esac",
    "{ echo one; sleep 9; echo two; } > /tmp/out; cat /tmp/out",
    "timeout 3 sleep 10; echo $?; seq 3 | xargs -n1 sh -c 'sleep 1; echo x$0'",
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_another_worker_goes_on_in_the_middle(script):
    expected = run(script)
    place = FakePlace()
    process = ShellProcesses().start(place, ["bash", "-c", script])
    out = {1: b"", 2: b""}
    for _ in range(200):
        process = json.loads(json.dumps(process))
        worker = ShellProcesses()  # nothing is kept in memory from one step to the next
        worker.step(place, process)
        for fd, data in worker.drain(process):
            out[fd] += data
        if process["exit"] is not None:
            break
        place.clock.move_to(max(process["wake"], place.now()))
    assert (out[1].decode(), out[2].decode(), process["exit"]) == expected


def test_an_endless_loop_yields_and_counts_as_work():
    processes, place, process = start("while true; do :; done")
    for _ in range(12):
        processes.step(place, process)
        assert process["exit"] is None and process["wake"] > place.now()
        place.clock.move_to(process["wake"])
    assert process["cpu"] > 10 and process["wake"] - place.now() <= 5.0


def test_a_long_computation_still_ends():
    assert run("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo $i")[0] == "20000\n"


def test_output_of_a_blocked_program_flows_through_a_pipe_as_it_comes():
    place = FakePlace()
    place.programs["watcher"] = Watcher()
    processes, place, process = start("watcher | grep web", place)
    processes.step(place, process)
    assert output(processes, process) == "web 1\n" and process["waits"] == "revision"
    processes.step(place, process)
    assert output(processes, process) == "web 2\n"


def test_a_writer_without_readers_ends():
    assert run("yes | head -2; echo ${PIPESTATUS[0]}") == ("y\ny\n141\n", "", 0)


def test_process_one_ignores_term_without_a_trap_but_not_kill():
    processes, place, process = start("sleep 100")
    processes.step(place, process)
    processes.signal(place, process, "TERM")
    assert process["exit"] is None
    processes.signal(place, process, "KILL")
    assert process["exit"] == 137


def test_a_trap_runs_after_the_foreground_command_and_at_once_while_waiting():
    processes, place, process = start("trap 'echo bye; exit 7' TERM; while :; do sleep 1; done")
    processes.step(place, process)
    processes.signal(place, process, "TERM")
    assert settle(processes, place, process) == ("bye\n", "", 7)
    processes, place, process = start("trap 'echo bye; exit 0' TERM; sleep 999 & wait")
    processes.step(place, process)
    processes.signal(place, process, "TERM")
    processes.step(place, process)
    assert process["exit"] == 0 and output(processes, process) == "bye\n"


def test_a_program_of_the_image_answers_signals_and_requests():
    place = FakePlace()
    place.programs["nginx"] = Server()
    processes, place, process = start("exec nginx", place)
    processes.step(place, process)
    assert processes.serve(place, process, 80, None).body == b"served"
    assert processes.serve(place, process, 81, None).error == "refused"
    processes.signal(place, process, "TERM")
    assert process["exit"] == 0 and output(processes, process) == "bye\n"


@pytest.mark.parametrize(
    ("argv", "code", "error"),
    [
        (["nope"], 127, 'exec: "nope": executable file not found in $PATH'),
        (["/nope"], 127, "stat /nope: no such file or directory"),
        (["/etc/passwd"], 126, "stat /etc/passwd: permission denied"),
    ],
)
def test_what_cannot_be_started_ends_with_the_runtimes_code(argv, code, error):
    processes, place, process = start(argv)
    processes.step(place, process)
    assert process["exit"] == code and process["start_error"] == error


def test_a_script_file_runs_by_its_first_line():
    place = FakePlace()
    place.files.write("/run.sh", b'#!/bin/sh\necho "$0 $1"; exit 4\n', mode=0o755)
    assert run(["/run.sh", "x"], place=place) == ("/run.sh x\n", "", 4)
    place.files.chmod("/run.sh", 0o644)
    assert run("/run.sh", place=place)[1:] == ("bash: line 1: /run.sh: Permission denied\n", 126)


def test_a_shell_reads_commands_from_standard_input():
    assert run(["sh"], stdin="echo a\nread x\nline\necho $x\n") == ("a\nline\n", "", 0)
    assert run(["sh"]) == ("", "", 0)


def test_input_reaches_a_program_when_it_is_fed():
    processes, place, process = start(["cat"], stdin_open=True)
    processes.step(place, process)
    assert process["waits"] == "input"
    processes.feed(process, b"hi\n")
    processes.step(place, process)
    processes.feed(process, b"", end=True)
    processes.step(place, process)
    assert output(processes, process) == "hi\n" and process["exit"] == 0


@pytest.mark.parametrize(
    "script",
    ["while :; do x=$x$x-; done", "x=$(yes)", "printf '%99999999999s' x", "echo {1..999999999}", "f() { f; }; f"],
)
def test_no_script_can_take_the_workers_memory_or_stack(script):
    assert run(script)[2] in (0, 1, 2, 137)


# -- with a terminal -----------------------------------------------------------------------------------


def terminal(place=None):
    processes, place, process = start(["bash"], place or FakePlace(), tty=True, pid=100)
    processes.step(place, process)
    return processes, place, process


def typed(processes, place, process, keys):
    processes.feed(process, keys.encode())
    processes.step(place, process)
    return output(processes, process)


def test_an_interactive_shell_prompts_and_runs_lines():
    processes, place, process = terminal()
    assert output(processes, process) == "root@box:/# "
    assert typed(processes, place, process, "cd /tmp\r").endswith("root@box:/tmp# ")
    assert "hi\r\n" in typed(processes, place, process, "echo hi\r")


def test_the_terminal_is_asked_for_by_standard_input_wherever_the_answer_goes():
    processes, place, process = terminal()
    assert "24 80!\r\n" in typed(processes, place, process, "echo $(stty size)!\r")
    assert "/dev/pts/0\r\n" in typed(processes, place, process, "tty | cat\r")
    assert "not a tty" in typed(processes, place, process, "echo x | tty\r")


def test_control_c_ends_the_foreground_program_and_leaves_the_shell():
    processes, place, process = terminal()
    typed(processes, place, process, "sleep 1000\r")
    assert typed(processes, place, process, "\x03").startswith("^C\r\nroot@box:/# ")
    assert "130" in typed(processes, place, process, "echo $?\r")


def test_an_unfinished_command_asks_for_more():
    processes, place, process = terminal()
    assert typed(processes, place, process, "for i in 1 2\r").endswith("> ")
    assert "1\r\n2\r\n" in typed(processes, place, process, "do echo $i; done\r")
    assert typed(processes, place, process, "cat <<E\r").endswith("> ")
    assert "body\r\n" in typed(processes, place, process, "body\rE\r")


def test_a_program_reads_lines_with_echo_until_control_d():
    processes, place, process = terminal()
    typed(processes, place, process, "cat\r")
    assert typed(processes, place, process, "ab\x7fc\r") == "ab\b \bc\r\nac\r\n"
    assert typed(processes, place, process, "\x04").endswith("root@box:/# ")


def test_what_is_typed_ahead_is_run_afterwards():
    processes, place, process = terminal()
    typed(processes, place, process, "sleep 5\r")
    typed(processes, place, process, "echo later\r")
    place.clock.move_to(process["wake"])
    processes.step(place, process)
    assert "later\r\n" in output(processes, process)


def test_background_jobs_are_told_of():
    processes, place, process = terminal()
    assert "[1] " in typed(processes, place, process, "sleep 5 &\r")
    place.clock.move_to(place.now() + 5)
    processes.step(place, process)
    assert "[1]+  Done                    sleep 5" in typed(processes, place, process, "\r")


def test_control_d_at_the_prompt_leaves():
    processes, place, process = terminal()
    typed(processes, place, process, "false\r")
    assert typed(processes, place, process, "\x04").endswith("exit\r\n") and process["exit"] == 1


def test_an_editor_asks_the_page_and_waits_for_its_answer():
    place = FakePlace("terminal", "full")
    processes, place, process = terminal(place)
    assert typed(processes, place, process, "vi notes.txt\r").endswith("\x1b]7717;edit;/notes.txt\x07")
    assert process["raw"]
    assert typed(processes, place, process, "\x1b]7717;done\x07").endswith("# ") and not process["raw"]


def test_lines_pasted_at_once_run_one_after_the_other():
    processes, place, process = terminal()
    shown = typed(processes, place, process, "echo a\recho b\rcat <<E\rtext\rE\recho c\r")
    assert [shown.count(f"\r\n{word}\r\n") for word in ("a", "b", "text", "c")] == [1, 1, 1, 1]


@pytest.mark.parametrize("script", ["sleep infinity", "timeout 0 sleep infinity", "nc -l 80"])
def test_what_waits_for_ever_is_no_event_to_jump_to(script):
    processes, place, process = start(script, FakePlace(userland="full"))
    processes.step(place, process)
    assert process["exit"] is None and process["wake"] is None


def test_nc_answers_one_request_with_what_it_is_given():
    from cluster.workloads.process import WebRequest

    script = "printf 'HTTP/1.1 200 OK\\r\\nX: y\\r\\n\\r\\nhello' | nc -l -p 80"
    processes, place, process = start(script, FakePlace(userland="busybox"))
    processes.step(place, process)
    reply = processes.serve(place, process, 80, WebRequest("GET", "http://pod/path"))
    assert (reply.status, reply.headers, reply.body) == (200, (("X", "y"),), b"hello")
    processes.step(place, process)
    assert process["exit"] == 0 and "GET /path HTTP/1.1" in output(processes, process)
