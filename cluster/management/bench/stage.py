"""What measurements share: one server process on the benchmark's own data folder, and one lab in it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from cluster.management.bench.link import Link
from cluster.management.bench.process import LabServer
from cluster.models import Lab
from cluster.persistence import labs


class Stage:
    def __init__(self, data: Path):
        self.data = data
        self._server: LabServer | None = None

    @property
    def server(self) -> LabServer:
        """Return the running server, started when it is first needed."""
        if self._server is None:
            self._server = LabServer(self.data)
            self._server.start()
        return self._server

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    @cached_property
    def lab(self) -> Lab:
        return self.new_lab("bench")

    def new_lab(self, name: str, *, nodes: int = 3) -> Lab:
        return labs.create(labs.local_visitor(), name, nodes=nodes, seed=1, instant=True)

    def drop(self, name: str) -> None:
        labs.delete(labs.find(name))

    def link(self, lab: Lab | None = None) -> Link:
        return Link(self.server.api, lab or self.lab)
