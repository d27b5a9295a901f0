"""The event recorder counts the same event up and combines many similar ones."""

from __future__ import annotations

from typing import Any

from cluster.apiserver.client import Client
from cluster.apiserver.events import EventLog
from tests.apiserver.conftest import pod


def events(client: Client) -> list[dict[str, Any]]:
    return list(client.list("events", "default")["items"])


def test_the_same_event_again_is_counted(client: Client) -> None:
    log = EventLog(client, client.server.clock, "kubelet", "worker-1")
    about = client.create("pods", pod("web"), "default")
    log.record(about, "Normal", "Pulled", "Image is there")
    client.server.clock.move_to(client.server.clock.now() + 10)  # type: ignore[attr-defined]
    log.record(about, "Normal", "Pulled", "Image is there")
    (event,) = events(client)
    assert event["count"] == 2
    assert (event["firstTimestamp"], event["lastTimestamp"]) == ("2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z")
    assert event["source"] == {"component": "kubelet", "host": "worker-1"}
    assert event["involvedObject"]["name"] == "web" and event["metadata"]["name"].startswith("web.")


def test_two_events_of_one_moment_have_two_names(client: Client) -> None:
    log = EventLog(client, client.server.clock, "job-controller")
    about = client.create("pods", pod("web"), "default")
    log.record(about, "Normal", "One", "1")
    log.record(about, "Normal", "Two", "2")
    assert len({event["metadata"]["name"] for event in events(client)}) == 2


def test_many_similar_events_become_one(client: Client) -> None:
    log = EventLog(client, client.server.clock, "kubelet")
    about = client.create("pods", pod("web"), "default")
    for number in range(14):
        log.record(about, "Warning", "BackOff", f"try {number}")
    combined = [event for event in events(client) if event["message"].startswith("(combined from similar events): ")]
    assert len(events(client)) == 11 and [event["count"] for event in combined] == [4]
