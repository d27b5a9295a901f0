"""The row of `kubectl get pods`."""

from __future__ import annotations

from typing import Any

import pytest

from cluster.kinds.core.podtable import row
from tests.kinds.builders import container, pod

NOW = 1_767_229_200.0  # 2026-01-01T01:00:00Z
HOUR_AGO = "2026-01-01T00:00:00Z"
TWO_MINUTES_AGO = "2026-01-01T00:58:00Z"


def cells(status: dict[str, Any], **fields: Any) -> list[Any]:
    made = pod("web", container("a"), container("b"), **fields.pop("spec", {}))
    made["metadata"]["creationTimestamp"] = HOUR_AGO
    made["metadata"].update(fields)
    return list(row({**made, "status": status}, NOW))


def state(**fields: Any) -> dict[str, Any]:
    return {"name": "a", "ready": False, "restartCount": 0, **fields}


RUNNING = state(ready=True, state={"running": {}})


def test_a_running_pod_counts_its_ready_containers() -> None:
    assert cells({"phase": "Running", "containerStatuses": [RUNNING, state(state={"running": {}})]})[:5] == [
        *("web", "1/2", "Running", "0", "60m"),
    ]


def test_restarts_tell_how_long_ago_the_last_one_was() -> None:
    crashed = state(
        restartCount=3,
        state={"waiting": {"reason": "CrashLoopBackOff"}},
        lastState={"terminated": {"finishedAt": TWO_MINUTES_AGO}},
    )
    assert cells({"phase": "Running", "containerStatuses": [crashed]})[2:4] == ["CrashLoopBackOff", "3 (2m ago)"]


@pytest.mark.parametrize(
    ("terminated", "word"),
    [({"reason": "Error"}, "Error"), ({"exitCode": 3}, "ExitCode:3"), ({"signal": 9, "exitCode": 137}, "Signal:9")],
)
def test_an_ended_container_says_how(terminated: dict[str, Any], word: str) -> None:
    assert cells({"phase": "Failed", "containerStatuses": [state(state={"terminated": terminated})]})[2] == word


def test_init_containers_count_up() -> None:
    spec = {"initContainers": [container("i"), container("j")]}
    waiting = [state(state={"terminated": {"exitCode": 0}}), state(state={"running": {}})]
    assert cells({"phase": "Pending", "initContainerStatuses": waiting}, spec=spec)[2] == "Init:1/2"


def test_a_deleted_pod_is_terminating() -> None:
    found = cells({"phase": "Running", "containerStatuses": [RUNNING]}, deletionTimestamp=TWO_MINUTES_AGO)
    assert found[2] == "Terminating"
