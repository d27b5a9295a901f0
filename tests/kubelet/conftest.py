from __future__ import annotations

import pytest

from tests.kubelet.node_lab import NodeLab, processes


@pytest.fixture
def lab() -> NodeLab:
    """One worker with real delays and a shell in its containers."""
    return NodeLab(processes=processes())


@pytest.fixture
def instant() -> NodeLab:
    """One worker on which nothing takes time."""
    return NodeLab(processes=processes(), instant=True)
