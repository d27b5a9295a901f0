"""What objects of many kinds are refused for, in the real server's words."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.kinds.builders import change_problems, container, problems, stored, workload

_JOB = {"restartPolicy": "Never", "containers": [container()]}


def obj(kind: str, version: str = "v1", **fields: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "x", "namespace": "default"}, **fields}


def job(**spec: Any) -> dict[str, Any]:
    return obj("Job", "batch/v1", spec={"template": {"spec": _JOB}, **spec})


def cron(**spec: Any) -> dict[str, Any]:
    spec = {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": {"spec": _JOB}}}, **spec}
    return obj("CronJob", "batch/v1", spec=spec)


def ingress(**path: Any) -> dict[str, Any]:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    one = {"path": "/", "pathType": "Prefix", "backend": backend, **path}
    return obj("Ingress", "networking.k8s.io/v1", spec={"rules": [{"http": {"paths": [one]}}]})


def policy(**rule: Any) -> dict[str, Any]:
    return obj("NetworkPolicy", "networking.k8s.io/v1", spec={"podSelector": {}, "ingress": [rule]})


def quota(**spec: Any) -> dict[str, Any]:
    return obj("ResourceQuota", spec=spec)


def limits(**item: Any) -> dict[str, Any]:
    return obj("LimitRange", spec={"limits": [item]})


def volume(**spec: Any) -> dict[str, Any]:
    usual = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/data"}}
    return obj("PersistentVolume", spec={**usual, **spec})


def claim(**spec: Any) -> dict[str, Any]:
    usual = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return obj("PersistentVolumeClaim", spec={**usual, **spec})


def slice_(**endpoint: Any) -> dict[str, Any]:
    return obj("EndpointSlice", "discovery.k8s.io/v1", addressType="IPv4", endpoints=[endpoint])


CASES = [
    (
        workload(selector={"matchExpressions": [{"key": "app", "operator": "Like"}]}),
        [
            'spec.selector.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator',
            'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Like"}]}: '
            "invalid label selector",
        ],
    ),
    (
        job(podFailurePolicy={"rules": [{"action": "Ignore"}]}),
        [
            "spec.podFailurePolicy.rules[0]: Invalid value: "
            "specifying one of OnExitCodes and OnPodConditions is required"
        ],
    ),
    (
        job(podFailurePolicy={"rules": [{"action": "Stop", "onExitCodes": {"operator": "In", "values": [2, 0]}}]}),
        [
            'spec.podFailurePolicy.rules[0].action: Unsupported value: "Stop": '
            'supported values: "Count", "FailIndex", "FailJob", "Ignore"',
            "spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator",
            "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,0]: must be ordered",
        ],
    ),
    (
        job(successPolicy={"rules": [{"succeededCount": 1}]}),
        [
            'spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}: '
            "requires indexed completion mode"
        ],
    ),
    (
        job(managedBy="me"),
        ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
    ),
    (
        cron(jobTemplate={"spec": {"manualSelector": True, "template": {"spec": _JOB}}}),
        ['spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"'],
    ),
    (
        ingress(backend={"resource": {"kind": "Bucket", "name": ""}}),
        ["spec.rules[0].http.paths[0].backend.resource.name: Required value: name is required"],
    ),
    (
        policy(ports=[{"endPort": 90}]),
        ["spec.ingress[0].ports[0].endPort: Invalid value: 90: may not be specified when `port` is not specified"],
    ),
]


@pytest.mark.parametrize(("given", "found"), CASES)
def test_an_object_is_refused_for(given: dict[str, Any], found: list[str]) -> None:
    assert problems(given) == found


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            quota(hard={"pods": "1"}, scopes=["BestEffort", "NotBestEffort"]),
            'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
        ),
        (
            quota(hard={"secrets": "1"}, scopes=["BestEffort"]),
            'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
        ),
        (
            quota(scopeSelector={"matchExpressions": [{"scopeName": "PriorityClass", "operator": "In"}]}),
            "spec.scopeSelector.matchExpressions.values: Required value: "
            "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
        ),
        (
            limits(type="Job"),
            'spec.limits[0].type: Invalid value: "Job": must be a standard limit type or fully qualified',
        ),
        (
            limits(type="Container", max={"disk": "1"}),
            'spec.limits[0].max[disk]: Invalid value: "disk": must be a standard resource type or fully qualified',
        ),
        (
            limits(type="Container", max={"cpu": "2"}, min={"cpu": "1"}, maxLimitRequestRatio={"cpu": "4"}),
            'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "4": ratio 4 is greater than max/min = 2.000000',
        ),
        (
            volume(nodeAffinity={}),
            "spec.nodeAffinity.required: Required value: must specify required node constraints",
        ),
        (
            volume(capacity={"storage": "1Gi", "cpu": "0"}),
            'spec.capacity[cpu]: Invalid value: "0": must be greater than zero',
        ),
        (
            claim(dataSource={"kind": "Backup", "name": "b"}),
            'spec.dataSourceRef: Invalid value: "Backup": '
            "must be 'PersistentVolumeClaim' when referencing the default apiGroup",
        ),
        (
            slice_(addresses=["::1"]),
            'endpoints[0].addresses[0]: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        ),
        (
            slice_(addresses=[f"10.0.0.{number}" for number in range(101)]),
            "endpoints[0].addresses: Too many: 101: must have at most 100 items",
        ),
        (
            obj("Endpoints", subsets=[{"addresses": [{"ip": "here"}]}]),
            'subsets[0].addresses[0].ip: Invalid value: "here": must be a valid IP address',
        ),
        (
            obj("Namespace", spec={"finalizers": ["mine"]}),
            'spec.finalizers: Invalid value: "mine": '
            "name is neither a standard finalizer name nor is it fully qualified",
        ),
        (
            obj(
                "StorageClass",
                "storage.k8s.io/v1",
                provisioner="a.io/b",
                allowedTopologies=[{"matchLabelExpressions": [{"key": "zone", "values": []}]}],
            ),
            "allowedTopologies[0].matchLabelExpressions[0].values: Required value",
        ),
        (
            obj("RuntimeClass", "node.k8s.io/v1", handler="runc", overhead={"podFixed": {"cpu": "-1"}}),
            'overhead.podFixed.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
        ),
        (
            obj(
                "IngressClass",
                "networking.k8s.io/v1",
                spec={"controller": "a.io/b", "parameters": {"kind": "K", "name": "n", "scope": "Namespace"}},
            ),
            "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
        ),
    ],
)
def test_among_what_an_object_is_refused_for_is(given: dict[str, Any], problem: str) -> None:
    assert problem in problems(given)


def test_the_older_class_annotation_may_repeat_the_class_of_an_ingress_but_not_contradict_it() -> None:
    given = ingress()
    given["metadata"]["annotations"] = {"kubernetes.io/ingress.class": "nginx"}
    given["spec"]["ingressClassName"] = "nginx"
    assert problems(given) == []
    given["spec"]["ingressClassName"] = "traefik"
    assert problems(given) == [
        'annotations.kubernetes.io/ingress.class: Invalid value: "nginx": '
        "must match `ingressClassName` when both are specified"
    ]


def test_a_cron_job_is_not_held_to_the_length_of_its_name_again() -> None:
    given = cron()
    given["metadata"]["name"] = "a" * 53
    old = stored(given)
    assert problems(given) != []
    assert change_problems(copy.deepcopy(old), old) == []


def test_a_storage_class_is_judged_whole_when_it_changes() -> None:
    old = stored(obj("StorageClass", "storage.k8s.io/v1", provisioner="a.io/b"))
    new = copy.deepcopy(old) | {"volumeBindingMode": "Never"}
    assert change_problems(new, old) == [
        'volumeBindingMode: Unsupported value: "Never": supported values: "Immediate", "WaitForFirstConsumer"',
        'volumeBindingMode: Invalid value: "Never": field is immutable',
    ]
