"""Which patch apply sends: three-way, from the last applied manifest, the new one and the live object.

Strategic where the kind has a published schema (lists merge by key), JSON merge otherwise. Follows
apimachinery's `strategicpatch.CreateThreeWayMergePatch` and `jsonmergepatch.CreateThreeWayJSONMergePatch`.
"""

from __future__ import annotations

from typing import Any

import orjson

from cluster.kinds import schema as schemas
from cluster.kubectl.discovery import Mapping

Schema = dict[str, Any] | None


def schema_of(mapping: Mapping) -> Schema:
    return schemas.of_kind(mapping.group, mapping.version, mapping.kind.kind)


def same(left: Any, right: Any) -> bool:
    """Compare JSON data; true is not 1, and 1.0 is 1."""
    return _canonical(left) == _canonical(right)


def _canonical(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def merge_patch(original: dict[str, Any], modified: dict[str, Any], current: dict[str, Any]) -> dict[str, Any]:
    """Return the three-way JSON merge patch."""
    patch = _json_changes(current, modified)
    return _merged(patch, _json_deletions(original, modified))


def two_way_merge(current: dict[str, Any], modified: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON merge patch from one object to another."""
    return _merged(_json_changes(current, modified), _json_deletions(current, modified))


def _json_changes(current: dict[str, Any], modified: dict[str, Any]) -> dict[str, Any]:
    patch: dict[str, Any] = {}
    for key, value in modified.items():
        live = current.get(key)
        if isinstance(value, dict) and isinstance(live, dict):
            inner = _json_changes(live, value)
            if inner:
                patch[key] = inner
        elif key not in current or not same(value, live):
            patch[key] = value
    return patch


def _json_deletions(original: dict[str, Any], modified: dict[str, Any]) -> dict[str, Any]:
    patch: dict[str, Any] = {}
    for key, value in original.items():
        if key not in modified:
            patch[key] = None
        elif isinstance(value, dict) and isinstance(modified[key], dict):
            inner = _json_deletions(value, modified[key])
            if inner:
                patch[key] = inner
    return patch


def _merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    merged = dict(first)
    for key, value in second.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merged(merged[key], value)
        else:
            merged[key] = value
    return merged


# -- strategic -------------------------------------------------------------------------------------------------------


def strategic_patch(
    original: dict[str, Any], modified: dict[str, Any], current: dict[str, Any], schema: Schema
) -> dict[str, Any]:
    """Return the three-way strategic merge patch."""
    return _maps(original, modified, current, schema)


def two_way_strategic(current: dict[str, Any], modified: dict[str, Any], schema: Schema) -> dict[str, Any]:
    """Return the strategic merge patch from one object to another."""
    return _maps(current, modified, current, schema)


def _field(schema: Schema, key: str) -> Schema:
    return schemas.property_of(schema, key) if schema else None


def _maps(original: Any, modified: dict[str, Any], current: dict[str, Any], schema: Schema) -> dict[str, Any]:
    before = original if isinstance(original, dict) else {}
    patch: dict[str, Any] = {}
    for key, value in modified.items():
        inner = _field(schema, key) or (schemas.values(schema) if schema else None)
        live = current.get(key)
        if key not in current:
            patch[key] = value
        elif isinstance(value, dict) and isinstance(live, dict):
            found = _objects(before.get(key), value, live, inner)
            if found:
                patch[key] = found
        elif isinstance(value, list) and isinstance(live, list):
            patch.update(_lists(key, before.get(key), value, live, inner))
        elif not same(value, live):
            patch[key] = value
    for key in before:
        if key not in modified and key in current | before:
            patch[key] = None
    return patch


def _objects(original: Any, modified: dict[str, Any], current: dict[str, Any], schema: Schema) -> dict[str, Any]:
    strategies = schemas.patch_strategies(schema) if schema else ()
    if "replace" in strategies:
        return {} if same(modified, current) else {"$patch": "replace", **modified}
    found = _maps(original, modified, current, schema)
    if found and "retainKeys" in strategies:
        found["$retainKeys"] = sorted(modified)
    return found


def _lists(key: str, original: Any, modified: list[Any], current: list[Any], schema: Schema) -> dict[str, Any]:
    before = original if isinstance(original, list) else []
    if schema is None or "merge" not in schemas.patch_strategies(schema):
        return {} if same(modified, current) else {key: modified}
    merge_key = schemas.merge_key(schema)
    if merge_key and all(isinstance(item, dict) and merge_key in item for item in (*modified, *current)):
        return _keyed(key, merge_key, before, modified, current, schemas.items(schema))
    return _scalars(key, before, modified, current)


def _keyed(
    key: str, merge_key: str, original: list[Any], modified: list[Any], current: list[Any], schema: Schema
) -> dict[str, Any]:
    live = {item[merge_key]: item for item in current}
    before = {item[merge_key]: item for item in original if isinstance(item, dict) and merge_key in item}
    wanted = [item[merge_key] for item in modified]
    patches: list[Any] = []
    for item in modified:
        name = item[merge_key]
        if name not in live:
            patches.append(item)
            continue
        inner = _maps(before.get(name), item, live[name], schema)
        if inner:
            patches.append({**inner, merge_key: name})
    patches += [{"$patch": "delete", merge_key: name} for name in before if name not in wanted and name in live]
    order = [name for name in live if name in wanted]
    if not patches and order == [name for name in wanted if name in live]:
        return {}
    return {**({key: patches} if patches else {}), f"$setElementOrder/{key}": [{merge_key: name} for name in wanted]}


def _scalars(key: str, original: list[Any], modified: list[Any], current: list[Any]) -> dict[str, Any]:
    added = [item for item in modified if item not in current]
    gone = [item for item in original if item not in modified and item in current]
    if not added and not gone and [item for item in current if item in modified] == modified:
        return {}
    return {
        **({key: added} if added else {}), **({f"$deleteFromPrimitiveList/{key}": gone} if gone else {}),
        f"$setElementOrder/{key}": modified,
    }
