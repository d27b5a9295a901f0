"""Protobuf request bodies, as kubectl from 1.32 on sends them for its generators: into plain objects.

The wire format is `k8s\\0` and a `runtime.Unknown` around the message. Field numbers come from `protobuf_fields/`,
facts of the published `generated.proto` files: "<number> <field> <type>", where `[]` is a list, `{}` a map from text,
`~` the same package, and a field `.` is inlined in JSON. Answers are JSON always. Go always writes its non-pointer
fields, empty ones too: such zeros are dropped again, except where Go has a pointer.
https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from cluster.machinery.clock import micro_timestamp, timestamp

MAGIC = b"k8s\0"
_META = "k8s.io.apimachinery.pkg.apis.meta.v1."
_DEPTH = 60

# Pointers in Go: a zero that was sent was meant.
_POINTERS = frozenset(
    {
        *(
            "replicas",
            "allowPrivilegeEscalation",
            "automountServiceAccountToken",
            "backoffLimit",
        ),
        *(
            "blockOwnerDeletion",
            "completions",
            "controller",
            "defaultMode",
            "enableServiceLinks",
        ),
        *(
            "expirationSeconds",
            "failedJobsHistoryLimit",
            "fsGroup",
            "gracePeriodSeconds",
            "hostUsers",
        ),
        *(
            "immutable",
            "maxReplicas",
            "maxUnavailable",
            "minAvailable",
            "minReplicas",
            "mode",
        ),
        *(
            "optional",
            "orphanDependents",
            "parallelism",
            "partition",
            "preserveUnknownFields",
        ),
        *(
            "privileged",
            "progressDeadlineSeconds",
            "readOnlyRootFilesystem",
            "revisionHistoryLimit",
        ),
        *(
            "runAsGroup",
            "runAsNonRoot",
            "runAsUser",
            "setHostnameAsFQDN",
            "shareProcessNamespace",
        ),
        *(
            "startingDeadlineSeconds",
            "storageClassName",
            "successfulJobsHistoryLimit",
            "suspend",
        ),
        *(
            "terminationGracePeriodSeconds",
            "tolerationSeconds",
            "ttlSecondsAfterFinished",
        ),
        *(
            "activeDeadlineSeconds",
            "allocateLoadBalancerNodePorts",
            "podPidsLimit",
            "ready",
            "serving",
        ),
        *(
            "terminating",
            "allowVolumeExpansion",
            "attachRequired",
            "value",
            "priority",
        ),
    }
)
# Structs by value: Go writes them empty.
_EMPTY_STRUCTS = frozenset(
    {
        *(
            "metadata",
            "status",
            "strategy",
            "updateStrategy",
            "resources",
            "loadBalancer",
        ),
        *(
            "creationTimestamp",
            "lastTransitionTime",
            "spec",
        ),
    }
)


class ProtobufError(ValueError):
    """Bytes that are no message."""


Fields = Mapping[int, tuple[str, str, str]]  # number -> (field, "" | "[]" | "{}", type)


@cache
def _package(name: str) -> Mapping[str, list[str]]:
    try:
        raw = files("cluster.apiserver").joinpath("protobuf_fields", f"{name}.json").read_bytes()
    except FileNotFoundError:
        return {}
    table: Mapping[str, list[str]] = orjson.loads(raw)
    return table


@cache
def _message(full: str) -> Fields | None:
    package, _, name = full.rpartition(".")
    lines = _package(package).get(name)
    if lines is None:
        return None
    found = {}
    for line in lines:
        number, field, kind = line.split(" ", 2)
        shape = kind[:2] if kind[:2] in ("[]", "{}") else ""
        found[int(number)] = (field, shape, kind.removeprefix(shape).replace("~", package + "."))
    return found


def packages(api_version: str) -> list[str]:
    """Return the packages in which an apiVersion's messages may be."""
    group, _, version = api_version.rpartition("/")
    short = group.split(".")[0] or "core"
    return [
        f"k8s.io.api.{short}.{version}",
        f"k8s.io.apiextensions_apiserver.pkg.apis.{short}.{version}",
        f"k8s.io.kube_aggregator.pkg.apis.{short}.{version}",
        _META[:-1],
    ]


def decode(body: bytes) -> dict[str, Any]:
    """Return the object in a protobuf body."""
    if not body.startswith(MAGIC):
        raise ProtobufError("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    unknown = dict(_wire(body[len(MAGIC) :]))
    kinds = {number: value.decode() for number, value in _wire(unknown.get(1, b""))}
    api_version, kind = kinds.get(1, ""), kinds.get(2, "")
    if unknown.get(4):
        raise ProtobufError("unsupported content type in protobuf message")
    for package in packages(api_version):
        fields = _message(f"{package}.{kind}")
        if fields is not None:
            decoded = _decode(unknown.get(2, b""), fields, 0)
            return {"kind": kind, "apiVersion": api_version, **decoded}
    raise ProtobufError(f'no kind "{kind}" is registered for version "{api_version}"')


def _wire(data: bytes) -> Iterator[tuple[int, Any]]:
    """Yield (field number, raw value): int for varints, bytes for everything else."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == 2:
            size, at = _varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ProtobufError(f"proto: illegal wireType {kind}")
        if at + size > end:
            raise ProtobufError("unexpected EOF")
        yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data):
            raise ProtobufError("unexpected EOF")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ProtobufError("proto: integer overflow")


def _decode(data: bytes, fields: Fields, depth: int) -> dict[str, Any]:
    if depth > _DEPTH:
        raise ProtobufError("proto: message nested too deeply")
    found: dict[str, Any] = {}
    for number, raw in _wire(data):
        known = fields.get(number)
        if known is None:
            continue
        field, shape, kind = known
        if shape == "{}":
            key, value = _entry(raw, kind, depth)
            found.setdefault(field, {})[key] = value
        elif shape == "[]":
            found.setdefault(field, []).append(_value(raw, kind, depth))
        elif field == ".":
            found.update(_value(raw, kind, depth))
        else:
            value = _value(raw, kind, depth)
            if _is_meant(field, value):
                found[field] = value
    return found


def _is_meant(field: str, value: Any) -> bool:
    if value is None:
        return False
    if value == "" or value == 0 or value is False:
        return field in _POINTERS
    return not (value == {} and field in _EMPTY_STRUCTS)


def _entry(raw: bytes, kind: str, depth: int) -> tuple[str, Any]:
    key, value = "", _value(b"", kind, depth) if kind in ("string", "bytes") else None
    for number, item in _wire(raw):
        if number == 1:
            key = item.decode()
        elif number == 2:
            value = _value(item, kind, depth)
    return key, value


def _value(raw: Any, kind: str, depth: int) -> Any:
    scalar = _SCALARS.get(kind)
    if scalar is not None:
        try:
            return scalar(raw)
        except (AttributeError, UnicodeDecodeError, struct.error, TypeError) as error:
            raise ProtobufError(f"proto: wrong wireType: {error}") from None
    special = _SPECIAL.get(kind)
    if not isinstance(raw, bytes):
        raise ProtobufError("proto: wrong wireType for a message")
    if special is not None:
        return special(dict(_wire(raw)))
    fields = _message(kind)
    if fields is None:
        raise ProtobufError(f"unknown message {kind}")
    if kind.endswith((".ExtraValue", ".Verbs")):
        return [item.decode() for _, item in _wire(raw)]
    return _decode(raw, fields, depth + 1)


def _signed(bits: int) -> Callable[[Any], int]:
    def read(value: int) -> int:
        masked = value & ((1 << bits) - 1)
        return masked - (1 << bits) if masked >> (bits - 1) else masked

    return read


_SCALARS: Mapping[str, Callable[[Any], Any]] = {
    "string": lambda raw: raw.decode(),
    "bytes": lambda raw: base64.b64encode(raw).decode(),
    "bool": bool,
    "int32": _signed(32),
    "int64": _signed(64),
    "double": lambda raw: struct.unpack("<d", raw)[0],
}


def _time(parts: dict[int, Any]) -> str | None:
    return timestamp(_signed(64)(parts.get(1, 0))) if parts.get(1) else None


def _micro_time(parts: dict[int, Any]) -> str | None:
    if not parts.get(1):
        return None
    return micro_timestamp(_signed(64)(parts[1]) + parts.get(2, 0) / 1e9)


def _quantity(parts: dict[int, Any]) -> str:
    return str(parts.get(1, b"0").decode()) or "0"


def _int_or_string(parts: dict[int, Any]) -> Any:
    return parts.get(3, b"").decode() if parts.get(1) else _signed(32)(parts.get(2, 0))


def _raw(parts: dict[int, Any]) -> Any:
    try:
        return orjson.loads(parts.get(1, b"null"))
    except orjson.JSONDecodeError:
        raise ProtobufError("invalid JSON in a raw field") from None


_SPECIAL: Mapping[str, Callable[[dict[int, Any]], Any]] = {
    _META + "Time": _time,
    _META + "MicroTime": _micro_time,
    _META + "Duration": lambda parts: f"{_signed(64)(parts.get(1, 0)) / 1e9:g}s",
    _META + "FieldsV1": _raw,
    "k8s.io.apimachinery.pkg.api.resource.Quantity": _quantity,
    "k8s.io.apimachinery.pkg.util.intstr.IntOrString": _int_or_string,
    "k8s.io.apimachinery.pkg.runtime.RawExtension": _raw,
    "k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.JSON": _raw,
}
