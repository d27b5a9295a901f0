"""The flags of kube-apiserver: those in force, and those accepted without effect."""

from __future__ import annotations

from collections.abc import Iterator

from cluster.honesty.lines import Line, Text
from cluster.workloads.apiserverflags import KINDS, OBEYED

_IDLE: Text = {
    "en": "Absent: accepted and checked as the real program does; it changes nothing in a lab.",
    "zh-hans": "缺失：像真实程序一样接受并检查，但在实验中不起作用。",
}


def flags() -> Iterator[Line]:
    for name, kind in sorted(KINDS.items()):
        if name in OBEYED:
            yield Line(f"--{name}", "real", (), (kind, OBEYED[name]))
        else:
            yield Line(f"--{name}", "absent", (_IDLE,), (kind,))
