"""Which fields of a pod may change."""

from __future__ import annotations

import copy

from tests.kinds.builders import change_problems, container, pod, stored

TOLERATION = {"key": "a", "operator": "Exists", "effect": "NoExecute"}


def test_the_image_may_change() -> None:
    old = stored(pod())
    new = copy.deepcopy(old)
    new["spec"]["containers"][0]["image"] = "nginx:1.28"
    assert change_problems(new, old) == []


def test_tolerations_may_be_added_and_not_taken() -> None:
    old = stored(pod("web", tolerations=[TOLERATION]))
    more, fewer = copy.deepcopy(old), copy.deepcopy(old)
    more["spec"]["tolerations"].append({"key": "b", "operator": "Exists"})
    fewer["spec"]["tolerations"] = []
    assert change_problems(more, old) == []
    assert change_problems(fewer, old) == [
        "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"
    ]


def test_another_field_is_shown_as_a_difference() -> None:
    old = stored(pod())
    new = copy.deepcopy(old)
    new["spec"]["restartPolicy"] = "Never"
    (problem,) = change_problems(new, old)
    assert problem.startswith("spec: Forbidden: pod updates may not change fields other than")
    assert '- "RestartPolicy": "Always",\n+ "RestartPolicy": "Never",' in problem


def test_containers_may_not_come_or_go() -> None:
    old = stored(pod())
    new = stored(pod("web", container(), container("second")))
    assert change_problems(new, old) == ["spec.containers: Forbidden: pod updates may not add or remove containers"]


def test_an_image_taken_away_is_missed_twice() -> None:
    old = stored(pod())
    new = copy.deepcopy(old)
    new["spec"]["containers"][0]["image"] = ""
    assert change_problems(new, old) == ["spec.containers[0].image: Required value"] * 2


def test_a_gated_pod_gains_node_selectors_but_no_gates() -> None:
    old = stored(pod(schedulingGates=[{"name": "example.com/wait"}], nodeSelector={"a": "1"}))
    more, other, gate = (copy.deepcopy(old) for _ in range(3))
    more["spec"]["nodeSelector"]["b"] = "2"
    other["spec"]["nodeSelector"] = {"b": "2"}
    gate["spec"]["schedulingGates"].append({"name": "example.com/more"})
    assert change_problems(more, old) == []
    assert change_problems(other, old) == [
        'spec.nodeSelector: Invalid value: {"b":"2"}: '
        "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
    ]
    assert change_problems(gate, old) == [
        "spec.schedulingGates[1].name: Forbidden: "
        "only deletion is allowed, but found new scheduling gate 'example.com/more'"
    ]
