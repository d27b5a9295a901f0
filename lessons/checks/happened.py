"""`happened`: since the step began, something was written.

type: happened
verb: DELETED             # ADDED, MODIFIED or DELETED; any when left out
resource: pods
namespace: default
name: {matches: "^web-"}  # a name, or an operator
actor: {matches: kubectl} # who wrote it
where: {.metadata.labels.app: web}
before: {.spec.replicas: 1}   # what it was just before
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.runtime.view import LabView, Revision
from lessons.checks.expectation import satisfied


class HappenedCheck:
    lasting = True

    def holds(self, options: Mapping[str, Any], lab: LabView, news: Sequence[Revision]) -> bool:
        return any(_matches(options, revision) for revision in news)


def _matches(options: Mapping[str, Any], revision: Revision) -> bool:
    facts = {"verb": revision.verb, "name": revision.name, "actor": revision.actor}
    expected = {f".{field}": options[field] for field in facts if field in options}
    return (
        revision.resource == options["resource"]
        and revision.namespace == options.get("namespace", revision.namespace)
        and satisfied(facts, expected)
        and satisfied(revision.object, options.get("where", {}))
        and satisfied(revision.previous or {}, options.get("before", {}))
    )
