"""Request bodies: protobuf, strictness, broken input."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cluster.apiserver import protobuf
from tests.apiserver.conftest import Ask

MAPS = "/api/v1/namespaces/default/configmaps"


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, data: bytes | str | int) -> bytes:
    if isinstance(data, int):
        return varint(number << 3) + varint(data)
    raw = data.encode() if isinstance(data, str) else data
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def envelope(api_version: str, kind: str, message: bytes) -> bytes:
    types = field(1, api_version) + field(2, kind)
    return protobuf.MAGIC + field(1, types) + field(2, message) + field(3, "") + field(4, "")


def test_a_protobuf_config_map_is_created(ask: Ask) -> None:
    metadata = field(1, "a") + field(3, "default") + field(5, "") + field(8, b"")
    message = field(1, metadata) + field(2, field(1, "k") + field(2, "v"))
    sent = envelope("v1", "ConfigMap", message)
    answer = ask("POST", MAPS, sent, content_type="application/vnd.kubernetes.protobuf")
    assert answer.code == 201, answer.body
    assert json.loads(answer.body)["data"] == {"k": "v"}


def test_protobuf_knows_pointers_quantities_times_and_inlined_fields() -> None:
    port = field(1, 1) + field(2, 0) + field(3, "http")
    probe = field(1, field(2, field(1, "/") + field(2, port))) + field(2, 0)
    resources = field(2, field(1, "cpu") + field(2, field(1, "100m")))
    container = field(1, "c") + field(8, resources) + field(10, probe)
    spec = field(2, container) + field(4, 0) + field(11, 0)
    decoded = protobuf.decode(envelope("v1", "Pod", field(2, spec)))
    assert decoded["spec"] == {
        "containers": [
            {
                "name": "c",
                "resources": {"requests": {"cpu": "100m"}},
                "livenessProbe": {"httpGet": {"path": "/", "port": "http"}},
            }
        ],
        "terminationGracePeriodSeconds": 0,
    }


@pytest.mark.parametrize("body", [b"", b"k8s\0\xff\xff\xff", b"nonsense", envelope("v1", "Ghost", b"")])
def test_broken_protobuf_is_a_bad_request(ask: Ask, body: bytes) -> None:
    answer = ask("POST", MAPS, body, content_type="application/vnd.kubernetes.protobuf")
    assert answer.code == 400 and b"the object provided is unrecognized" in answer.body


@pytest.mark.parametrize(("said", "word"), [(0, "number"), (False, "bool"), ([], "array"), ({}, "object")])
@pytest.mark.parametrize("field_name", ["kind", "apiVersion"])
def test_a_kind_and_a_version_are_texts(ask: Ask, field_name: str, said: Any, word: str) -> None:
    labels = {"app": True}
    body = {"metadata": {"name": "a"}, "spec": {"template": {"metadata": {"labels": labels}}}, field_name: said}
    answer = ask("POST", "/apis/apps/v1/namespaces/default/deployments", body)
    assert answer.code == 400
    assert json.loads(answer.body)["message"] == (
        "the object provided is unrecognized (must be of type Deployment): couldn't get version/kind; json parse"
        f" error: json: cannot unmarshal {word} into Go struct field .{field_name} of type string"
        ' ({"metadata": {"name": "a"}, "s ...)'
    )


@pytest.mark.parametrize(
    ("query", "code", "warnings"),
    [("?fieldValidation=Strict", 400, 0), ("?fieldValidation=Ignore", 201, 0), ("", 201, 2)],
)
def test_unknown_and_duplicate_fields(ask: Ask, query: str, code: int, warnings: int) -> None:
    body = b'{"metadata":{"name":"a"},"data":{"k":"1","k":"2"},"dato":{}}'
    answer = ask("POST", MAPS + query, body)
    assert answer.code == code, answer.body
    assert len([name for name, _ in answer.headers if name == "Warning"]) == warnings


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


DEEP = b'{"metadata":{"name":"a"},"data":' + b'{"k":' * 900 + b"1" + b"}" * 901


@pytest.mark.parametrize(
    ("body", "media", "code"),
    [
        (b"x" * (3 * 1024 * 1024 + 1), "application/json", 413),
        (b'{"metadata":{"name":"\xff"}}', "application/json", 400),
        (BOMB.encode(), "application/yaml", 400),
        (b"a: [", "application/yaml", 400),
        (b"[" * 5000, "application/json", 400),
        (DEEP, "application/json", 400),
        (b'{"metadata":{"name":1}}', "application/json", 400),
        (b"hello", "text/plain", 415),
    ],
    ids=["large", "not utf-8", "bomb", "broken yaml", "open", "deep", "wrong type", "text"],
)
def test_bad_bodies_are_answered_with_a_status(ask: Ask, body: bytes, media: str, code: int) -> None:
    answer = ask("POST", MAPS, body, content_type=media)
    assert answer.code == code
    assert json.loads(answer.body)["kind"] == "Status"


def test_yaml_is_understood_and_answered(ask: Ask) -> None:
    sent = b"metadata:\n  name: a\ndata:\n  k: v\n"
    answer = ask("POST", MAPS, sent, content_type="application/yaml", accept="application/yaml")
    assert answer.code == 201 and b"\ndata:\n  k: v\n" in answer.body


CRD: dict[str, Any] = {
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {"size": {"type": "integer", "maximum": 9, "default": 3}},
                            }
                        },
                    }
                },
            }
        ],
    },
}


def test_a_custom_kind_is_served_defaulted_pruned_and_validated(ask: Ask) -> None:
    assert ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", CRD).code == 201
    where = "/apis/example.com/v1/namespaces/default/widgets"
    made = json.loads(ask("POST", where, {"metadata": {"name": "w"}, "spec": {"color": "red"}}).body)
    assert made["spec"] == {"size": 3}
    refused = ask("POST", where, {"metadata": {"name": "x"}, "spec": {"size": 10}})
    assert b"spec.size in body should be less than or equal to 9" in refused.body
    assert json.loads(ask("GET", where).body)["items"][0]["kind"] == "Widget"
    assert ask("GET", "/openapi/v3/apis/example.com/v1").code == 200


def test_a_wrong_type_in_a_map_names_the_map(ask: Ask) -> None:
    answer = ask("POST", MAPS, {"metadata": {"name": "m"}, "data": {"port": 80}})
    assert json.loads(answer.body)["message"] == (
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: '
        "json: cannot unmarshal number into Go struct field ConfigMap.data of type string"
    )
