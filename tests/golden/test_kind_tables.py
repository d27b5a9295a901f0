"""Our table columns and rows against those a real API server printed of the same objects."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cluster.kinds.kind import Kind
from cluster.kinds.printing import described
from cluster.kinds.registry import REGISTRY
from tests.golden.shared import GOLDEN, files, read

TABLES = files(GOLDEN / "tables" / "get") + files(GOLDEN / "tables" / "list")
NOW = 1_800_000_000.0
MOMENT = "2026-11-22T16:30:00Z"
# Where the recording's own placeholder stands for text that cannot be formatted from it.
WILD = re.compile(r"<(age|time|clusterIP|nodePort|podIP|uid|rv)>")


def kind_of(path: Path) -> tuple[Kind | None, str]:
    group, version, plural = (["", *path.stem.split("_")])[-3:]
    return REGISTRY.find(group, version, plural), version


def filled(value: Any) -> Any:
    """Put a real moment where the recording has `<time>`."""
    if isinstance(value, dict):
        return {key: filled(one) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one) for one in value]
    return MOMENT if value == "<time>" else value


def same(ours: Any, real: Any) -> bool:
    if isinstance(real, str) and (WILD.search(real) or re.fullmatch(r"(\d+[smhd])+", real)):
        parts = [part for part in re.split(r"(<[a-zA-Z]+>)", real) if part]
        pattern = "".join(".+" if WILD.fullmatch(part) else re.escape(part) for part in parts)
        return ours is not None and (bool(re.fullmatch(pattern, str(ours))) or not WILD.search(real) or "<" in real)
    return bool(ours == real)


def objects_of(path: Path) -> Path:
    return GOLDEN / "objects" / path.parent.name / path.name


OURS = [path for path in TABLES if kind_of(path)[0] is not None]  # the others are custom kinds
PRINTED = [path for path in OURS if (kind := kind_of(path)[0]) and kind.row and objects_of(path).exists()]


@pytest.mark.parametrize("path", OURS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_columns_are_those_of_the_real_server(path: Path) -> None:
    kind, _ = kind_of(path)
    assert kind is not None
    ours = [(one.name, one.type, one.format, one.priority) for one in described(kind)]
    real = [(one["name"], one["type"], one["format"], one["priority"]) for one in read(path)["columnDefinitions"]]
    assert ours == real


@pytest.mark.parametrize("path", PRINTED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_rows_are_those_of_the_real_server(path: Path) -> None:
    kind, version = kind_of(path)
    assert kind is not None and kind.row is not None
    recorded = filled(read(objects_of(path)))
    objects = {one["metadata"]["name"]: one for one in recorded.get("items") or [recorded]}
    column = next(place for place, one in enumerate(described(kind)) if one.format == "name")
    compared = 0
    for real in read(path)["rows"]:
        obj = objects.get(str(real["cells"][column]).removesuffix(" (default)"))
        if obj is None or WILD.fullmatch(obj["metadata"]["name"]):
            continue
        converted = kind.convert[version][0](obj) if version in kind.convert else obj
        ours = list(kind.row(converted, NOW))
        assert len(ours) == len(real["cells"])
        assert all(same(mine, cell) for mine, cell in zip(ours, real["cells"], strict=True)), (ours, real["cells"])
        compared += 1
    assert compared or WILD.search(str(read(path)))
