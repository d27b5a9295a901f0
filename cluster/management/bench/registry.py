"""Every measurement of `manage.py bench`, in the order of the budgets."""

from __future__ import annotations

from collections.abc import Mapping

from cluster.management.bench import api, class_room, page, picture, rollout, start
from cluster.management.bench.figure import Measure

MEASURES: Mapping[str, Measure] = {
    "start": start.measure,
    "api": api.measure,
    "page": page.measure,
    "rollout": rollout.measure,
    "class": class_room.measure,
    "picture": picture.measure,
}
