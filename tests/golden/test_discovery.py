"""Discovery, health and version as the real API server writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.golden.replay import Cluster, body_of
from tests.golden.shared import GOLDEN, files, needs_shared, read

pytestmark = needs_shared

LEGACY = GOLDEN / "discovery" / "legacy"
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
PATHS = {"root": "/", "openid-configuration": "/.well-known/openid-configuration"}
# The signing key, the commit of the build and addresses are another cluster's.
OTHERS = {"jwks", "version", "openid-configuration", "api"}


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return Cluster()


@pytest.mark.parametrize(
    "path", [path for path in files(LEGACY) if path.stem not in OTHERS], ids=lambda path: path.stem
)
def test_legacy_discovery(path: Path, cluster: Cluster) -> None:
    url = PATHS.get(path.stem) or "/" + path.stem.replace("_", "/")
    assert body_of(cluster.ask("GET", url)) == read(path)


def test_versions_of_the_core_group(cluster: Cluster) -> None:
    answer, wanted = body_of(cluster.ask("GET", "/api")), read(LEGACY / "api.json")
    assert {**answer, "serverAddressByClientCIDRs": 0} == {**wanted, "serverAddressByClientCIDRs": 0}


def test_version(cluster: Cluster) -> None:
    answer, wanted = body_of(cluster.ask("GET", "/version")), read(LEGACY / "version.json")
    assert {**answer, "gitCommit": ""} == {**wanted, "gitCommit": ""}


@pytest.mark.parametrize("name", ["api", "apis"])
def test_aggregated_discovery(name: str, cluster: Cluster) -> None:
    answer = cluster.ask("GET", f"/{name}", None, [("Accept", f"{AGGREGATED},application/json")])
    assert body_of(answer) == read(GOLDEN / "discovery" / "aggregated" / f"{name}.json")


def test_the_old_aggregated_form_alone_is_not_acceptable(cluster: Cluster) -> None:
    accept = AGGREGATED.replace("v=v2", "v=v2beta1")
    assert cluster.ask("GET", "/apis", None, [("Accept", accept)]).code == 406
    assert cluster.ask("GET", "/apis", None, [("Accept", f"{accept},application/json")]).code == 200


@pytest.mark.parametrize("name", ["healthz", "livez", "readyz"])
def test_health(name: str, cluster: Cluster) -> None:
    answer = cluster.ask("GET", f"/{name}?verbose")
    assert answer.body.decode() == (GOLDEN / "health" / f"{name}.txt").read_text()


@pytest.fixture(scope="module")
def with_custom(cluster: Cluster) -> Any:
    own = Cluster()
    own.create(GOLDEN / "objects" / "examples.yaml")
    own.create(GOLDEN / "objects" / "example-cr.yaml")
    return own


def test_a_custom_kind_appears_in_discovery(with_custom: Cluster) -> None:
    folder = GOLDEN / "discovery" / "with-crd"
    assert body_of(with_custom.ask("GET", "/apis/stable.example.com")) == read(folder / "apis_stable.example.com.json")
    assert body_of(with_custom.ask("GET", "/apis/stable.example.com/v1")) == read(
        folder / "apis_stable.example.com_v1.json"
    )
    whole = body_of(with_custom.ask("GET", "/apis", None, [("Accept", AGGREGATED)]))
    whole["items"] = [item for item in whole["items"] if item["metadata"]["name"] == "stable.example.com"]
    assert whole == read(folder / "aggregated-apis-only-that-group.json")
