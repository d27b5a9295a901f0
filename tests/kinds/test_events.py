"""Both Event APIs show the same stored object."""

from __future__ import annotations

from cluster.kinds.events.event import from_stored, to_stored
from tests.kinds.builders import kind

CORE = {
    "kind": "Event",
    "apiVersion": "v1",
    "metadata": {"name": "e", "namespace": "default"},
    "involvedObject": {"kind": "Pod", "name": "web", "namespace": "default"},
    "reason": "Pulled",
    "message": " Image pulled ",
    "source": {"component": "kubelet", "host": "worker-1"},
    "firstTimestamp": "2026-01-01T00:00:00Z",
    "lastTimestamp": "2026-01-01T00:10:00Z",
    "count": 3,
    "type": "Normal",
}
NOW = 1_767_229_200.0


def test_the_newer_api_has_names_of_its_own() -> None:
    newer = from_stored(CORE)
    assert newer["apiVersion"] == "events.k8s.io/v1"
    assert newer["regarding"] == CORE["involvedObject"]
    assert newer["note"] == CORE["message"]
    assert newer["deprecatedCount"] == 3


def test_the_way_back_is_the_stored_event() -> None:
    assert to_stored(from_stored(CORE)) == CORE
    assert kind("Event", "events.k8s.io").stored_api_version == "v1"


def test_the_row_counts_and_tells_who_saw_it() -> None:
    show = kind("Event").row
    assert show is not None
    assert list(show(CORE, NOW)) == [
        *("50m", "Normal", "Pulled", "pod/web", "", "kubelet, worker-1", "Image pulled", "60m", 3, "e"),
    ]
