"""The OpenAPI documents hold what clients look for in the real ones: kinds, fields, and PATCH with fieldValidation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.golden.replay import Cluster, body_of
from tests.golden.shared import GOLDEN, needs_shared, read

pytestmark = needs_shared


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return Cluster()


def without_defaults(value: Any) -> Any:
    """The published package carries no defaults."""
    if isinstance(value, dict):
        return {key: without_defaults(item) for key, item in value.items() if key != "default"}
    return [without_defaults(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", ["api_v1", "apis_apps_v1"])
def test_every_kind_is_described_with_the_real_fields(name: str, cluster: Cluster) -> None:
    found = body_of(cluster.ask("GET", "/openapi/v3/" + name.replace("_", "/")))
    wanted = read(GOLDEN / "openapi-v3" / f"{name}.json")["components"]["schemas"]
    for definition, schema in wanted.items():
        if "x-kubernetes-group-version-kind" in schema and definition in found["components"]["schemas"]:
            mine = found["components"]["schemas"][definition]
            assert set(mine.get("properties", {})) == set(schema.get("properties", {})), definition
            assert mine["x-kubernetes-group-version-kind"] == schema["x-kubernetes-group-version-kind"]


@pytest.mark.parametrize("name", ["api_v1", "apis_apps_v1"])
def test_patch_operations_say_that_they_validate_fields(name: str, cluster: Cluster) -> None:
    found = body_of(cluster.ask("GET", "/openapi/v3/" + name.replace("_", "/")))["paths"]
    wanted = read(GOLDEN / "openapi-v3" / f"{name}.json")["paths"]
    for path, item in wanted.items():
        if "patch" in item and item["patch"].get("x-kubernetes-action") == "patch":
            mine, real = found[path]["patch"], item["patch"]
            word = "x-kubernetes-group-version-kind"
            assert mine[word] == real[word], path
            assert [one["name"] for one in mine["parameters"]] == [one["name"] for one in real["parameters"]], path


def test_v2_has_the_real_resource_paths(cluster: Cluster) -> None:
    found = body_of(cluster.ask("GET", "/openapi/v2"))
    wanted = read(GOLDEN / "openapi-v2.json")
    kept = {path for path in wanted["paths"] if "/watch/" not in path and path.count("/") > 3}
    missing = {path for path in kept - set(found["paths"]) if "/proxy" not in path and not path.endswith("/")}
    assert {path for path in missing if path.startswith(("/api/v1/n", "/api/v1/p", "/apis/"))} == set()
