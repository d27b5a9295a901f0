"""kube-controller-manager: one component that holds all controllers and the leader's Lease.

A write is shown only to the controllers that watch its resource. The Lease is renewed when the
manager works and the last renewal is old, not every two seconds: an idle lab writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from cluster.apiserver.component import Component
from cluster.apiserver.context import Context
from cluster.apiserver.request import User, component
from cluster.controllers.base import Controller
from cluster.controllers.registry import CONTROLLERS
from cluster.machinery.clock import micro_timestamp
from cluster.machinery.errors import StatusError
from cluster.store.interface import Revision

MakeContext = Callable[[User, str], Context]
"""Return the context of one identity whose Events come from this source."""

NAME = "kube-controller-manager"
RENEW = 60.0


class ControllerManager:
    """The process: stopping it stops every controller, and starting it makes them look at everything."""

    name = NAME

    def __init__(self, context: Context, controllers: list[Controller]):
        self.context = context
        self.controllers = controllers
        self._everything = [each for each in controllers if not each.handlers]
        self._watchers: dict[str, list[Controller]] = {}
        for each in controllers:
            for resource in each.handlers:
                self._watchers.setdefault(resource, []).append(each)
        self._turn = 0
        self._renewed: float | None = None
        self._due: float | None = None
        self._asked = False  # whether `_due` still holds: no queue has changed since

    def resume(self) -> None:
        self._renewed = None
        self._asked = False
        for each in self.controllers:
            each.resume()

    def observe(self, revision: Revision) -> None:
        self._asked = False
        for each in self._watchers.get(revision.resource, ()):
            each.observe(revision)
        for each in self._everything:
            each.observe(revision)

    def next_due(self) -> float | None:
        if not self._asked:
            moments = [moment for each in self.controllers if (moment := each.next_due()) is not None]
            self._due = min(moments, default=None)
            self._asked = True
        return self._due

    def step(self) -> bool:
        """Let the next controller that has work do one piece of it: they take turns, as they run side by side."""
        self._asked = False
        first = self._turn
        for place in (*range(first, len(self.controllers)), *range(first)):
            if self.controllers[place].step():
                self._turn = (place + 1) % len(self.controllers)
                self._renew()
                return True
        return False

    def _renew(self) -> None:
        now = self.context.clock.now()
        if self._renewed is not None and now - self._renewed < RENEW:
            return
        self._renewed = now
        lease = self.context.store.get("leases.coordination.k8s.io", "kube-system", NAME)
        moment = micro_timestamp(now)
        try:
            if lease is None:
                self._take(moment)
            else:
                spec = {**lease["spec"], "renewTime": moment}
                self.context.client.update("leases.coordination.k8s.io", {**lease, "spec": spec})
        except StatusError as error:
            self.context.state.put(f"controllers/{NAME}/lease", {"time": moment, "message": error.message})

    def _take(self, moment: str) -> None:
        spec = {
            "holderIdentity": f"cp-1_{self.context.ids.uid(NAME, 'leader')}",
            "leaseDurationSeconds": 15,
            "acquireTime": moment,
            "renewTime": moment,
            "leaseTransitions": 0,
        }
        metadata = {"name": NAME, "namespace": "kube-system"}
        lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}
        self.context.client.create("leases.coordination.k8s.io", lease)


def controller_manager(make_context: MakeContext) -> list[Component]:
    """Return the components of the controller manager: one, which holds them all."""
    controllers = [each(make_context(each.identity(), each.source)) for each in CONTROLLERS]
    return [ControllerManager(make_context(component("system:kube-controller-manager"), NAME), controllers)]
