"""Where the recordings of a real cluster lie: beside the repository, or where KUBARIUM_SHARED says."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("KUBARIUM_SHARED") or ROOT.parent / "shared")
GOLDEN = SHARED / "golden"
MANIFESTS = SHARED / "manifests"

needs_shared = pytest.mark.skipif(not GOLDEN.is_dir(), reason="the recordings of a real cluster are not here")


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def files(folder: Path, pattern: str = "*.json") -> list[Path]:
    """Return the recordings of a folder, none when it is not there."""
    return sorted(folder.glob(pattern)) if folder.is_dir() else []
