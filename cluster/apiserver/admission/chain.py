"""The order of admission: all mutating plugins, then (after validation of the object) all validating ones."""

from __future__ import annotations

from collections.abc import Sequence

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import Attributes
from cluster.machinery.errors import StatusError


class Admission:
    """The plugins of one server."""

    def __init__(self, plugins: Sequence[Plugin] = ()):
        self.plugins = tuple(plugins)

    def admit(self, attributes: Attributes) -> None:
        """Let every plugin change the draft."""
        for plugin in self.plugins:
            if attributes.operation in plugin.operations:
                self._run(plugin, plugin.admit, attributes)

    def judge(self, attributes: Attributes) -> None:
        """Let every plugin refuse."""
        for plugin in self.plugins:
            if attributes.operation in plugin.operations:
                self._run(plugin, plugin.judge, attributes)

    def _run(self, plugin: Plugin, step: object, attributes: Attributes) -> None:
        said = len(attributes.request.verdicts)
        try:
            step(attributes)  # type: ignore[operator]
        except StatusError as error:
            attributes.verdict("admission", plugin.name, False, error.message)
            raise
        del said
