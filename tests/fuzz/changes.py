"""Small changes to plausible objects: they come further than objects drawn from nothing."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import yaml

from tests.fuzz.values import NAMES, Values

EXAMPLES: dict[tuple[str, str], Any] = {
    (one["apiVersion"], one["kind"]): one
    for one in yaml.safe_load((Path(__file__).parent / "examples.yaml").read_text())
}


def changed_example(kind: Mapping[str, str], random: Random, values: Values) -> Any | None:
    """Return the example of a kind with up to three fields replaced, removed or invented; None without an example."""
    group = kind.get("group", "")
    version = f"{group}/{kind.get('version')}" if group else kind.get("version", "")
    example = EXAMPLES.get((version, kind.get("kind", "")))
    if example is None:
        return None
    found = copy.deepcopy(example)
    found["metadata"]["name"] = random.choice((found["metadata"].get("name", "web"), *NAMES[:5]))
    for _ in range(random.randrange(4)):
        _change(found, random, values)
    return found


def _change(found: Any, random: Random, values: Values) -> None:
    where = found
    while True:
        keys = list(where) if isinstance(where, dict) else list(range(len(where)))
        if not keys:
            return
        key = random.choice(keys)
        if isinstance(where[key], dict | list) and where[key] and random.random() < 0.85:
            where = where[key]
            continue
        break
    kind = random.randrange(4)
    if kind == 0:
        del where[key]
    elif kind == 1 and isinstance(where, dict):
        where[random.choice((*NAMES[:3], "namespace", "generateName", "finalizers", "ownerReferences"))] = values.odd()
    elif kind == 2 and isinstance(where, list):
        where.append(copy.deepcopy(where[key]))
    else:
        where[key] = values.odd()
