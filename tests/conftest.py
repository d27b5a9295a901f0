"""What the whole suite shares: a data folder of its own, so that no test touches a person's labs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_data_folder(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give tests that use the database a data folder of their own."""
    if {"db", "transactional_db"} & set(request.fixturenames):
        folder: Path = request.getfixturevalue("tmp_path")
        request.getfixturevalue("settings").DATA = folder
    yield
