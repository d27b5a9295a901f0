from __future__ import annotations

from typing import Any

from cluster.machinery.conditions import of
from cluster.machinery.meta import annotations_of, name
from tests.harness import Lab, workload


def deploy(lab: Lab, replicas: int = 3, **spec: Any) -> None:
    lab.kubectl.create("deployments.apps", workload("Deployment", "web", replicas, **spec))
    lab.settle()
    lab.make_all_ready()
    lab.settle()


def set_image(lab: Lab, image: str) -> None:
    template = {"spec": {"containers": [{"name": "c", "image": image}]}}
    lab.kubectl.patch("deployments.apps", "web", {"spec": {"template": template}}, "default")
    lab.settle()


def status(lab: Lab) -> dict[str, Any]:
    found = lab.get("deployments.apps", "web")
    assert found is not None
    return dict(found["status"])


def go_on(lab: Lab, rounds: int = 8) -> None:
    for _ in range(rounds):
        lab.finish_deletions()
        lab.make_all_ready()
        lab.settle()


def test_a_deployment_comes_up_and_says_so(lab: Lab) -> None:
    deploy(lab)
    assert status(lab)["readyReplicas"] == 3
    found = lab.get("deployments.apps", "web") or {}
    [replica_set] = lab.names("replicasets.apps")
    progressing = of(found, "Progressing") or {}
    assert progressing["message"] == f'ReplicaSet "{replica_set}" has successfully progressed.'
    assert annotations_of(found)["deployment.kubernetes.io/revision"] == "1"
    assert f"Scaled up replica set {replica_set} from 0 to 3" in lab.messages()
    assert not lab.failures()


def test_a_paused_deployment_creates_no_new_replicaset(lab: Lab) -> None:
    deploy(lab)
    lab.kubectl.patch("deployments.apps", "web", {"spec": {"paused": True}}, "default")
    set_image(lab, "nginx:1.28")
    assert len(lab.names("replicasets.apps")) == 1
    lab.kubectl.patch("deployments.apps", "web", {"spec": {"paused": False}}, "default")
    lab.settle()
    assert len(lab.names("replicasets.apps")) == 2


def test_a_rollout_never_falls_below_what_must_be_available(lab: Lab) -> None:
    deploy(lab, 4, strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}})
    before = lab.store.revision
    set_image(lab, "nginx:1.28")
    go_on(lab)
    for revision in lab.store.since(before, "deployments.apps"):
        assert revision.object["status"].get("availableReplicas", 0) >= 3
        assert revision.object["status"].get("replicas", 0) <= 5
    assert status(lab)["updatedReplicas"] == 4
    assert {pod["spec"]["containers"][0]["image"] for pod in lab.store.list("pods", "default")} == {"nginx:1.28"}


def test_going_back_takes_up_the_old_replicaset_with_a_new_revision(lab: Lab) -> None:
    deploy(lab)
    [first] = lab.names("replicasets.apps")
    set_image(lab, "nginx:1.28")
    go_on(lab)
    set_image(lab, "nginx:1.27")
    go_on(lab)
    again = lab.get("replicasets.apps", first) or {}
    assert again["spec"]["replicas"] == 3
    assert annotations_of(again)["deployment.kubernetes.io/revision"] == "3"
    assert annotations_of(again)["deployment.kubernetes.io/revision-history"] == "1"


def test_recreate_starts_nothing_while_old_pods_run(lab: Lab) -> None:
    deploy(lab, 2, strategy={"type": "Recreate"})
    set_image(lab, "nginx:1.28")
    assert all("deletionTimestamp" in pod["metadata"] for pod in lab.store.list("pods", "default"))
    assert len(lab.names("replicasets.apps")) == 1
    go_on(lab, 2)
    assert status(lab)["updatedReplicas"] == 2


def test_a_rollout_that_stands_still_exceeds_its_deadline(lab: Lab) -> None:
    deploy(lab, 2, progressDeadlineSeconds=30)
    set_image(lab, "nginx:broken")
    lab.run(40)
    condition = of(lab.get("deployments.apps", "web") or {}, "Progressing") or {}
    assert (condition["status"], condition["reason"]) == ("False", "ProgressDeadlineExceeded")


def test_scaling_in_the_middle_of_a_rollout_is_spread_over_both_replicasets(lab: Lab) -> None:
    deploy(lab, 10, strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 3, "maxUnavailable": 2}})
    set_image(lab, "nginx:broken")
    lab.finish_deletions()
    lab.settle()
    lab.kubectl.patch("deployments.apps", "web", {"spec": {"replicas": 15}}, "default")
    lab.settle()
    sizes = sorted(each["spec"]["replicas"] for each in lab.store.list("replicasets.apps", "default"))
    assert sizes == [7, 11]


def test_old_replicasets_beyond_the_history_limit_go(lab: Lab) -> None:
    deploy(lab, 1, revisionHistoryLimit=1)
    for version in ("1.28", "1.29", "1.30"):
        set_image(lab, f"nginx:{version}")
        go_on(lab, 3)
    assert len(lab.names("replicasets.apps")) == 2


def test_deleting_in_the_foreground_takes_pods_then_replicaset_then_deployment(lab: Lab) -> None:
    deploy(lab, 2)
    before = lab.store.revision
    lab.kubectl.delete("deployments.apps", "web", "default", {"propagationPolicy": "Foreground"})
    go_on(lab, 3)
    gone = [each.resource for each in lab.store.since(before) if each.verb == "DELETED" and each.resource != "events"]
    assert gone == ["pods", "pods", "replicasets.apps", "deployments.apps"]


def test_orphaning_leaves_the_replicaset_without_an_owner(lab: Lab) -> None:
    deploy(lab, 2)
    lab.kubectl.delete("deployments.apps", "web", "default", {"propagationPolicy": "Orphan"})
    lab.settle()
    [left] = lab.store.list("replicasets.apps", "default")
    assert "ownerReferences" not in left["metadata"] and len(lab.names("pods")) == 2
    assert lab.get("deployments.apps", "web") is None and name(left)


def test_controllers_work_side_by_side_so_an_old_set_grows_before_it_shrinks(lab: Lab) -> None:
    deploy(lab)
    [old] = lab.names("replicasets.apps")
    template = {"spec": {"containers": [{"name": "c", "image": "nginx:1.28"}]}}
    lab.kubectl.patch("deployments.apps", "web", {"spec": {"replicas": 5, "template": template}}, "default")
    lab.settle()
    assert sum(message.startswith(f"Created pod: {old}-") for message in lab.messages("SuccessfulCreate")) == 5
