"""API priority and fairness: which flow a request belongs to, and who begins, waits or is refused."""

from __future__ import annotations

from typing import Any

import pytest

from cluster.apiserver.client import Client
from cluster.apiserver.flowcontrol.classify import LEVELS, SCHEMAS, Digest, Flow, Plan, digest
from cluster.apiserver.flowcontrol.dump import levels_text
from cluster.apiserver.flowcontrol.seats import Level, Outcome, shares
from cluster.apiserver.request import ADMIN, ANONYMOUS, User, component, node_user, service_account
from tests.apiserver.conftest import EVE

LIST_PODS = digest("GET", "/api/v1/namespaces/default/pods")


def level(queues: int = 0, length: int = 2, hand: int = 1, seats: int = 1) -> Level:
    response: dict[str, Any] = {"type": "Reject"}
    if queues:
        queuing = {"queues": queues, "queueLengthLimit": length, "handSize": hand}
        response = {"type": "Queue", "queuing": queuing}
    return Level({"type": "Limited", "limited": {"limitResponse": response}}, seats)


def flow(who: str) -> Flow:
    return Flow("schema", "s", "level", "l", who)


@pytest.mark.parametrize(
    ("user", "asked", "schema", "priority"),
    [
        (ADMIN, LIST_PODS, "exempt", "exempt"),
        (EVE, digest("GET", "/healthz"), "probes", "exempt"),
        (EVE, LIST_PODS, "global-default", "global-default"),
        (ANONYMOUS, LIST_PODS, "global-default", "global-default"),
        (service_account("default", "robot"), LIST_PODS, "service-accounts", "workload-low"),
        (service_account("kube-system", "dns"), LIST_PODS, "kube-system-service-accounts", "workload-high"),
        (node_user("n"), digest("PATCH", "/api/v1/nodes/n/status"), "system-node-high", "node-high"),
        (node_user("n"), LIST_PODS, "system-nodes", "system"),
        (component("system:kube-scheduler"), LIST_PODS, "kube-scheduler", "workload-high"),
        (
            component("system:kube-scheduler"),
            digest("PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler"),
            "system-leader-election",
            "leader-election",
        ),
        (User("nobody", ()), LIST_PODS, None, None),
    ],
)
def test_a_request_belongs_to_the_first_schema_that_matches(
    client: Client, user: User, asked: Digest, schema: str | None, priority: str | None
) -> None:
    found = Plan.of(client.server.store).classify(asked, user)
    assert (found.schema if found else None, found.level if found else None) == (schema, priority)


def test_a_learners_schema_takes_precedence_and_one_without_its_level_counts_for_nothing(client: Client) -> None:
    rule = {
        "subjects": [{"kind": "User", "user": {"name": "eve"}}],
        "resourceRules": [{"verbs": ["list"], "apiGroups": [""], "resources": ["pods"], "namespaces": ["default"]}],
    }
    spec = {"matchingPrecedence": 50, "priorityLevelConfiguration": {"name": "slow"}, "rules": [rule]}
    client.create(
        SCHEMAS, {"metadata": {"name": "eves"}, "spec": {**spec, "distinguisherMethod": {"type": "ByNamespace"}}}
    )
    found = Plan.of(client.server.store).classify(LIST_PODS, EVE)
    assert found is not None and found.schema == "global-default"
    limited = {"nominalConcurrencyShares": 1, "limitResponse": {"type": "Reject"}}
    client.create(LEVELS, {"metadata": {"name": "slow"}, "spec": {"type": "Limited", "limited": limited}})
    plan = Plan.of(client.server.store)
    found = plan.classify(LIST_PODS, EVE)
    assert found is not None and (found.schema, found.level, found.distinguisher) == ("eves", "slow", "default")
    elsewhere = plan.classify(digest("GET", "/api/v1/namespaces/kube-system/pods"), EVE)
    assert elsewhere is not None and elsewhere.schema == "global-default"


def test_requests_are_told_apart_as_the_server_tells_them_apart() -> None:
    assert digest("GET", "/api/v1/pods") == Digest("list", "", "pods")
    assert digest("GET", "/api/v1/pods", watches=True).verb == "watch"
    assert digest("DELETE", "/apis/apps/v1/namespaces/a/deployments") == Digest(
        "deletecollection", "apps", "deployments", "a"
    )
    assert digest("GET", "/api/v1/namespaces/a/pods/p/log") == Digest("get", "", "pods/log", "a")
    assert digest("POST", "/metrics") == Digest("post", path="/metrics")


def test_a_level_that_rejects_refuses_whoever_finds_no_seat() -> None:
    rejecting = level()
    assert rejecting.ask(flow("a"), 1) is Outcome.RUN
    assert rejecting.ask(flow("a"), 2) is Outcome.REFUSE
    assert rejecting.done() is None
    assert rejecting.ask(flow("a"), 3) is Outcome.RUN and rejecting.refused == 1


def test_who_waits_begins_in_turn_and_a_full_queue_refuses() -> None:
    queueing = level(queues=1, length=2)
    said = [queueing.ask(flow("a"), ticket) for ticket in range(4)]
    assert said == [Outcome.RUN, Outcome.WAIT, Outcome.WAIT, Outcome.REFUSE]
    assert [queueing.done(), queueing.done(), queueing.done()] == [1, 2, None]
    assert queueing.running == 0


def test_a_flood_of_one_flow_does_not_keep_another_waiting() -> None:
    queueing = level(queues=64, length=50, hand=1)
    queueing.ask(flow("flood"), "seat")
    for ticket in range(40):
        queueing.ask(flow("flood"), ticket)
    assert queueing.ask(flow("somebody"), "mine") is Outcome.WAIT
    assert "mine" in [queueing.done(), queueing.done()]


def test_an_exempt_level_never_waits() -> None:
    exempt = Level({"type": "Exempt"}, 0)
    assert all(exempt.ask(flow("a"), ticket) is Outcome.RUN for ticket in range(100))


def test_who_gives_up_waiting_leaves_its_place() -> None:
    queueing = level(queues=1)
    queueing.ask(flow("a"), 1)
    queueing.ask(flow("a"), 2)
    assert queueing.leave(2) and not queueing.leave(2)
    assert queueing.done() is None and queueing.timed_out == 1


def test_seats_are_shared_out_by_the_nominal_shares(client: Client) -> None:
    found = shares(Plan.of(client.server.store).levels, 600)
    assert found["workload-low"] == 245 and found["catch-all"] == 13 and found["exempt"] == 0


def test_the_dump_is_a_table_of_levels() -> None:
    lines = levels_text({"low": level(), "high": level()}).splitlines()
    assert lines[0].startswith("PriorityLevelName, ActiveQueues, IsIdle,")
    assert lines[1].startswith("high, ")
