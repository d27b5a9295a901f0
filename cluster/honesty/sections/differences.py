"""The recorded answers of a real cluster that are other here, from the list the golden tests hold to."""

from __future__ import annotations

from collections.abc import Iterator

from cluster.honesty import known
from cluster.honesty.lines import Line


def lines() -> Iterator[Line]:
    texts = known.reasons()
    for one in known.steps():
        yield Line(one.command, "simplified", (texts[one.reason],), (f"{one.recording} #{one.step}",))
    for one in (*known.scenarios(), *known.tables()):
        yield Line(one.recording, "simplified", (texts[one.reason],))
