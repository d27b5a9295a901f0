"""StatefulSets, DaemonSets, Jobs and CronJobs."""

from __future__ import annotations

from typing import Any

from cluster.machinery.meta import Object, labels, name
from tests.harness import Lab, container, workload


def job(**spec: Any) -> Object:
    template = {"spec": {"restartPolicy": "Never", "containers": [container()]}}
    metadata = {"name": "job", "namespace": "default"}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {"template": template, **spec}}


def end(lab: Lab, phase: str) -> None:
    for pod in list(lab.store.list("pods", "default")):
        if (pod.get("status") or {}).get("phase") in ("Pending", "Running"):
            lab.kubectl.update_status("pods", {**pod, "status": {**pod["status"], "phase": phase}})


def conditions(lab: Lab) -> dict[str, str]:
    found = (lab.get("jobs.batch", "job") or {}).get("status") or {}
    return {each["type"]: each["reason"] for each in found.get("conditions") or ()}


def test_a_statefulset_starts_one_pod_after_the_other(lab: Lab) -> None:
    lab.kubectl.create("statefulsets.apps", workload("StatefulSet", "db", 3, serviceName="db"))
    lab.settle()
    assert lab.names("pods") == ["db-0"]
    for expected in (["db-0", "db-1"], ["db-0", "db-1", "db-2"]):
        lab.make_all_ready()
        lab.settle()
        assert lab.names("pods") == expected


def test_a_partition_keeps_lower_ordinals_at_the_old_revision(lab: Lab) -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    made = workload("StatefulSet", "db", 2, serviceName="db", podManagementPolicy="Parallel", updateStrategy=strategy)
    lab.kubectl.create("statefulsets.apps", made)
    lab.settle()
    lab.make_all_ready()
    lab.settle()
    change = {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 7}}}}
    lab.kubectl.patch("statefulsets.apps", "db", change, "default")
    for _ in range(3):
        lab.settle()
        lab.finish_deletions()
        lab.make_all_ready()
    graces = [pod["spec"]["terminationGracePeriodSeconds"] for pod in lab.store.list("pods", "default")]
    assert graces == [30, 7]


def test_claims_are_made_for_every_ordinal_and_stay(lab: Lab) -> None:
    request = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claims = [{"metadata": {"name": "data"}, "spec": request}]
    made = workload("StatefulSet", "db", 1, serviceName="db", volumeClaimTemplates=claims)
    lab.kubectl.create("statefulsets.apps", made)
    lab.settle()
    assert lab.names("persistentvolumeclaims") == ["data-db-0"]
    lab.kubectl.patch("statefulsets.apps", "db", {"spec": {"replicas": 0}}, "default")
    lab.settle()
    assert lab.names("persistentvolumeclaims") == ["data-db-0"]


def test_a_daemonset_puts_one_pod_on_every_node_it_may_use(lab: Lab) -> None:
    lab.kubectl.create("daemonsets.apps", workload("DaemonSet", "agent"))
    lab.settle()
    nodes = sorted(pod["spec"]["nodeName"] for pod in lab.store.list("pods", "default"))
    assert nodes == ["worker-1", "worker-2", "worker-3"]


def test_a_daemonset_is_renewed_one_node_at_a_time(lab: Lab) -> None:
    lab.kubectl.create("daemonsets.apps", workload("DaemonSet", "agent"))
    lab.settle()
    lab.make_all_ready()
    lab.settle()
    change = {"spec": {"template": {"metadata": {"labels": {"v": "2"}}}}}
    lab.kubectl.patch("daemonsets.apps", "agent", change, "default")
    lab.settle()
    leaving = [pod for pod in lab.store.list("pods", "default") if "deletionTimestamp" in pod["metadata"]]
    assert len(leaving) == 1
    for _ in range(4):
        lab.finish_deletions()
        lab.settle()
        lab.make_all_ready()
        lab.settle()
    assert {labels(pod).get("v") for pod in lab.store.list("pods", "default")} == {"2"}


def test_a_job_counts_each_success_once_and_completes(lab: Lab) -> None:
    lab.kubectl.create("jobs.batch", job(completions=3, parallelism=2))
    lab.settle()
    assert len(lab.names("pods")) == 2
    for _ in range(3):
        end(lab, "Succeeded")
        lab.run(2)
    assert conditions(lab) == {"SuccessCriteriaMet": "CompletionsReached", "Complete": "CompletionsReached"}
    assert (lab.get("jobs.batch", "job") or {})["status"]["succeeded"] == 3
    assert all("finalizers" not in pod["metadata"] for pod in lab.store.list("pods", "default"))


def test_a_failing_job_waits_longer_each_time_and_gives_up(lab: Lab) -> None:
    lab.kubectl.create("jobs.batch", job(backoffLimit=1))
    lab.settle()
    end(lab, "Failed")
    lab.run(5)
    assert len(lab.names("pods")) == 1
    lab.run(8)
    assert len(lab.names("pods")) == 2
    end(lab, "Failed")
    lab.run(5)
    assert conditions(lab) == {"FailureTarget": "BackoffLimitExceeded", "Failed": "BackoffLimitExceeded"}


def test_an_indexed_job_runs_every_index(lab: Lab) -> None:
    lab.kubectl.create("jobs.batch", job(completions=3, parallelism=3, completionMode="Indexed"))
    lab.settle()
    assert [each.rsplit("-", 1)[0] for each in lab.names("pods")] == ["job-0", "job-1", "job-2"]
    end(lab, "Succeeded")
    lab.run(3)
    assert (lab.get("jobs.batch", "job") or {})["status"]["completedIndexes"] == "0-2"


def test_a_finished_job_goes_when_its_time_is_over(lab: Lab) -> None:
    lab.kubectl.create("jobs.batch", job(ttlSecondsAfterFinished=20))
    lab.settle()
    end(lab, "Succeeded")
    lab.run(3)
    assert lab.names("jobs.batch") == ["job"]
    lab.run(25)
    assert lab.names("jobs.batch") == []


def test_a_cronjob_starts_a_job_every_minute_and_keeps_the_last(lab: Lab) -> None:
    spec = {"schedule": "* * * * *", "successfulJobsHistoryLimit": 1, "jobTemplate": {"spec": job()["spec"]}}
    metadata = {"name": "tick", "namespace": "default"}
    made = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata, "spec": spec}
    lab.kubectl.create("cronjobs.batch", made)
    for _ in range(3):
        lab.run(61)
        end(lab, "Succeeded")
        lab.beat()
        lab.run(5)
    minutes = [int(each.rpartition("-")[2]) for each in lab.names("jobs.batch")]
    assert len(minutes) == 1
    assert lab.messages("SuccessfulCreate")[0] == f"Created job tick-{minutes[0] - 2}"


def test_a_suspended_job_stops_and_goes_on(lab: Lab) -> None:
    lab.kubectl.create("jobs.batch", job(suspend=True))
    lab.settle()
    assert lab.names("pods") == [] and conditions(lab) == {"Suspended": "JobSuspended"}
    lab.kubectl.patch("jobs.batch", "job", {"spec": {"suspend": False}}, "default")
    lab.settle()
    assert len(lab.names("pods")) == 1 and name(lab.store.list("pods", "default")[0]).startswith("job-")
