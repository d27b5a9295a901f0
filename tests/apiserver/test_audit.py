"""The audit log: what a policy wants told of each request, as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from cluster.apiserver.audit.book import AuditBook, files
from cluster.apiserver.audit.policy import read
from cluster.apiserver.client import Client
from cluster.apiserver.launch import Launch
from cluster.apiserver.request import ADMIN, Request, User
from cluster.apiserver.server import ApiServer
from cluster.machinery.clock import ManualClock
from cluster.machinery.errors import StatusError
from cluster.store.state import MemoryState
from tests.apiserver.conftest import EVE, Ask, pod

PATH = "/var/log/kubernetes/audit.log"
Event = dict[str, Any]


class Lines:
    """A sink that keeps the events it is given."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def write(self, lines: Sequence[str], launch: Launch) -> None:
        self.events += [json.loads(line) for line in lines]


@pytest.fixture
def lines(client: Client) -> Lines:
    found = client.server.audit_sink = Lines()
    return found


def start(server: ApiServer, rules: str, *, head: str = "", argv: Sequence[str] = ()) -> None:
    policy = f"apiVersion: audit.k8s.io/v1\nkind: Policy\n{head}\nrules:\n{rules}\n"
    flags = ["--authorization-mode=RBAC", f"--audit-log-path={PATH}", "--audit-policy-file=/etc/kubernetes/audit.yaml"]
    server.start(Launch.of({"argv": [*flags, *argv], "files": {"/etc/kubernetes/audit.yaml": policy}}))


def test_a_request_is_told_when_it_comes_and_when_it_is_answered(client: Client, lines: Lines, ask: Ask) -> None:
    start(client.server, "- level: Metadata")
    ask("POST", "/api/v1/namespaces/default/configmaps", {"metadata": {"name": "a"}}, user_agent="curl/8")
    received, complete = lines.events
    assert (received["stage"], complete["stage"]) == ("RequestReceived", "ResponseComplete")
    assert received["auditID"] == complete["auditID"] and "responseStatus" not in received
    assert complete["requestURI"] == "/api/v1/namespaces/default/configmaps" and complete["verb"] == "create"
    assert complete["user"] == {"username": "kubernetes-admin", "groups": ["system:masters", "system:authenticated"]}
    assert complete["objectRef"]["name"] == "a" and complete["objectRef"]["resource"] == "configmaps"
    assert complete["responseStatus"] == {"metadata": {}, "code": 201} and complete["userAgent"] == "curl/8"
    assert "requestObject" not in complete
    assert complete["annotations"] == {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": ""}


def test_the_level_says_whether_bodies_are_told(client: Client, lines: Lines) -> None:
    start(client.server, "- {level: Request, verbs: [create]}\n- {level: RequestResponse, verbs: [get]}")
    client.create("configmaps", {"metadata": {"name": "a"}, "data": {"k": "v"}}, "default")
    client.get("configmaps", "a", "default")
    created, read_back = [event for event in lines.events if event["stage"] == "ResponseComplete"]
    assert created["requestObject"]["data"] == {"k": "v"} and "responseObject" not in created
    assert read_back["responseObject"]["data"] == {"k": "v"} and "requestObject" not in read_back


def test_a_denial_says_who_forbade_it_and_why(client: Client, lines: Lines, ask: Ask) -> None:
    start(client.server, "- level: Metadata", head="omitStages: [RequestReceived]")
    ask("GET", "/api/v1/namespaces/default/secrets/key", token="eve")
    (event,) = lines.events
    assert event["responseStatus"]["code"] == 403 and event["responseStatus"]["reason"] == "Forbidden"
    assert event["annotations"]["authorization.k8s.io/decision"] == "forbid"


def test_an_allowed_request_names_the_binding(client: Client, lines: Lines) -> None:
    start(client.server, "- level: Metadata")
    somebody = User("eve", ("system:authenticated",))
    client.as_user(somebody).create(
        "selfsubjectaccessreviews.authorization.k8s.io",
        {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}},
    )
    assert lines.events[-1]["annotations"]["authorization.k8s.io/reason"] == (
        'RBAC: allowed by ClusterRoleBinding "system:basic-user" of ClusterRole "system:basic-user" to '
        'Group "system:authenticated"'
    )


def test_who_really_asks_is_told_beside_whom_they_played(client: Client, lines: Lines) -> None:
    start(client.server, "- {level: Metadata, users: [kubernetes-admin]}")
    with pytest.raises(StatusError):
        client.server.handle(Request("list", EVE, resource="pods", impersonator=ADMIN))
    event = lines.events[-1]
    assert event["user"]["username"] == "kubernetes-admin" and event["impersonatedUser"]["username"] == "eve"


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{level: Metadata, users: [eve]}", False),
        ("{level: Metadata, userGroups: [system:masters]}", True),
        ("{level: Metadata, verbs: [list]}", False),
        ("{level: Metadata, namespaces: [kube-system]}", False),
        ("{level: Metadata, namespaces: [default]}", True),
        ("{level: Metadata, resources: [{group: '', resources: [pods]}]}", False),
        ("{level: Metadata, resources: [{group: '', resources: [configmaps]}]}", True),
        ("{level: Metadata, resources: [{group: apps}]}", False),
        ("{level: Metadata, resources: [{group: '', resources: [configmaps], resourceNames: [other]}]}", False),
        ("{level: Metadata, nonResourceURLs: ['*']}", False),
        ("{level: None, verbs: [get]}\n- {level: Metadata}", False),
    ],
)
def test_the_first_rule_about_a_request_decides(client: Client, lines: Lines, rule: str, told: bool) -> None:
    client.create("configmaps", {"metadata": {"name": "a"}}, "default")
    start(client.server, f"- {rule}")
    client.get("configmaps", "a", "default")
    assert bool(lines.events) is told


def test_a_subresource_is_told_by_its_own_name_only(client: Client, lines: Lines) -> None:
    client.create("pods", pod("web"), "default")
    start(client.server, "- {level: Metadata, resources: [{group: '', resources: ['pods/status']}]}")
    client.get("pods", "web", "default")
    assert not lines.events
    client.get("pods", "web", "default", subresource="status")
    assert lines.events[-1]["objectRef"]["subresource"] == "status"


def test_paths_that_are_no_resources_are_told(client: Client, lines: Lines, ask: Ask) -> None:
    start(client.server, "- {level: Metadata, nonResourceURLs: ['/version*']}")
    ask("GET", "/version")
    ask("GET", "/healthz")
    assert [event["requestURI"] for event in lines.events] == ["/version", "/version"]


def test_a_watch_is_told_when_it_begins_to_answer(client: Client, lines: Lines, ask: Ask) -> None:
    start(client.server, "- level: Metadata")
    ask("GET", "/api/v1/pods?watch=true")
    assert [event["stage"] for event in lines.events][:2] == ["RequestReceived", "ResponseStarted"]


def test_managed_fields_can_be_left_out(client: Client, lines: Lines) -> None:
    start(client.server, "- level: RequestResponse", head="omitManagedFields: true")
    client.create("configmaps", {"metadata": {"name": "a"}}, "default")
    assert "managedFields" not in lines.events[-1]["responseObject"]["metadata"]


def test_without_flags_nobody_is_told(client: Client, lines: Lines) -> None:
    client.server.start(Launch.of({"argv": ["--authorization-mode=RBAC"]}))
    assert client.server.witnesses == []


def test_a_restart_without_the_flags_ends_the_log(client: Client, lines: Lines) -> None:
    start(client.server, "- level: Metadata")
    client.server.start(Launch())
    client.list("pods", "default")
    assert not lines.events


@pytest.mark.parametrize("text", ["", "kind: Pod", "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []"])
def test_a_file_that_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"policy|rules"):
        read(text)


def test_the_legacy_format_is_one_line_of_words(client: Client) -> None:
    book = AuditBook(state := MemoryState(), client.server.clock)
    client.server.audit_sink = book
    start(client.server, "- level: Metadata", argv=["--audit-log-format=legacy"])
    with pytest.raises(StatusError):
        client.as_user(EVE).list("pods", "default")
    last = files(state)[PATH]["text"].splitlines()[-1]
    assert 'stage="ResponseComplete"' in last and 'user="eve"' in last and 'response="403"' in last
    assert r'groups="\"system:authenticated\"" as="<self>" asgroups="<lookup>"' in last


def test_appending_rewrites_one_small_chunk_and_a_full_file_is_rotated() -> None:
    state, clock = MemoryState(), ManualClock(0)
    book = AuditBook(state, clock)
    argv = [f"--audit-log-path={PATH}", "--audit-log-maxsize=1", "--audit-log-maxbackup=1"]
    launch = Launch.of({"argv": argv})
    for number in range(300):
        clock.move_to(float(number))
        book.write([str(number) + "x" * 10_000], launch)
    found = files(state)
    assert len(found) == 2 and PATH in found
    assert found[PATH]["text"].splitlines()[-1].startswith("299x")
    assert all(len(state.get(key)["lines"]) <= 4 for key in state.keys("audit/") if key != "audit/files")
