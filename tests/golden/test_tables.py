"""Tables over HTTP: columns as the real server declares them, and rows for the same objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cluster.honesty.known import tables
from tests.golden.replay import Cluster, body_of, plain
from tests.golden.shared import GOLDEN, files, needs_shared, read

pytestmark = needs_shared

TABLE = ("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
WORDED = {one.recording for one in tables()}  # the descriptions of their columns differ, and must go on differing
LISTS = files(GOLDEN / "tables" / "list")


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    own = Cluster()
    assert own.create(GOLDEN / "objects" / "examples.yaml") == []
    assert own.create(GOLDEN / "objects" / "example-cr.yaml") == []
    return own


def url(stem: str) -> str:
    version, _, plural = stem.rpartition("_")
    group, _, version = version.rpartition("_")
    return f"/apis/{group}/{version}/{plural}" if group else f"/api/{version}/{plural}"


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_a_list_is_served_as_a_table(path: Path, cluster: Cluster) -> None:
    answer = cluster.ask("GET", url(path.stem), None, [TABLE])
    wanted, found = read(path), body_of(answer)
    assert answer.code == 200
    assert list(found) == list(wanted)
    mine, real = found["columnDefinitions"], wanted["columnDefinitions"]
    assert (mine != real) == (path.stem in WORDED)
    assert undescribed(mine) == undescribed(real)


def undescribed(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in each.items() if key != "description"} for each in columns]


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_what_a_client_set_is_owned_by_it_as_in_the_real_server(path: Path, cluster: Cluster) -> None:
    rows = {row["cells"][0]: row for row in body_of(cluster.ask("GET", url(path.stem), None, [TABLE]))["rows"]}
    for real in read(path)["rows"]:
        mine = rows.get(real["cells"][0])
        if mine is not None and "managedFields" in (real["object"] or {}).get("metadata", {}):
            assert _created(mine) == _created(real), real["cells"][0]


def _created(row: dict) -> list:
    entries = plain(row["object"]["metadata"]).get("managedFields") or []
    return [entry["fieldsV1"] for entry in entries if entry["manager"] == "kubectl-create"]
