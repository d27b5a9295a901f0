"""Values of wrong types, anywhere in any kind, by every way of writing: an answer in the API's words, never a crash."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from cluster.apiserver.client import Client
from cluster.apiserver.local import local_server
from cluster.apiserver.request import ADMIN
from cluster.kinds.kind import Kind
from cluster.kinds.registry import REGISTRY
from cluster.machinery.errors import StatusError
from tests.golden.shared import GOLDEN, files, read

STRANGE: tuple[Any, ...] = ("two", 7, -1, 1.5, True, [], ["x"], [None], [{}], {}, {"x": "y"}, {"x": None}, None, "")
ROUNDS = 12
Path_ = tuple[Any, ...]


def recorded_object(example: Path) -> tuple[dict[str, Any], Kind | None]:
    obj = read(example)
    obj = obj.get("object") or obj.get("body") or obj
    return obj, REGISTRY.by_kind(obj["apiVersion"].rpartition("/")[0], obj["kind"])


def is_ours(example: Path) -> bool:
    """Say whether it is an object of a kind that we store: not a custom one, not an answer."""
    kind = recorded_object(example)[1]
    return kind is not None and kind.stored


EXAMPLES = [path for path in files(GOLDEN / "objects" / "get", "*.json") if is_ours(path)]


def places(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Yield the path of every value inside, branches and leaves."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def spoilt(obj: dict[str, Any], path: Path_, value: Any) -> dict[str, Any]:
    copy: dict[str, Any] = orjson.loads(orjson.dumps(obj))
    inner: Any = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return copy


def merge_patch(path: Path_, value: Any) -> Any:
    """Return the merge patch that sets a value; lists on the way are replaced by one item."""
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value


def pointer(path: Path_) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def writes(kind: Kind, obj: dict[str, Any], path: Path_, value: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (verb, subresource, fields of the request)."""
    whole = spoilt(obj, path, value)
    fresh = {**whole, "metadata": {**whole["metadata"], "name": "fresh"}} if path != ("metadata",) else whole
    if isinstance(fresh["metadata"], dict):
        fresh["metadata"].pop("resourceVersion", None)
        fresh["metadata"].pop("uid", None)
    yield "create", "", {"body": fresh, "name": ""}
    for subresource in ("", *(sub.name for sub in kind.subresources if sub.name in WRITTEN)):
        yield "update", subresource, {"body": whole}
        yield "patch", subresource, {"body": merge_patch(path, value), "patch_type": "merge"}
        yield "patch", subresource, {"body": merge_patch(path, value), "patch_type": "strategic"}
        operation = {"op": "add", "path": pointer(path), "value": value}
        yield "patch", subresource, {"body": [operation], "patch_type": "json"}
        yield "patch", subresource, {"body": whole, "patch_type": "apply", "force": True, "field_manager": "f"}


WRITTEN = ("status", "scale", "approval", "ephemeralcontainers", "resize")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_a_value_of_a_wrong_type_is_refused_in_the_words_of_the_api(example: Path) -> None:
    obj, kind = recorded_object(example)
    assert kind is not None
    chance = random.Random(example.stem)
    server = local_server()
    client = Client(server, ADMIN, checked=True)
    namespace, name = obj["metadata"].get("namespace") or "", obj["metadata"]["name"]
    if namespace:
        client.create("namespaces", {"metadata": {"name": namespace}})
    if server.store.get(kind.key, namespace, name) is None:
        server.store.put(kind.key, obj, actor="", cause="", time=0.0)
    stored = server.store.get(kind.key, namespace, name)
    assert stored is not None
    everywhere = [path for path in places(stored) if path[:2] != ("metadata", "managedFields")]
    for path in chance.sample(everywhere, min(ROUNDS, len(everywhere))):
        value = chance.choice(STRANGE)
        for verb, subresource, fields in writes(kind, stored, path, value):
            attempt(client, kind, verb, subresource, {"namespace": namespace, "name": name, **fields})


def attempt(client: Client, kind: Kind, verb: str, subresource: str, fields: dict[str, Any]) -> None:
    try:
        client.request(verb, kind.key, subresource=subresource, dry_run=True, **fields)
    except StatusError:
        pass
    except Exception as error:
        raise AssertionError(f"{verb} {kind.key}/{subresource} {fields}"[:1500]) from error
