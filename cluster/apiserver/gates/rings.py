"""How long a request is remembered: three rings, so that a busy controller cannot push a learner's denial out.

Left out on purpose, and said so where requests are listed: what components read, their lease heartbeats, the Events
they write, and health probes, unless they are refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from cluster.apiserver.exchange import Exchange
from cluster.apiserver.request import Request

PEOPLE, REFUSED, COMPONENTS = "people", "refused", "components"
KEPT: Mapping[str, int] = {PEOPLE: 500, REFUSED: 200, COMPONENTS: 300}
_READS = frozenset({"get", "list", "watch", "head"})
_HEALTH = ("/livez", "/readyz", "/healthz")
# A component that meets these looks again and goes on: daily life, not a refusal.
_DAILY = frozenset({404, 409})


def ring_of(exchange: Exchange) -> str:
    """Return the ring an exchange belongs to; '' when it is not kept."""
    request, failed = exchange.request, exchange.code >= 400
    if is_component(request):
        return _component_ring(request, exchange.code)
    if not request.resource and not failed and request.uri.startswith(_HEALTH):
        return ""
    return REFUSED if failed else PEOPLE


def _component_ring(request: Request, code: int) -> str:
    if code >= 400:
        return COMPONENTS if code in _DAILY else REFUSED
    constant = request.verb in _READS or request.resource in ("leases", "events")
    return "" if constant else COMPONENTS


def is_component(request: Request) -> bool:
    """Say whether a part of the cluster asks, as against a person or a person's program."""
    name = request.user.name
    if not name.startswith("system:") or request.impersonator is not None or name == "system:anonymous":
        return False
    return not name.startswith("system:serviceaccount:") or name.startswith("system:serviceaccount:kube-system:")
