"""`request`: since the step began, the API server was asked something, and answered so.

type: request
user: dev                    # who asked; a name, or an operator; any when left out
verb: delete                 # get list watch create update patch delete deletecollection
resource: pods               # plural.group, with its subresource: pods/exec
namespace: default
name: {matches: "^web-"}
code: 403                    # the answer's code, or an operator: {gte: 400}
by: RBAC                     # who refused it: an authoriser or an admission plugin such as PodSecurity
reason: "exceeded quota"     # a regular expression the answer's message must match
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cluster.runtime.view import Entry, LabView, Revision, refusers
from lessons.checks.expectation import satisfied

_FACTS = ("verb", "resource", "namespace", "name", "code")


class RequestCheck:
    lasting = True

    def holds(self, options: Mapping[str, Any], lab: LabView, news: Sequence[Revision]) -> bool:
        return any(_matches(options, entry) for entry in lab.new_requests())


def _matches(options: Mapping[str, Any], entry: Entry) -> bool:
    facts = {"user": entry.actor, **{field: getattr(entry, field) for field in _FACTS}}
    expected = {f".{field}": options[field] for field in facts if field in options}
    return (
        satisfied(facts, expected)
        and ("by" not in options or options["by"] in refusers(entry))
        and re.search(options.get("reason", ""), str(entry.detail.get("message", ""))) is not None
    )
