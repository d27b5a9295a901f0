"""Strategic merge patch: lists merge by key where the schema says so, and directives steer it.

Follows k8s.io/apimachinery `util/strategicpatch` ($patch, $retainKeys, $deleteFromPrimitiveList,
$setElementOrder). What it must know of a schema it asks through `Lookup`, so it knows no kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

DIRECTIVE = "$patch"
RETAIN = "$retainKeys"
DELETE_FROM = "$deleteFromPrimitiveList/"
SET_ORDER = "$setElementOrder/"


class StrategicPatchError(ValueError):
    """A patch that cannot be applied; the text is the real one."""


class BadPatchFormat(StrategicPatchError):
    """One of the few faults a server blames on who sent the patch; the others it passes on as its own."""


class Lookup(Protocol):
    """What the schema says where the patch stands."""

    def field(self, name: str) -> Lookup | None:
        """Return the lookup of a field (of an object, or of the items of a list of objects)."""
        ...

    @property
    def merge_key(self) -> str: ...

    @property
    def strategies(self) -> Sequence[str]: ...


def apply(document: dict[str, Any], patch: dict[str, Any], lookup: Lookup | None) -> dict[str, Any]:
    """Return `document` with `patch` merged in; neither is changed."""
    merged = _merge_map(document, patch, lookup)
    return merged


def _merge_map(original: dict[str, Any], patch: dict[str, Any], lookup: Lookup | None) -> dict[str, Any]:
    directive = patch.get(DIRECTIVE)
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != DIRECTIVE}
    if directive == "delete":
        return {}
    if directive is not None:
        raise StrategicPatchError(f"unknown patch type: {_go(directive)} in map: {_go(patch)}")
    merged = _retained(original, patch)
    _reorder(merged, original, patch, lookup)
    done = {key.removeprefix(SET_ORDER) for key in patch if key.startswith(SET_ORDER)}
    for key, value in patch.items():
        if key.startswith(DELETE_FROM):
            field = key.removeprefix(DELETE_FROM)
            if not isinstance(value, list):
                raise BadPatchFormat("invalid patch format of primitive list")
            if field not in done and isinstance(merged.get(field), list):
                merged[field] = [item for item in merged[field] if item not in value]
        elif not _is_directive(key) and key not in done:
            _merge_field(merged, key, value, lookup.field(key) if lookup else None)
    return merged


def _retained(original: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    keys = patch.get(RETAIN)
    if keys is None:
        return dict(original)
    given = [key for key, value in patch.items() if value is not None and not _is_directive(key)]
    if not isinstance(keys, list) or any(key not in keys for key in given):
        raise BadPatchFormat("invalid patch format of retainKeys")
    return {key: value for key, value in original.items() if key in keys}


def _is_directive(key: str) -> bool:
    return key in (DIRECTIVE, RETAIN) or key.startswith((DELETE_FROM, SET_ORDER))


def _merge_field(merged: dict[str, Any], key: str, value: Any, lookup: Lookup | None) -> None:
    if value is None:
        merged.pop(key, None)
        return
    current = merged.get(key)
    strategies = lookup.strategies if lookup else ()
    if isinstance(value, dict):
        replaces = "replace" in strategies or not isinstance(current, dict)
        merged[key] = _clean(value) if replaces else _merge_map(current or {}, value, lookup)
    elif isinstance(value, list) and "merge" in strategies:
        merged[key] = _merge_list(current if isinstance(current, list) else [], value, lookup)
    else:
        merged[key] = value


def _clean(value: Any) -> Any:
    """Return a new part of a document without directives and nulls."""
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items() if item is not None and not _is_directive(key)}
    return value


def _reorder(merged: dict[str, Any], original: dict[str, Any], patch: dict[str, Any], lookup: Lookup | None) -> None:
    for key, order in patch.items():
        if not key.startswith(SET_ORDER):
            continue
        field = key.removeprefix(SET_ORDER)
        if not isinstance(order, list):
            raise BadPatchFormat("invalid patch format of setElementOrder list")
        inner = lookup.field(field) if lookup else None
        current = original.get(field) or []
        if patch.get(field):
            _check_order(patch[field], order, inner.merge_key if inner else "")
        changed = _merge_list(current, patch[field], inner) if patch.get(field) else list(current)
        removed = patch.get(DELETE_FROM + field) or ()
        changed = [item for item in changed if item not in removed]
        if field in patch and patch[field] is None:
            merged.pop(field, None)
        elif changed or field in original or field in patch:
            merged[field] = _ordered(changed, order, current, inner.merge_key if inner else "")


def _check_order(items: Any, order: list[Any], key: str) -> None:
    """Check that the items of a patch stand in the order it gives, and all of them in it."""
    if not isinstance(items, list):
        raise BadPatchFormat("invalid patch format of setElementOrder list")
    waiting = [item for item in items if not (isinstance(item, dict) and item.get(DIRECTIVE) == "delete")]
    for place in order:
        if waiting and _same(waiting[0], place, key):
            waiting.pop(0)
    if waiting:
        text = f"The order in patch list:\n{_go(items)}\n doesn't match {SET_ORDER[:-1]} list:\n{_go(order)}\n"
        raise StrategicPatchError(text)


def _merge_list(original: Sequence[Any], patch: Sequence[Any], lookup: Lookup | None) -> list[Any]:
    if not any(isinstance(item, dict) for item in (*original, *patch)):
        merged = [*original, *patch]
        distinct = [item for position, item in enumerate(merged) if item not in merged[:position]]
        return _ordered(distinct, patch, original, "")
    key = lookup.merge_key if lookup else ""
    if not key:
        raise StrategicPatchError("cannot merge lists without merge key")
    kept, rest = _special(list(original), patch, key)
    merged = list(kept)
    for item in rest:
        position = _find(merged, item, key)
        if position < 0:
            merged.append(_clean(item))
        else:
            merged[position] = _merge_map(merged[position], item, lookup)
    return _ordered(merged, rest, kept, key)


def _special(original: list[Any], patch: Sequence[Any], key: str) -> tuple[list[Any], list[Any]]:
    """Act on `$patch` items; return (what is left of the original, the ordinary items)."""
    rest: list[Any] = []
    replaced = False
    for item in patch:
        directive = item.get(DIRECTIVE) if isinstance(item, dict) else None
        if directive == "delete":
            if key not in item:
                raise StrategicPatchError(f"map: {_go(item)} does not contain declared merge key: {key}")
            original = [other for other in original if other.get(key) != item[key]]
        elif directive == "replace":
            replaced = True
        elif directive == "merge":
            raise StrategicPatchError("merging lists cannot yet be specified in the patch")
        elif directive is not None:
            raise StrategicPatchError(f"unknown patch type: {_go(directive)} in map: {_go(item)}")
        else:
            if isinstance(item, dict) and key not in item:
                raise StrategicPatchError(f"map: {_go(item)} does not contain declared merge key: {key}")
            rest.append(item)
    return ([] if replaced else original), rest


def _go(value: Any) -> str:
    """Return a map as Go's %v prints it."""
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{_go(item)}" for key, item in sorted(value.items())) + "]"
    if isinstance(value, list):
        return "[" + " ".join(_go(item) for item in value) + "]"
    return "true" if value is True else "false" if value is False else str(value)


def _same(one: Any, other: Any, key: str) -> bool:
    if key and isinstance(one, dict) and isinstance(other, dict):
        return one.get(key) == other.get(key)
    return bool(one == other)


def _find(items: Sequence[Any], wanted: Any, key: str) -> int:
    return next((at for at, item in enumerate(items) if _same(item, wanted, key)), -1)


def _ordered(merged: Sequence[Any], patch: Sequence[Any], server: Sequence[Any], key: str) -> list[Any]:
    """Put items the patch names in its order, and let the server's own keep theirs among them."""
    named = [item for item in merged if _find(patch, item, key) >= 0]
    own = [item for item in merged if _find(patch, item, key) < 0]
    named.sort(key=lambda item: _find(patch, item, key))
    own.sort(key=_by_place(server, key))
    result: list[Any] = []
    while own and named:
        left, right = _find(server, own[0], key), _find(server, named[0], key)
        result.append(own.pop(0) if 0 <= left < right else named.pop(0))
    return result + own + named


def _by_place(server: Sequence[Any], key: str) -> Callable[[Any], int]:
    return lambda item: _find(server, item, key)
