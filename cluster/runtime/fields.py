"""Reads fields of objects by JSONPath, in kubectl's dialect, for checks and pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from cluster.machinery.jsonpath import JsonPath, JsonPathError


@lru_cache(maxsize=1024)
def _compiled(path: str) -> JsonPath:
    return JsonPath("{" + path + "}")


def fields_at(obj: Mapping[str, Any], path: str) -> Sequence[Any]:
    """Return every value `path` (`.spec.replicas`) finds; nothing where a field is missing."""
    try:
        return [value for group in _compiled(path).results(obj) for value in group]
    except JsonPathError:  # an index past the end of a list
        return []
