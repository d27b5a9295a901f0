"""ConfigMaps and Secrets."""

from __future__ import annotations

from typing import Any

from tests.kinds.builders import change_problems, problems, stored


def config_map(**fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "default"}, **fields}


def secret(**fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "default"}, **fields}


def test_string_data_is_encoded_into_data() -> None:
    assert stored(secret(stringData={"user": "admin"}))["data"] == {"user": "YWRtaW4="}
    assert "stringData" not in stored(secret(stringData={"user": "admin"}))


def test_an_immutable_config_map_stays_as_it_is() -> None:
    old = config_map(data={"a": "1"}, immutable=True)
    assert change_problems(config_map(data={"a": "2"}), old) == [
        "immutable: Forbidden: field is immutable when `immutable` is set",
        "data: Forbidden: field is immutable when `immutable` is set",
    ]


def test_a_secret_must_hold_what_its_type_says() -> None:
    assert problems(secret(type="kubernetes.io/ssh-auth")) == ["data[ssh-privatekey]: Required value"]


def test_a_megabyte_is_the_most_a_config_map_holds() -> None:
    assert problems(config_map(data={"big": "x" * (1024 * 1024 + 1)})) == [
        "[]: Too long: may not be more than 1048576 bytes"
    ]
