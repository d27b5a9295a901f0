"""Watches: what is told, to whom, and when history is gone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cluster.apiserver.client import Client
from cluster.apiserver.watch import Watch
from tests.apiserver.conftest import Ask

MAPS = "/api/v1/namespaces/default/configmaps"


def events(watch: Watch) -> list[tuple[str, str]]:
    found = [json.loads(line) for line in watch.poll()]
    return [(event["type"], event["object"]["metadata"].get("name", "")) for event in found]


def create(client: Client, name: str, **labels: str) -> Any:
    return client.create("configmaps", {"metadata": {"name": name, "labels": labels}}, "default")


def test_without_a_revision_it_begins_with_what_is_there(client: Client, ask: Ask) -> None:
    create(client, "a")
    watch = ask("GET", f"{MAPS}?watch=1")
    assert events(watch) == [("ADDED", "a")]
    create(client, "b")
    assert events(watch) == [("ADDED", "b")] and events(watch) == []


def test_objects_move_in_and_out_of_a_selector(client: Client, ask: Ask) -> None:
    create(client, "a", app="web")
    watch = ask("GET", f"{MAPS}?watch=1&labelSelector=app%3Dweb")
    watch.poll()
    client.patch("configmaps", "a", {"metadata": {"labels": {"app": "api"}}}, "default")
    assert events(watch) == [("DELETED", "a")]
    client.patch("configmaps", "a", {"metadata": {"labels": {"app": "web"}}}, "default")
    client.patch("configmaps", "a", {"data": {"k": "v"}}, "default")
    assert events(watch) == [("ADDED", "a"), ("MODIFIED", "a")]


def test_initial_events_end_with_a_marked_bookmark(client: Client, ask: Ask) -> None:
    create(client, "a")
    options = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    lines = [json.loads(line) for line in ask("GET", f"{MAPS}?watch=1&{options}").poll()]
    assert [line["type"] for line in lines] == ["ADDED", "BOOKMARK"]
    assert lines[1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


def test_initial_events_without_their_match_are_refused(ask: Ask) -> None:
    assert ask("GET", f"{MAPS}?watch=1&sendInitialEvents=true").code == 422


def test_a_compacted_revision_ends_the_watch_with_410(client: Client, ask: Ask) -> None:
    create(client, "a")
    store = client.server.store
    store.drain()  # type: ignore[attr-defined]
    store.compact(store.revision)
    watch = ask("GET", f"{MAPS}?watch=1&resourceVersion=1")
    (line,) = [json.loads(line) for line in watch.poll()]
    assert (line["type"], line["object"]["code"], watch.closed) == ("ERROR", 410, True)


def test_a_table_watch_sends_rows(client: Client, ask: Ask) -> None:
    watch = ask("GET", f"{MAPS}?watch=1", accept="application/json;as=Table;v=v1;g=meta.k8s.io")
    create(client, "a")
    (line,) = [json.loads(line) for line in watch.poll()]
    assert line["object"]["kind"] == "Table" and line["object"]["rows"][0]["cells"][0] == "a"


def test_other_namespaces_are_not_told(client: Client, ask: Ask) -> None:
    watch = ask("GET", f"{MAPS}?watch=1")
    client.create("configmaps", {"metadata": {"name": "far"}}, "kube-system")
    assert events(watch) == []


def test_the_columns_of_a_table_are_told_once(client: Client, ask: Ask) -> None:
    watch = ask("GET", f"{MAPS}?watch=1", accept="application/json;as=Table;v=v1;g=meta.k8s.io")
    create(client, "a")
    create(client, "b")
    first, second = [json.loads(line)["object"] for line in watch.poll()]
    assert [column["name"] for column in first["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert second["columnDefinitions"] is None


def test_without_initial_events_it_begins_now(client: Client, ask: Ask) -> None:
    create(client, "a")
    watch = ask("GET", f"{MAPS}?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan")
    assert events(watch) == []
    create(client, "b")
    assert events(watch) == [("ADDED", "b")]


def test_initial_events_of_a_revision_not_yet_known_are_to_be_asked_for_again(ask: Ask) -> None:
    options = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=999999"
    (line,) = [json.loads(line) for line in ask("GET", f"{MAPS}?watch=1&{options}").poll()]
    assert (line["type"], line["object"]["code"]) == ("ERROR", 504)
    assert line["object"]["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"


def test_a_watch_of_one_name_tells_of_that_one_only(client: Client, ask: Ask) -> None:
    watch = ask("GET", f"{MAPS}/a?watch=1")
    create(client, "a")
    create(client, "b")
    assert events(watch) == [("ADDED", "a")]


@pytest.mark.parametrize("path", [MAPS, f"{MAPS}/kube-root-ca.crt"])
def test_a_read_of_a_revision_not_yet_known_is_to_be_asked_for_again(ask: Ask, client: Client, path: str) -> None:
    create(client, "kube-root-ca.crt")
    answer = ask("GET", f"{path}?resourceVersion=999999")
    assert answer.code == 504 and ("Retry-After", "1") in answer.headers
    assert json.loads(answer.body)["message"].startswith("Timeout: Too large resource version: 999999, current: ")
    assert ask("GET", f"{path}?resourceVersion=1").code == 200


@pytest.mark.parametrize("version", ["x", "-1", "\u00b2", "1" * 30])
def test_a_resource_version_is_a_number(ask: Ask, version: str) -> None:
    for query in ("", "watch=1&"):
        assert ask("GET", f"{MAPS}?{query}resourceVersion={version}").code == 400


def test_a_list_sends_no_initial_events(ask: Ask) -> None:
    assert ask("GET", f"{MAPS}?sendInitialEvents=true").code == 422
