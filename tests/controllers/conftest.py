"""One lab per test, with the controllers and the scheduler at work."""

from __future__ import annotations

import pytest

from tests.harness import Lab


@pytest.fixture
def lab() -> Lab:
    """Return a lab of three nodes, at rest."""
    lab = Lab().with_nodes(3).with_controllers().with_scheduler()
    lab.settle()
    return lab
