"""Checks of ConfigMaps and Secrets: keys, size, immutability, and what each Secret type must hold."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from cluster.kinds.validation.fields import Errors, immutable, texts
from cluster.kinds.validation.goscanner import json_problem
from cluster.machinery.fielderrors import FieldError, forbidden_field, invalid_value, required, too_long
from cluster.machinery.meta import Object, meta
from cluster.machinery.names import config_key

_LIMIT = 1024 * 1024
_SEALED = "field is immutable when `immutable` is set"
_REDACTED = "<secret contents redacted>"
_ACCOUNT = "kubernetes.io/service-account.name"


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode(text or "")
    except (binascii.Error, ValueError):
        return b""


def validate_config_map(obj: Object) -> Errors:
    data, binary = obj.get("data") or {}, obj.get("binaryData") or {}
    errors: Errors = []
    size = 0
    for key, value in sorted(data.items()):
        errors += texts(f"data[{key}]", key, config_key(key))
        if key in binary:
            errors.append(invalid_value(f"data[{key}]", key, "duplicate of key present in binaryData"))
        size += len(value.encode())
    for key, value in sorted(binary.items()):
        errors += texts(f"binaryData[{key}]", key, config_key(key))
        size += len(_decoded(value))
    # The real server names no field here, which it prints as [].
    return [*errors, too_long("[]", _LIMIT)] if size > _LIMIT else errors


def _unsealed(new: Object, old: Object, fields: tuple[str, ...]) -> Errors:
    if not old.get("immutable"):
        return []
    errors = [] if new.get("immutable") else [forbidden_field("immutable", _SEALED)]
    return errors + [forbidden_field(field, _SEALED) for field in fields if new.get(field) != old.get(field)]


def update_config_map(new: Object, old: Object) -> Errors:
    return _unsealed(new, old, ("data", "binaryData")) + validate_config_map(new)


def _needs(*keys: str) -> Callable[[Object], Errors]:
    def check(obj: Object) -> Errors:
        data = obj.get("data") or {}
        return [required(f"data[{key}]") for key in keys if key not in data]

    return check


def _needs_json(key: str) -> Callable[[Object], Errors]:
    def check(obj: Object) -> Errors:
        data = obj.get("data") or {}
        if key not in data:
            return [required(f"data[{key}]")]
        problem = json_problem(_decoded(data[key]))
        return [invalid_value(f"data[{key}]", _REDACTED, problem)] if problem else []

    return check


def _account(obj: Object) -> Errors:
    if (meta(obj).get("annotations") or {}).get(_ACCOUNT):
        return []
    return [required(f"metadata.annotations[{_ACCOUNT}]")]


def _login(obj: Object) -> Errors:
    data = obj.get("data") or {}
    if "username" in data or "password" in data:
        return []
    return [required("data[username]"), required("data[password]")]


_BY_TYPE: Mapping[str, Callable[[Object], Errors]] = {
    "kubernetes.io/service-account-token": _account,
    "kubernetes.io/dockercfg": _needs_json(".dockercfg"),
    "kubernetes.io/dockerconfigjson": _needs_json(".dockerconfigjson"),
    "kubernetes.io/basic-auth": _login,
    "kubernetes.io/ssh-auth": _needs("ssh-privatekey"),
    "kubernetes.io/tls": _needs("tls.crt", "tls.key"),
}


def _nothing(obj: Object) -> Errors:
    return []


def validate_secret(obj: Object) -> Errors:
    errors: Errors = []
    size = 0
    for key, value in sorted((obj.get("data") or {}).items()):
        errors += texts(f"data[{key}]", key, config_key(key))
        size += len(value or "") * 3 // 4
    if size > _LIMIT:
        errors.append(FieldError("FieldValueTooLong", "data", None, f"may not be more than {_LIMIT} bytes"))
    return errors + _BY_TYPE.get(obj.get("type") or "", _nothing)(obj)


def update_secret(new: Object, old: Object) -> Errors:
    errors = immutable("type", new.get("type"), old.get("type"))
    return errors + _unsealed(new, old, ("data",)) + validate_secret(new)
