"""`absent`: there is no such object (any more). Options as of `object`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.runtime.view import LabView, Revision
from lessons.checks.objects import ObjectCheck


class AbsentCheck:
    lasting = False

    def holds(self, options: Mapping[str, Any], lab: LabView, news: Sequence[Revision]) -> bool:
        return ObjectCheck().holds({**options, "count": 0}, lab, news)
