"""What a terminal's page is told beside the terminal: which request was refused, so that it can point there."""

from __future__ import annotations

from typing import Any

from cluster.apiserver.exchange import Exchange
from cluster.apiserver.gates.recorder import Recorder
from cluster.apiserver.gates.rings import is_component

CODES = frozenset({401, 403, 409, 422})
ADMISSION = frozenset({"mutating", "validating"})


def refused_since(recorder: Recorder, serial: int) -> list[dict[str, Any]]:
    """Return a message about the newest refusal of an in-process person after `serial`; none when there is none."""
    found = [(number, exchange) for number, exchange in recorder.refusals if number > serial and _telling(exchange)]
    if not found:
        return []
    number, exchange = found[-1]
    return [{"type": "refused", "request": number, "code": exchange.code}]


def _telling(exchange: Exchange) -> bool:
    request = exchange.request
    if request.method or is_component(request):
        return False
    last = request.verdicts[-1] if request.verdicts else None
    by_admission = last is not None and last.allowed is False and last.stage in ADMISSION
    return exchange.code in CODES or by_admission
