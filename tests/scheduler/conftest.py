"""A lab with the scheduler alone."""

from __future__ import annotations

import pytest

from tests.harness import Lab


@pytest.fixture
def lab() -> Lab:
    """Return a lab of three nodes with 4 cpu each and nothing but the scheduler."""
    return Lab().with_account().with_nodes(3).with_scheduler()
