"""Fields of a pod's spec that few manifests use are judged in the real server's words, too."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.builders import container, pod, problems

_CLAIM = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
_RULE = {"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (
            {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "Bad_Name", "key": "k"}}}]},
            'spec.containers[0].env[0].valueFrom.configMapKeyRef.name: Invalid value: "Bad_Name": a lowercase RFC 1123',
        ),
        (
            {"env": [{"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1Mi"}}}]},
            'spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": '
            "only divisor's values 1m and 1 are supported with the cpu resource",
        ),
        (
            {"envFrom": [{"prefix": "A"}]},
            'spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
        ),
        (
            {"volumeMounts": [{"name": "data", "mountPath": "/a", "mountPropagation": "Bidirectional"}]},
            "spec.containers[0].volumeMounts.mountPropagation: Forbidden: "
            "Bidirectional mount propagation is available only to privileged containers",
        ),
        (
            {"volumeMounts": [{"name": "data", "mountPath": "/a", "recursiveReadOnly": "Enabled"}]},
            "spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true",
        ),
        (
            {"volumeDevices": [{"name": "gone", "devicePath": "/dev/xvda"}]},
            'spec.containers[0].volumeDevices[0].name: Not found: "gone"',
        ),
        (
            {"volumeDevices": [{"name": "data", "devicePath": "/dev/../etc"}]},
            'spec.containers[0].volumeDevices[0].devicePath: Invalid value: "/dev/../etc": '
            "can not contain backsteps ('..')",
        ),
        (
            {"resources": {"limits": {"cpu": "1", "hugepages-2Mi": "3Mi"}}},
            'spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": '
            "3Mi is not positive integer multiple of hugepages-2Mi",
        ),
        (
            {"resources": {"claims": [{"name": "gpu"}]}},
            'spec.containers[0].resources.claims[0]: Not found: "gpu": '
            "must be one of the names in pod.spec.resourceClaims which is empty",
        ),
        (
            {"resizePolicy": [{"resourceName": "disk", "restartPolicy": "NotRequired"}]},
            'spec.containers[0].resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"',
        ),
        (
            {"restartPolicyRules": [_RULE]},
            "spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used",
        ),
        (
            {"terminationMessagePolicy": "Elsewhere"},
            'spec.containers[0].terminationMessagePolicy: Unsupported value: "Elsewhere": '
            'supported values: "File", "FallbackToLogsOnError"',
        ),
        (
            {"securityContext": {"appArmorProfile": {"type": "Localhost"}}},
            "spec.containers[0].securityContext.appArmorProfile.localhostProfile: Required value: "
            "must be set when AppArmor type is Localhost",
        ),
        (
            {"securityContext": {"seccompProfile": {"type": "RuntimeDefault", "localhostProfile": "p"}}},
            "spec.containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: "
            '{"Type":"RuntimeDefault","LocalhostProfile":"p"}: can only be set when seccomp type is Localhost',
        ),
    ],
)
def test_a_container_is_refused_for(fields: dict[str, Any], problem: str) -> None:
    found = problems(pod("web", container(**fields), volumes=[_CLAIM]))
    assert any(one.startswith(problem) for one in found), found


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ({"os": {"name": "mac"}}, 'spec.os: Unsupported value: "mac": supported values: "linux", "windows"'),
        ({"os": {"name": "windows"}, "hostPID": True}, "spec.hostPID: Forbidden: cannot be set for a windows pod"),
        (
            {"os": {"name": "linux"}, "securityContext": {"windowsOptions": {"runAsUserName": "me"}}},
            "spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod",
        ),
        (
            {"hostAliases": [{"ip": "10.0.0.1", "hostnames": ["good", "a b"]}]},
            'spec.hostAliases[0].hostnames[1]: Invalid value: "a b": a lowercase RFC 1123 subdomain',
        ),
        (
            {"dnsConfig": {"searches": ["-x"]}},
            'spec.dnsConfig.searches[0]: Invalid value: "-x": a lowercase RFC 1123 subdomain must consist of '
            "lower case alphanumeric characters, '_', '-' or '.'",
        ),
        (
            {"topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "matchLabelKeys": ["a"]}]},
            "spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: "
            "must not be specified when labelSelector is not set",
        ),
        (
            {"resourceClaims": [{"name": "gpu"}]},
            'spec.resourceClaims[0]: Invalid value: {"Name":"gpu","ResourceClaimName":null,'
            '"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
        ),
        (
            {"resources": {"requests": {"disk": "1"}}},
            'spec.resources.requests[disk]: Unsupported value: "disk": supported values: "cpu", "hugepages-", "memory"',
        ),
        ({"hostnameOverride": "Web"}, 'spec.hostnameOverride: Invalid value: "Web": a lowercase RFC 1123 subdomain'),
        (
            {"securityContext": {"sysctls": [{"name": "Bad Name", "value": "1"}]}},
            'spec.securityContext.sysctls[0].name: Invalid value: "Bad Name": must have at most 253 characters '
            r"and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$",
        ),
    ],
)
def test_a_pod_is_refused_for(spec: dict[str, Any], problem: str) -> None:
    found = problems(pod(**spec))
    assert any(one.startswith(problem) for one in found), found


def test_a_claim_may_be_a_raw_device_and_an_underscore_stand_in_a_search_list() -> None:
    device = container(volumeDevices=[{"name": "data", "devicePath": "/dev/xvda"}])
    searches = {"searches": ["_tcp.example.com", "."]}
    assert problems(pod("web", device, volumes=[_CLAIM], dnsConfig=searches)) == []


def test_init_containers_are_each_the_first_of_their_list_when_host_ports_collide() -> None:
    twice = [{"containerPort": 80, "hostPort": 80}, {"containerPort": 81, "hostPort": 80}]
    inits = [container("one"), container("two", ports=twice)]
    assert problems(pod(initContainers=inits)) == [
        'spec.initContainers[0].ports[1].hostPort: Duplicate value: "TCP//80"'
    ]
