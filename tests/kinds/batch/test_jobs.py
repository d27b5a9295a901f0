"""Jobs and CronJobs."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.kinds.builders import change_problems, container, problems, stored


def job(**spec: Any) -> dict[str, Any]:
    template = {"spec": {"restartPolicy": "Never", "containers": [container()]}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "sum", "namespace": "default"},
        "spec": {"template": template, **spec},
    }


def cron_job(schedule: str = "* * * * *", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "nightly", "namespace": "default"},
        "spec": {"schedule": schedule, "jobTemplate": {"spec": job()["spec"]}, **spec},
    }


def test_a_job_names_its_pods_by_its_uid() -> None:
    made = stored(job())
    uid = made["metadata"]["uid"]
    assert made["spec"]["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
    assert made["spec"]["template"]["metadata"]["labels"]["job-name"] == "sum"
    assert problems(job()) == []


def test_parallelism_alone_leaves_completions_open() -> None:
    spec = stored(job(parallelism=3))["spec"]
    assert "completions" not in spec


def test_completions_never_change() -> None:
    old = stored(job(completions=2))
    new = copy.deepcopy(old)
    new["spec"]["completions"] = 3
    assert change_problems(new, old) == ["spec.completions: Invalid value: 3: field is immutable"]


def test_a_cron_job_gets_its_limits() -> None:
    spec = stored(cron_job())["spec"]
    assert (spec["concurrencyPolicy"], spec["suspend"]) == ("Allow", False)
    assert (spec["successfulJobsHistoryLimit"], spec["failedJobsHistoryLimit"]) == (3, 1)


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (
            cron_job("61 * * * *"),
            'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61',
        ),
        (cron_job(timeZone="Nowhere/At"), 'spec.timeZone: Invalid value: "Nowhere/At": unknown time zone Nowhere/At'),
    ],
)
def test_a_cron_job_is_refused(made: dict[str, Any], problem: str) -> None:
    assert problems(made) == [problem]
