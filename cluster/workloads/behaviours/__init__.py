"""The registry of programs that images carry: executable name → what it does.

Shell commands (`ls`, `sleep`, `curl` …) are the shell's; here are the servers and tools of the images.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cluster.workloads.behaviours import control_plane, nginx, plain
from cluster.workloads.process import Program

PROGRAMS: Mapping[str, Program] = MappingProxyType(
    {
        "nginx": nginx.Nginx(),
        "pause": plain.Pause(),
        "plain": plain.Plain(),
        **{program.name: program for program in control_plane.PROGRAMS},
    }
)
