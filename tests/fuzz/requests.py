"""Requests drawn from the OpenAPI documents a lab serves, with every kind of credential."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import yaml

from tests.fuzz.changes import changed_example
from tests.fuzz.values import NAMES, ODD_TEXTS, Schemas, Values

_METHOD_WEIGHTS = {"post": 35, "patch": 20, "put": 15, "get": 20, "delete": 10}
METHODS = ("get", "put", "post", "patch", "delete", "head", "options")
BODIES = ("post", "put", "patch", "delete")
PLAIN_PATHS = (
    "/api", "/apis", "/api/", "/apis/apps", "/apis/none/v1", "/version", "/healthz", "/readyz?verbose", "/livez/ping",
    "/openapi/v2", "/openapi/v3", "/openapi/v3/api/v1", "/openapi/v3/none", "/openid/v1/jwks", "/metrics",
    "/.well-known/openid-configuration", "/api/v1/watch/pods?timeoutSeconds=1", "/api/v9/pods", "/apis/apps/v1/none",
    "/api/v1/namespaces/default/pods/web/none", "/api//v1", "/api/v1/namespaces//pods", "/apis/%2e%2e/v1",
)  # fmt: skip
ACCEPTS = (
    "", "*/*", "application/json", "application/yaml", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "application/vnd.kubernetes.protobuf",
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json", "text/html", ";;;",
    "application/json;q=x",
)  # fmt: skip
CONTENT_TYPES = (
    "application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/json-patch+json",
    "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml",
    "text/plain",
    "",
)  # fmt: skip
BROKEN = (b"", b"{", b"[]", b"null", b"7", b'"x"', b"\xff\xfe", b"{" * 3000, b"k8s\x00\x0a\x00", b"a: [b")
PATCHES = CONTENT_TYPES[3:7]
# Streams that would not end by themselves, and doors to where this lab's requests go on elsewhere.
LEFT_OUT = ("follow",)


@dataclass(frozen=True)
class Operation:
    """One path and method of a document."""

    path: str
    method: str
    parameters: Sequence[Mapping[str, Any]]
    body: Mapping[str, Any] | None
    schemas: Schemas = field(repr=False, hash=False)
    kind: Mapping[str, str] = field(default_factory=dict, hash=False)


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """Return what an OpenAPI v3 document offers."""
    found = []
    schemas = document.get("components", {}).get("schemas", {})
    for path, item in sorted(document.get("paths", {}).items()):
        for method in METHODS:
            if method in item:
                content = item[method].get("requestBody", {}).get("content", {})
                body = next((one.get("schema") for one in content.values()), None)
                parameters = [*item.get("parameters", ()), *item[method].get("parameters", ())]
                kind = item[method].get("x-kubernetes-group-version-kind") or {}
                found.append(Operation(path, method, parameters, body, schemas, kind))
    return found


@dataclass(frozen=True)
class Call:
    """One request. `who` names the credential, `lab` the lab that is asked."""

    number: int
    lab: str
    who: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def told(self) -> str:
        where = f"{self.method} /labs/<{self.lab}>{self.path}"
        return f"#{self.number} {self.who} {where} {dict(self.headers)} {self.body[:600]!r}"


class Drawer:
    """Draws call after call; the same seed and documents give the same calls."""

    def __init__(self, offered: Sequence[Operation], seed: int, whos: Sequence[tuple[str, str, int]]):
        self._by_method = {name: [one for one in offered if one.method == name] for name in _METHOD_WEIGHTS}
        self._seed = seed
        self._whos = whos

    def call(self, number: int) -> Call:
        """Return the call of a number; `whos` are (lab, credential, weight)."""
        random = Random(f"{self._seed}/{number}")
        lab, who, _ = random.choices(self._whos, [weight for *_, weight in self._whos])[0]
        if random.random() < 0.04:
            method = random.choice(METHODS).upper()
            return Call(number, lab, who, method, random.choice(PLAIN_PATHS), _accept(random), b"")
        wanted = random.choices(list(_METHOD_WEIGHTS), list(_METHOD_WEIGHTS.values()))[0]
        one = random.choice(self._by_method[wanted])
        method = one.method if random.random() < 0.95 else random.choice(METHODS)
        values = Values(one.schemas, random, random.choice((0.0, 0.01, 0.05, 0.3)))
        path = _path(one, random) + _query(one, random, values)
        headers, body = _accept(random), b""
        if method in BODIES and random.random() < 0.95:
            media, body = _body(one, method, random, values)
            headers["Content-Type"] = media
        return Call(number, lab, who, method.upper(), path, headers, body)


def _accept(random: Random) -> dict[str, str]:
    if random.random() < 0.6:
        return {"Accept": "application/json"}
    chosen = random.choice(ACCEPTS)
    return {"Accept": chosen} if chosen else {}


def _path(one: Operation, random: Random) -> str:
    path = one.path
    for name in ("namespace", "name", "path", "logpath"):
        if "{" + name + "}" in path:
            odd = random.random() < 0.05
            drawn = random.choice(ODD_TEXTS) if odd else _usual(name, random)
            path = path.replace(
                "{" + name + "}", quote(drawn.encode("utf-8", "surrogatepass"), safe="/" if odd else "")
            )
    return path


def _usual(name: str, random: Random) -> str:
    return random.choice(("default", "default", "kube-system", "none")) if name == "namespace" else random.choice(NAMES)


def _query(one: Operation, random: Random, values: Values) -> str:
    pairs: list[tuple[str, str]] = []
    for parameter in one.parameters:
        name = parameter.get("name", "")
        if parameter.get("in") == "query" and name not in LEFT_OUT and random.random() < 0.15:
            pairs.append((name, _worded(name, values.of(parameter.get("schema") or {}, field=name), random)))
    if "/watch/" in one.path or any(name == "watch" for name, _ in pairs):
        pairs = [pair for pair in pairs if pair[0] != "timeoutSeconds"] + [("timeoutSeconds", "1")]
    return "?" + urlencode(pairs, errors="surrogatepass") if pairs else ""


_WORDS: Mapping[str, Sequence[str]] = {
    "labelSelector": ("app=web", "app in (a,b)", "!x", "a=b=c", "app notin ()", ",", "x=" + "y" * 70),
    "fieldSelector": (
        "metadata.name=web",
        "spec.nodeName!=",
        "status.phase=Running,metadata.name=a",
        "none=1",
        "=",
        "a\\",
    ),
    "resourceVersion": ("0", "1", "5", "999999999", "-1", "²", "x", "18446744073709551616"),
    "resourceVersionMatch": ("Exact", "NotOlderThan", "None", ""),
    "continue": ("x", "e30", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhXHUwMDAwIn0", "%%%", "eyJ2Ijox"),
    "limit": ("1", "2", "0", "-1", "x", "9223372036854775807"),
    "dryRun": ("All", "None", ""),
    "fieldValidation": ("Strict", "Warn", "Ignore", "x"),
    "fieldManager": ("fuzz", "", "x" * 200, "a\tb"),
    "propagationPolicy": ("Foreground", "Background", "Orphan", "x"),
    "gracePeriodSeconds": ("0", "1", "-1", "x"),
}


def _worded(name: str, value: Any, random: Random) -> str:
    if name in _WORDS and random.random() < 0.8:
        return random.choice(_WORDS[name])
    return value if isinstance(value, str) else json.dumps(value)


def _body(one: Operation, method: str, random: Random, values: Values) -> tuple[str, bytes]:
    """Return content type and bytes of a body."""
    patch = method == "patch"
    media = random.choice(PATCHES) if patch else "application/json"
    if random.random() < 0.05:
        media = random.choice(CONTENT_TYPES)
    if random.random() < 0.02:
        return media, random.choice(BROKEN)
    value = _operations(random, values) if media == PATCHES[0] else _object(one, random, values)
    return media, _encoded(value, media, random)


def _operations(random: Random, values: Values) -> Any:
    draw = random.choice
    return [
        {"op": draw(_OPS), "path": draw(_PLACES), "from": draw(_PLACES), "value": values.odd()}
        for _ in range(random.randrange(1, 4))
    ]


_OPS = ("add", "remove", "replace", "move", "copy", "test", "none")
_PLACES = (
    *("/metadata/labels", "/metadata/name", "/spec", "/spec/replicas", "/metadata/annotations/a~1b"),
    *("/data/x", "/-", "", "x"),
)


def _object(one: Operation, random: Random, values: Values) -> Any:
    example = changed_example(one.kind, random, values) if random.random() < 0.6 and one.method != "delete" else None
    if example is not None:
        return example
    schema = one.body or {}
    if one.method == "patch":  # the document says no more of a patch than that it is one
        schema = _schema_of_kind(one)
    value = values.of(schema)
    if isinstance(value, dict) and one.kind and random.random() < 0.95:
        group = one.kind.get("group", "")
        value["apiVersion"] = f"{group}/{one.kind['version']}" if group else one.kind["version"]
        value["kind"] = one.kind["kind"]
        if one.method != "delete" and random.random() < 0.95:
            metadata = value.get("metadata") if isinstance(value.get("metadata"), dict) else {}
            kept = {key: metadata[key] for key in metadata if random.random() < 0.3}
            value["metadata"] = {**kept, "name": random.choice(NAMES)}
    return value


def _schema_of_kind(one: Operation) -> Mapping[str, Any]:
    for schema in one.schemas.values():
        for named in schema.get("x-kubernetes-group-version-kind") or ():
            if dict(named) == dict(one.kind):
                return schema
    return {}


def _encoded(value: Any, media: str, random: Random) -> bytes:
    if media.endswith("yaml") and random.random() < 0.7:
        try:
            return yaml.safe_dump(value).encode("utf-8", "surrogatepass")
        except (yaml.YAMLError, UnicodeError):
            pass
    return json.dumps(value).encode()
