"""What our kinds find wrong with an object, against the causes a real API server reported."""

from __future__ import annotations

import copy
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.apiserver import objectmeta
from cluster.kinds import wire
from cluster.kinds.kind import Kind
from cluster.kinds.registry import REGISTRY
from cluster.machinery.errors import invalid
from cluster.machinery.fielderrors import FieldError
from tests.golden.shared import GOLDEN, files, read

UID = "00000000-0000-4000-8000-000000000000"
# Answered by allocation, admission, request options, custom kinds or a CEL compiler: not by a kind.
ELSEWHERE = re.compile(
    r"bad-dryrun|bad-fieldvalidation|out-of-range|headless-nodeport|clusterip-change|token-request|vap-|cr-|apply-no-manager|rvmatch|propagation"
)
PATH = re.compile(r"/(?:api|apis/(?P<group>[^/]+))/(?P<version>[^/]+)/(?:namespaces/(?P<ns>[^/]+)/)?(?P<rest>[^?]+)")
CASES = [path for path in files(GOLDEN / "errors") if not ELSEWHERE.search(path.stem)]


def cases(*methods: str) -> list[Path]:
    chosen = []
    for path in CASES:
        case = read(path)
        answer = case["response"]
        invalid_answer = answer["code"] == 422 and answer["body"].get("reason") == "Invalid"
        if case["request"]["method"] in methods and (invalid_answer or answer["code"] == 201):
            chosen.append(path)
    return chosen


def target(case: dict[str, Any]) -> tuple[Kind | None, str, str, str]:
    """Return (kind, version, namespace, name) of a request's path."""
    match = PATH.match(case["request"]["path"])
    assert match is not None
    plural, _, name = match["rest"].partition("/")
    return REGISTRY.find(match["group"] or "", match["version"], plural), match["version"], match["ns"] or "", name


def prepared(kind: Kind, version: str, body: dict[str, Any], namespace: str) -> dict[str, Any]:
    draft = json.loads(expand(json.dumps(body)))
    draft.setdefault("metadata", {}).setdefault("namespace", namespace)
    draft["kind"] = kind.kind
    wire.normalise(kind.group, version, kind.kind, draft)
    if version in kind.convert:
        draft = kind.convert[version][0](draft)
    kind.default(draft)
    kind.prepare_create(draft)
    draft["metadata"]["uid"] = UID
    kind.finish_create(draft)
    return draft


def expand(text: str) -> str:
    return re.sub(r"@repeat:(.):(\d+)", lambda match: match[1] * int(match[2]), text)


def hidden(text: str) -> str:
    return text.replace(UID, "<uid>")


def compared(kind: Kind, name: str, errors: list[FieldError], answer: dict[str, Any]) -> None:
    if answer["code"] == 201:
        assert errors == []
        return
    real = [(one["reason"], one["field"], one["message"]) for one in answer["body"]["details"]["causes"]]
    ours = [(one["reason"], one["field"], hidden(one["message"])) for one in (error.cause() for error in errors)]
    assert ours == real
    assert hidden(invalid(kind.kind, kind.group, name, errors).message) == answer["body"]["message"]


def is_create(path: Path) -> bool:
    """Say whether it creates an object of a built-in kind."""
    case = read(path)
    kind, _, _, rest = target(case)
    return kind is not None and kind.stored and not rest and isinstance(case["request"]["body"], dict)


@pytest.mark.parametrize("path", [path for path in cases("POST") if is_create(path)], ids=lambda path: path.stem)
def test_a_create_is_refused_with_the_real_causes(path: Path) -> None:
    case = read(path)
    kind, version, namespace, _ = target(case)
    assert kind is not None
    draft = prepared(kind, version, case["request"]["body"], namespace)
    errors = objectmeta.validate(kind, draft["metadata"]) + kind.validate(draft)
    compared(kind, draft["metadata"].get("name", ""), errors, case["response"])


@cache
def fixtures() -> dict[tuple[str, str], dict[str, Any]]:
    found = {}
    for folder in ("errors/fixtures.yaml", "objects/examples.yaml"):
        path = GOLDEN / folder
        for one in yaml.safe_load_all(path.read_text()) if path.exists() else ():
            if one:
                found.setdefault((one["kind"], one["metadata"]["name"]), one)
    return found


def merged(old: Any, patch: Any) -> Any:
    """Return a merge patch's result; lists of containers merge by name, as strategic patches do."""
    if (
        isinstance(patch, list)
        and isinstance(old, list)
        and patch
        and isinstance(patch[0], dict)
        and "name" in patch[0]
    ):
        by_name = {one["name"]: one for one in old}
        added = [merged(by_name.get(one["name"], {}), one) for one in patch if one["name"] not in by_name]
        return added + [merged(one, next((p for p in patch if p["name"] == one["name"]), {})) for one in old]
    if not isinstance(patch, dict):
        return patch
    result = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def is_change(path: Path) -> bool:
    """Say whether it changes a fixture that is stored as it was sent: a pod is not, it was admitted and bound."""
    case = read(path)
    kind, _, _, name = target(case)
    known = kind is not None and kind.kind != "Pod" and (kind.kind, name) in fixtures()
    return known and isinstance(case["request"]["body"], dict)


@pytest.mark.parametrize("path", [path for path in cases("PATCH") if is_change(path)], ids=lambda path: path.stem)
def test_a_change_is_refused_with_the_real_causes(path: Path) -> None:
    case = read(path)
    kind, version, namespace, name = target(case)
    body = case["request"]["body"]
    assert kind is not None
    old = prepared(kind, version, fixtures()[kind.kind, name], namespace)
    new = merged(copy.deepcopy(old), body)
    wire.normalise(kind.group, version, kind.kind, new)
    kind.default(new)
    compared(kind, name, kind.update_errors(new, old), case["response"])
