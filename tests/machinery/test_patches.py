"""JSON patch, merge patch and strategic merge patch."""

from __future__ import annotations

from typing import Any

import pytest

from cluster.apiserver.lookup import of_kind
from cluster.kinds.registry import REGISTRY
from cluster.machinery.patch import jsonpatch, merge, strategic


def test_a_merge_patch_removes_by_null_and_replaces_lists() -> None:
    document = {"a": 1, "b": {"c": 2, "d": 3}, "l": [1]}
    assert merge.apply(document, {"a": None, "b": {"c": 4}, "l": [2]}) == {"b": {"c": 4, "d": 3}, "l": [2]}
    assert document["a"] == 1


def test_json_patch_operations() -> None:
    operations = [
        {"op": "test", "path": "/a", "value": 1},
        {"op": "replace", "path": "/a", "value": 2},
        {"op": "add", "path": "/l/-", "value": 3},
        {"op": "add", "path": "/l/0", "value": 0},
        {"op": "copy", "from": "/a", "path": "/b"},
        {"op": "move", "from": "/b", "path": "/c~1d"},
        {"op": "remove", "path": "/l/1"},
    ]
    assert jsonpatch.apply({"a": 1, "l": [1]}, operations) == {"a": 2, "l": [0, 3], "c/d": 2}


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ({"op": "test", "path": "/a", "value": 2}, "testing value /a failed: test failed"),
        ({"op": "replace", "path": "/x", "value": 2}, "replace operation does not apply: doc is missing key: /x"),
        ({"op": "remove", "path": "/x"}, "remove operation does not apply"),
    ],
)
def test_a_json_patch_that_does_not_fit_is_refused(operation: dict[str, Any], message: str) -> None:
    with pytest.raises(jsonpatch.PatchError, match=message):
        jsonpatch.apply({"a": 1}, [operation])


def pod(*containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "p"}, "spec": {"containers": list(containers), **spec}}


def apply(document: dict[str, Any], patch: dict[str, Any]) -> Any:
    kind = REGISTRY.by_resource("", "pods")
    assert kind is not None
    return strategic.apply(document, patch, of_kind(kind, "v1"))


def test_containers_merge_by_name_and_new_ones_come_first() -> None:
    patched = apply(pod({"name": "a", "image": "x"}), pod({"name": "b", "image": "y"}))
    assert [one["name"] for one in patched["spec"]["containers"]] == ["b", "a"]
    patched = apply(pod({"name": "a", "image": "x", "tty": True}), pod({"name": "a", "image": "z"}))
    assert patched["spec"]["containers"] == [{"name": "a", "image": "z", "tty": True}]


def test_the_order_directive_orders_lists() -> None:
    patch = {"spec": {"$setElementOrder/containers": [{"name": "a"}, {"name": "b"}], "containers": [{"name": "b"}]}}
    patched = apply(pod({"name": "a"}), patch)
    assert [one["name"] for one in patched["spec"]["containers"]] == ["a", "b"]


def test_an_item_is_deleted_by_directive() -> None:
    patched = apply(pod({"name": "a"}, {"name": "b"}), pod({"name": "a", "$patch": "delete"}))
    assert patched["spec"]["containers"] == [{"name": "b"}]


def test_a_list_is_replaced_by_directive() -> None:
    patched = apply(pod({"name": "a"}), pod({"$patch": "replace"}, {"name": "c"}))
    assert patched["spec"]["containers"] == [{"name": "c"}]


def test_tolerations_have_no_merge_key_and_are_replaced() -> None:
    patched = apply(pod(tolerations=[{"key": "a"}]), {"spec": {"tolerations": [{"key": "b"}]}})
    assert patched["spec"]["tolerations"] == [{"key": "b"}]


def test_primitive_lists_merge_and_lose_items_by_directive() -> None:
    document = {"metadata": {"name": "p", "finalizers": ["a", "b"]}}
    patch = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}}
    assert apply(document, patch)["metadata"]["finalizers"] == ["b"]
    assert apply(document, {"metadata": {"finalizers": ["c"]}})["metadata"]["finalizers"] == ["c", "a", "b"]


def test_retain_keys_drops_the_others() -> None:
    volume = {"name": "v", "emptyDir": {}}
    change = {"name": "v", "$retainKeys": ["name", "hostPath"], "hostPath": {"path": "/x"}}
    patched = apply(pod(volumes=[volume]), {"spec": {"volumes": [change]}})
    assert patched["spec"]["volumes"] == [{"name": "v", "hostPath": {"path": "/x"}}]


def test_a_missing_merge_key_is_an_error() -> None:
    with pytest.raises(strategic.StrategicPatchError, match="does not contain declared merge key: name"):
        apply(pod({"name": "a"}), pod({"image": "x"}))
