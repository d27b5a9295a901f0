"""AlwaysDeny: refuses every write; deprecated, for tests of clients."""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import Attributes


class AlwaysDeny(Plugin):
    name = "AlwaysDeny"
    mutates = True
    judges = True

    def admit(self, attributes: Attributes) -> None:
        self.judge(attributes)

    def judge(self, attributes: Attributes) -> None:
        raise attributes.forbid("admission control is denying all modifications")
