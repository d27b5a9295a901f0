"""--sort-by: order objects by a JSONPath, numbers as numbers, quantities as quantities, text as text."""

from __future__ import annotations

from typing import Any

from cluster.kubectl.errors import CommandError
from cluster.kubectl.manifests import Info
from cluster.machinery import quantity
from cluster.machinery.jsonpath import JsonPath, JsonPathError, relaxed


def sort_infos(infos: list[Info], expression: str) -> None:
    """Sort in place, stably; objects without the field come first."""
    if not infos:
        return
    try:
        path = JsonPath(relaxed(expression), allow_missing=True)
        found = [_value(path, info) for info in infos]
    except JsonPathError as problem:
        raise CommandError(str(problem)) from None
    if all(value is None for value in found):
        raise CommandError(f"couldn't find any field with path \"{relaxed(expression)}\" in the list of objects")
    pairs = sorted(zip(found, range(len(infos)), infos, strict=True), key=lambda pair: (_key(pair[0]), pair[1]))
    infos[:] = [info for _, _, info in pairs]


def _value(path: JsonPath, info: Info) -> Any:
    values = [value for group in path.results(info.object) for value in group]
    return values[0] if values else None


def _key(value: Any) -> tuple[int, Any]:
    if value is None:
        return 0, 0
    if isinstance(value, (bool, int, float)):
        return 1, value
    try:
        return 2, quantity.parse(value)
    except ValueError:
        return 3, str(value)
