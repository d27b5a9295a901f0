"""A small place for shell tests: files in memory, a clock moved by hand, scripted replies from the network."""

from __future__ import annotations

from cluster.machinery.clock import ManualClock
from cluster.shell.processes import ShellProcesses
from cluster.workloads.filesystem import FileTree
from cluster.workloads.process import Lookup, WebReply

BASE = {
    "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nlearner:x:1000:1000::/home/learner:/bin/bash\n",
    "/etc/hostname": "box\n",
    "/home/learner": {"dir": True},
    "/tmp": {"dir": True},
    "/root": {"dir": True},
    "/usr/bin": {"dir": True},
    "/dev/null": "",
}


class FakePlace:
    def __init__(self, kind="container", userland="debian", hostname="box", packages=()):
        self.kind = kind
        self.hostname = hostname
        self.clock = ManualClock(1_767_225_600.0)
        self.overlay = {}
        self.files = FileTree([BASE], self.overlay, now=self.clock.now)
        self.services = {"userland": userland, "packages": packages}
        self.programs = {}
        self.replies = {}
        self.names = {}
        self.requests = []
        self.env = {"HOME": "/root", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}

    def now(self):
        return self.clock.now()

    def environment(self):
        return self.env

    def program(self, name):
        return self.programs.get(name)

    def fetch(self, request):
        self.requests.append(request)
        return self.replies.get(request.url, WebReply(error="nxdomain"))

    def lookup(self, name, kind="A"):
        found = tuple((name, "A", address) for address in self.names.get(name, ()))
        return Lookup(name, kind, "10.96.0.10", found, "" if found else "NXDOMAIN")

    def processes(self):
        return ()

    def signal(self, pid, signal):
        return False

    def listen(self, port, program, state):
        pass


def settle(processes, place, process, until=1e15, limit=10_000):
    """Step a process through virtual time until it ends or waits for something from outside."""
    out = {1: b"", 2: b""}
    for _ in range(limit):
        processes.step(place, process)
        for fd, data in processes.drain(process):
            out[fd] += data
        wake = process["wake"]
        if process["exit"] is not None or wake is None or wake > until:
            break
        place.clock.move_to(max(wake, place.now()))
    return out[1].decode(), out[2].decode(), process["exit"]


def run(script, shell="bash", place=None, userland="debian", stdin=None, **options):
    """Return (stdout, stderr, exit code) of `shell -c script`."""
    place = place or FakePlace(userland=userland)
    processes = ShellProcesses()
    argv = [shell, "-c", script] if isinstance(script, str) else script
    process = processes.start(place, argv, stdin_open=stdin is not None, **options)
    if stdin is not None:
        processes.feed(process, stdin.encode(), end=True)
    return settle(processes, place, process)
