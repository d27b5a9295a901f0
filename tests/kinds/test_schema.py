"""Questions to the published OpenAPI data."""

from __future__ import annotations

from cluster.kinds import schema


def pod() -> schema.Schema:
    found = schema.of_kind("", "v1", "Pod")
    assert found is not None
    return found


def test_lists_know_how_they_merge() -> None:
    containers = schema.at(pod(), "spec", "containers")
    assert containers is not None
    assert schema.merge_key(containers) == "name"
    assert schema.list_type(containers) == "map"
    assert schema.list_map_keys(containers) == ("name",)


def test_paths_lead_through_lists_and_maps() -> None:
    image = schema.at(pod(), "spec", "containers", "image")
    assert image is not None and schema.type_of(image) == "string"
    assert schema.at(pod(), "spec", "nothing") is None


def test_quantities_and_ports_are_recognised() -> None:
    limits = schema.at(pod(), "spec", "containers", "resources", "limits")
    assert limits is not None
    amount = schema.values(limits)
    assert amount is not None and schema.is_quantity(amount)
    port = schema.at(pod(), "spec", "containers", "livenessProbe", "httpGet", "port")
    assert port is not None and schema.is_int_or_string(port)


def test_descriptions_come_from_the_field_before_the_type() -> None:
    spec = schema.property_of(pod(), "spec")
    assert spec is not None and "desired behavior" in schema.description(spec)


def test_a_kind_nobody_publishes_has_no_schema() -> None:
    assert schema.of_kind("example.com", "v1", "Widget") is None
