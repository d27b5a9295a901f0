"""The order of admission: all mutating plugins, then (after validation of the object) all validating ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import Attributes
from cluster.apiserver.changes import Change, text_of
from cluster.machinery.errors import StatusError

_Steps = Sequence[tuple[Plugin, Callable[[Attributes], None]]]


class Admission:
    """The plugins of one server, sorted once by what they look at."""

    def __init__(self, plugins: Sequence[Plugin]):
        self.plugins = tuple(plugins)
        self._mutating: dict[tuple[str, str], _Steps] = {}
        self._judging: dict[tuple[str, str], _Steps] = {}

    def admit(self, attributes: Attributes) -> None:
        """Let every plugin change the draft."""
        key = (attributes.kind.resource, attributes.operation)
        steps = self._mutating.get(key)
        if steps is None:
            found = [plugin for plugin in self._concerned(key) if plugin.mutates]
            steps = self._mutating[key] = [(plugin, plugin.admit) for plugin in found]
        if attributes.watched:
            _run_watched(steps, attributes)
        else:
            _run(steps, attributes, "mutating")

    def judge(self, attributes: Attributes) -> None:
        """Let every plugin refuse."""
        key = (attributes.kind.resource, attributes.operation)
        steps = self._judging.get(key)
        if steps is None:
            found = [plugin for plugin in self._concerned(key) if plugin.judges]
            steps = self._judging[key] = [(plugin, plugin.judge) for plugin in found]
        _run(steps, attributes, "validating")

    def _concerned(self, key: tuple[str, str]) -> list[Plugin]:
        resource, operation = key
        return [
            plugin
            for plugin in self.plugins
            if operation in plugin.operations and (not plugin.resources or resource in plugin.resources)
        ]


def _run(steps: _Steps, attributes: Attributes, stage: str) -> None:
    for plugin, step in steps:
        try:
            step(attributes)
        except StatusError as error:
            attributes.verdict(stage, plugin.name, False, error.message, attributes.noted())
            raise
        attributes.verdict(stage, plugin.name, True, "", attributes.noted())


def _run_watched(steps: _Steps, attributes: Attributes) -> None:
    """Do the same for somebody who is told what each plugin changed."""
    before = text_of(attributes.object)
    for one in steps:
        _run((one,), attributes, "mutating")
        after = text_of(attributes.object)
        if after != before:
            last = attributes.request.verdicts.pop()
            attributes.verdict("mutating", last.by, True, last.text, {**last.detail, "change": Change(before, after)})
            before = after
