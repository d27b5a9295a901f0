"""The registry is complete, frozen, and can be extended without touching the original."""

from __future__ import annotations

import pytest

from cluster.kinds import schema
from cluster.kinds.kind import Kind
from cluster.kinds.registry import REGISTRY

STORED = [kind for kind in REGISTRY if kind.stored]
WIDGET = Kind(group="example.com", version="v1", kind="Widget", plural="widgets", namespaced=True)


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: kind.resource)
def test_every_stored_kind_has_columns_a_row_and_a_schema(kind: Kind) -> None:
    assert kind.columns and kind.row is not None
    assert schema.of_kind(kind.group, kind.version, kind.kind)


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: kind.resource)
def test_every_row_survives_an_object_with_nothing_but_a_name(kind: Kind) -> None:
    assert kind.row is not None
    cells = kind.row({"metadata": {"name": "x"}, "template": {"metadata": {}}}, 0.0)
    assert len(cells) >= len(kind.columns)


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: kind.resource)
def test_defaulting_twice_changes_nothing(kind: Kind) -> None:
    once = {"metadata": {"name": "x"}}
    kind.default(once)
    twice = {"metadata": {"name": "x"}}
    kind.default(twice)
    kind.default(twice)
    assert once == twice


def test_kinds_are_found_by_resource_kind_and_version() -> None:
    deployment = REGISTRY.by_resource("apps", "deployments")
    assert deployment is REGISTRY.by_kind("apps", "Deployment") is REGISTRY.find("apps", "v1", "deployments")
    assert REGISTRY.find("apps", "v1beta1", "deployments") is None
    assert REGISTRY.find("autoscaling", "v1", "horizontalpodautoscalers") is not None


def test_both_event_kinds_share_one_storage() -> None:
    core, newer = REGISTRY.by_kind("", "Event"), REGISTRY.by_kind("events.k8s.io", "Event")
    assert core is not None and newer is not None
    assert core.key == newer.key
    assert REGISTRY.by_key("events") is core


def test_the_core_group_comes_first_and_every_resource_once() -> None:
    assert REGISTRY.groups[0] == ""
    resources = [kind.resource for kind in REGISTRY]
    assert len(resources) == len(set(resources))


def test_a_lab_adds_custom_kinds_without_changing_the_others() -> None:
    extended = REGISTRY.with_kinds([WIDGET])
    assert extended.by_kind("example.com", "Widget") is WIDGET
    assert REGISTRY.by_kind("example.com", "Widget") is None
