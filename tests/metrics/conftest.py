from __future__ import annotations

import pytest

from tests.network.conftest import NetLab


@pytest.fixture
def net() -> NetLab:
    return NetLab()
