"""Which patch apply works out."""

from __future__ import annotations

from cluster.kinds import schema
from cluster.kubectl import threeway

DEPLOYMENT = schema.of_kind("apps", "v1", "Deployment")


def deployment(*containers: dict[str, object], **spec: object) -> dict[str, object]:
    return {"spec": {**spec, "template": {"spec": {"containers": list(containers)}}}}


def test_nothing_changed_needs_no_patch() -> None:
    one = deployment({"name": "a", "image": "x"}, replicas=1)
    assert threeway.strategic_patch(one, one, one, DEPLOYMENT) == {}


def test_what_others_added_is_left_alone() -> None:
    given = deployment({"name": "a", "image": "x"})
    live = deployment({"name": "a", "image": "x", "imagePullPolicy": "Always"}, {"name": "side", "image": "y"})
    assert threeway.strategic_patch(given, given, live, DEPLOYMENT) == {}


def test_an_item_of_a_keyed_list_is_patched_by_its_key() -> None:
    before, after = deployment({"name": "a", "image": "x"}), deployment({"name": "a", "image": "z"})
    patch = threeway.strategic_patch(before, after, before, DEPLOYMENT)
    assert patch["spec"]["template"]["spec"] == {
        "$setElementOrder/containers": [{"name": "a"}], "containers": [{"image": "z", "name": "a"}]}


def test_what_apply_gave_and_no_longer_gives_is_taken_away() -> None:
    before = deployment({"name": "a", "image": "x"}, {"name": "b", "image": "y"}, paused=True)
    after = deployment({"name": "a", "image": "x"})
    patch = threeway.strategic_patch(before, after, before, DEPLOYMENT)
    assert patch["spec"]["paused"] is None
    assert patch["spec"]["template"]["spec"]["containers"] == [{"$patch": "delete", "name": "b"}]


def test_custom_kinds_merge_by_json_merge_patch() -> None:
    assert threeway.merge_patch({"a": 1, "b": {"c": 1}}, {"b": {"d": 2}}, {"a": 1, "b": {"c": 1, "x": 1}}) == {
        "b": {"d": 2, "c": None}, "a": None}


def test_true_is_not_one() -> None:
    assert not threeway.same(True, 1)
