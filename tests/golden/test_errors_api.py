"""Each recorded request is answered as the real API server answered it: code, Status, Warnings."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cluster.apiserver.watch import Watch
from cluster.apiserver.wireforms import HttpResponse
from tests.golden.replay import Cluster, body_of, plain
from tests.golden.shared import GOLDEN, files, needs_shared, read

pytestmark = needs_shared

# What this lab does otherwise, and why.
DIFFERENT = {}
CASES = [path for path in files(GOLDEN / "errors") if path.stem not in DIFFERENT]


@pytest.fixture(scope="module")
def clusters() -> dict[bool, Cluster]:
    """The two fixtures the recordings stand on, by whether a case's name begins with `err-`."""
    strict, demo = Cluster(), Cluster()
    assert strict.create(GOLDEN / "errors" / "fixtures.yaml") == []
    assert demo.create(GOLDEN / "objects" / "examples.yaml") == []
    for cluster in (strict, demo):
        cluster.lab.store.drain()
        cluster.lab.store.compact(cluster.lab.store.revision)
    return {True: strict, False: demo}


def raw(body: Any) -> bytes | None:
    if body is None:
        return None
    text = body if isinstance(body, str) else json.dumps(body)
    return re.sub(r"@repeat:(.):(\d+)", lambda match: match[1] * int(match[2]), text).encode()


def choice_free(value: Any) -> Any:
    """Return an answer without what a cluster chose by itself: revision numbers and the node of a pod."""
    text = re.sub(r"\(\d+\)", "(<rv>)", json.dumps(value))
    return json.loads(re.sub(r'(\\n- \\"NodeName\\": \\")worker-\d+', r"\1<node>", text))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_request_is_answered_as_by_the_real_server(path: Path, clusters: dict[bool, Cluster]) -> None:
    case = read(path)
    asked, wanted = case["request"], case["response"]
    cluster = clusters[path.stem.startswith("err-")]
    headers = list((asked.get("headers") or {}).items())
    answer = cluster.ask(asked["method"], asked["path"], raw(asked.get("body")), headers)
    if isinstance(answer, Watch):
        answer = HttpResponse(200, [], answer.poll()[0])
    assert isinstance(answer, HttpResponse)
    assert answer.code == wanted["code"]
    assert choice_free(plain(body_of(answer))) == choice_free(plain(wanted["body"]))
    warnings = [value for name, value in answer.headers if name == "Warning"]
    assert warnings == [value for name, value in (wanted.get("headers") or {}).items() if name == "Warning"]
