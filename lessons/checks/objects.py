"""`object`: so many objects of a kind are as described.

type: object
resource: pods            # plural, or plural.group
namespace: default        # "" = all namespaces; default: default
name: web                 # or
selector: app=web         # or neither: any
where: {.status.phase: Running}
count: 3                  # exactly; or {gte: 1} (the default), {lte: 0}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.runtime.view import LabView, Revision
from lessons.checks.expectation import OPERATORS, satisfied


class ObjectCheck:
    lasting = False

    def holds(self, options: Mapping[str, Any], lab: LabView, news: Sequence[Revision]) -> bool:
        found = lab.objects(options["resource"], options.get("namespace", "default"), options.get("selector", ""))
        wanted = options.get("name")
        where = options.get("where", {})
        matching = [
            obj for obj in found if (wanted is None or obj["metadata"]["name"] == wanted) and satisfied(obj, where)
        ]
        return _counted(len(matching), options.get("count", {"gte": 1}))


def _counted(number: int, expected: Any) -> bool:
    if isinstance(expected, Mapping):
        return all(OPERATORS[operator]([number], operand) for operator, operand in expected.items())
    return bool(number == expected)
