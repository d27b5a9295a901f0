"""API priority and fairness: who floods a lab is told to come again, others are answered."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.web.conftest import ApiLab, Reply

FLOWS = "/apis/flowcontrol.apiserver.k8s.io/v1"
PODS = "/api/v1/namespaces/default/pods"
SCHEMA, LEVEL = "X-Kubernetes-Pf-Flowschema-Uid", "X-Kubernetes-Pf-Prioritylevel-Uid"


def header(reply: Reply, name: str) -> str:
    return next((value for key, value in reply.headers.items() if key.lower() == name.lower()), "")


def slow_level_for_service_accounts(lab: ApiLab) -> tuple[str, str]:
    """Give all service accounts of `default` a level with the fewest seats and no queue; return both uids."""
    limited: dict[str, Any] = {"nominalConcurrencyShares": 1, "limitResponse": {"type": "Reject"}}
    level = {"metadata": {"name": "slow"}, "spec": {"type": "Limited", "limited": limited}}
    rule = {
        "subjects": [{"kind": "ServiceAccount", "serviceAccount": {"namespace": "default", "name": "*"}}],
        "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"]}],
    }
    spec = {"matchingPrecedence": 5, "priorityLevelConfiguration": {"name": "slow"}, "rules": [rule]}
    schema = {"metadata": {"name": "slow"}, "spec": spec}
    made = [lab.request("POST", f"{FLOWS}/prioritylevelconfigurations", level).json()]
    made.append(lab.request("POST", f"{FLOWS}/flowschemas", schema).json())
    return made[1]["metadata"]["uid"], made[0]["metadata"]["uid"]


def token_of_default(lab: ApiLab) -> str:
    answer = lab.request("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", {})
    return str(answer.json()["status"]["token"])


def test_every_answer_names_its_schema_and_level(lab: ApiLab) -> None:
    exempt = lab.request("GET", f"{FLOWS}/flowschemas/exempt").json()["metadata"]["uid"]
    level = lab.request("GET", f"{FLOWS}/prioritylevelconfigurations/exempt").json()["metadata"]["uid"]
    reply = lab.request("GET", PODS)
    assert (header(reply, SCHEMA), header(reply, LEVEL)) == (exempt, level)


def test_a_flood_is_told_to_come_again_and_the_administrator_is_answered(lab: ApiLab) -> None:
    schema, level = slow_level_for_service_accounts(lab)
    token = token_of_default(lab)
    end = time.monotonic() + 10
    while header(lab.request("GET", PODS, token=token), SCHEMA) != schema and time.monotonic() < end:
        pass  # the configuration is looked at once a second
    with ThreadPoolExecutor(24) as pool:
        flood = [pool.submit(lab.request, "GET", PODS, token=token) for _ in range(400)]
        begun = time.monotonic()
        assert lab.request("GET", PODS).code == 200
        answered = time.monotonic() - begun
        replies = [one.result() for one in flood]
    refused = [reply for reply in replies if reply.code == 429]
    assert refused and len(refused) < len(replies) and answered < 3
    assert refused[0].body == b"Too many requests, please try again later.\n"
    assert header(refused[0], "Retry-After") == "1"
    assert (header(refused[0], SCHEMA), header(refused[0], LEVEL)) == (schema, level)
    dump = lab.request("GET", "/debug/api_priority_and_fairness/dump_priority_levels").body.decode()
    (row,) = [line.replace(" ", "").split(",") for line in dump.splitlines() if line.startswith("slow,")]
    assert int(row[7]) == len(refused)
