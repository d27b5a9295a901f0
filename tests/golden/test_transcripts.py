"""Recorded kubectl sessions, replayed line by line in the learner's terminal of a simulated cluster.

Both sides go through the recordings' own `normalise`. `ALLOWED` names how many steps of a session may still
differ; it may only shrink. Help pages (811) are worded anew on purpose: there only the exit code is compared.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.golden.recorded_lab import RecordedLab
from tests.golden.shared import GOLDEN, files, needs_shared

TRANSCRIPTS = files(GOLDEN / "transcripts", "*.yaml")
OWN_WORDS = ("811-help",)
HOME = "/home/learner"
ALLOWED: dict[str, int] = {
    "101-get-pods-outputs": 2,  # lastProbeTime of pod conditions
    "110-get-all-namespaces-kinds": 2,  # config maps of the control plane's own
    "201-describe-workloads": 1,  # kube-root-ca.crt's certificate
    "202-describe-controllers": 1,  # hash of a controller revision
    "203-describe-networking": 2,  # the trigger time of Endpoints and slices
    "204-describe-config-and-storage": 1,  # event counted up twice
    "206-describe-node-namespace": 3,  # the stand-in's machine ids
    "301-explain": 8,  # enums the published schemas leave out
    "503-server-side-apply": 2,  # last-applied after server-side apply
    "506-patch": 1,  # the order of a map's keys in an error
    "605-rollout": 1,  # help in our own words
    "711-auth": 3,  # the credential id of a client certificate
    "801-api-discovery": 2,  # the server's address, help
    "803-config": 2,  # help in our own words
    "807-events-top-deprecations": 2,  # event order; a client-side dry run asks the server and is warned
    "901-tasks-core": 1,  # observedGeneration of pod conditions
    "915-tasks-crd": 1,  # kubectl's stale discovery after a CRD is gone
}


@cache
def normalise() -> Callable[[str], str]:
    spec = importlib.util.spec_from_file_location("normalise", GOLDEN / "normalise.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[str], str] = module.normalise
    return found


def replay(path: Path) -> list[str]:
    """Return what differed, one text per step."""
    session = yaml.safe_load(path.read_text())
    lab = RecordedLab()
    lab.write_files(session.get("files") or {})
    for step in session.get("setup") or ():
        lab.run(step["command"])
        lab.settle()
    differences = []
    for step in session["steps"]:
        difference = _step(lab, step, path.stem in OWN_WORDS)
        if difference:
            differences.append(difference)
        lab.settle()
    return differences


def _step(lab: RecordedLab, step: dict[str, Any], only_code: bool) -> str:
    line = step["command"]
    if step.get("stdin"):
        lab.write_files({".stdin": step["stdin"]})
        line = f"{line} < ~/.stdin"
    try:
        outcome = lab.run(line, step.get("timeout", 60.0))
    except Exception as bug:
        return f"$ {line}\n{bug!r}"
    clean = normalise()
    got = (outcome.code, clean(outcome.stdout), clean(outcome.stderr))
    want = (step["rc"], *(clean(step.get(stream, "").replace("<workdir>", HOME)) for stream in ("stdout", "stderr")))
    same = got[0] == want[0] if only_code else got == want
    return "" if same else f"$ {line}\nwanted {want}\ngot    {got}"


@needs_shared
@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_recorded_session_replays(path: Path) -> None:
    differences = replay(path)
    assert len(differences) <= ALLOWED.get(path.stem, 0), "\n\n".join(differences)
