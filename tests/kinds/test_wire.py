"""What decoding and encoding again does to a manifest."""

from __future__ import annotations

from typing import Any

from cluster.kinds import wire
from tests.kinds.builders import container, pod


def normalised(obj: dict[str, Any]) -> dict[str, Any]:
    return wire.normalise("", "v1", obj["kind"], obj)


def test_quantities_get_their_canonical_spelling() -> None:
    obj = normalised(pod("p", container(resources={"limits": {"cpu": "0.5", "memory": "1024Mi", "a.b/c": 1}})))
    assert obj["spec"]["containers"][0]["resources"]["limits"] == {"cpu": "500m", "memory": "1Gi", "a.b/c": "1"}


def test_nulls_and_empty_lists_and_maps_vanish() -> None:
    obj = normalised(pod("p", nodeSelector={}, tolerations=[], affinity=None))
    assert set(obj["spec"]) == {"containers"}


def test_empty_structs_stay() -> None:
    obj = normalised(pod("p", securityContext={}, volumes=[{"name": "v", "emptyDir": {}}]))
    assert obj["spec"]["securityContext"] == {}
    assert obj["spec"]["volumes"] == [{"name": "v", "emptyDir": {}}]


def test_zeros_that_go_cannot_tell_from_nothing_vanish() -> None:
    obj = normalised(pod("p", container(env=[{"name": "A", "value": ""}], tty=False), hostNetwork=False))
    assert obj["spec"] == {"containers": [{"name": "c", "image": "nginx:1.27", "env": [{"name": "A"}]}]}


def test_zeros_behind_pointers_stay() -> None:
    obj = normalised(pod("p", terminationGracePeriodSeconds=0, automountServiceAccountToken=False))
    assert obj["spec"]["terminationGracePeriodSeconds"] == 0
    assert obj["spec"]["automountServiceAccountToken"] is False


def test_custom_kinds_are_left_alone() -> None:
    widget = {"kind": "Widget", "spec": {"empty": {}, "none": None}}
    assert wire.normalise("example.com", "v1", "Widget", dict(widget)) == widget
