"""What the plugins of one start are configured by: flags, and the file `--admission-control-config-file` names.

https://kubernetes.io/docs/reference/config-api/apiserver-config.v1/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from cluster.apiserver.launch import Launch

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Settings:
    """The flags of a start, and each plugin's own configuration."""

    launch: Launch = field(default_factory=Launch)

    def of(self, plugin: str) -> Mapping[str, Any]:
        """Return a plugin's configuration, written into the file or in one it names; empty without any."""
        for entry in _read(self.launch.file("admission-control-config-file")).get("plugins") or ():
            if entry.get("name") == plugin:
                inline = entry.get("configuration")
                return inline if isinstance(inline, dict) else self._named(entry.get("path") or "")
        return {}

    def _named(self, path: str) -> Mapping[str, Any]:
        """Return the document a path names, which may be relative to the file that names it."""
        folder = self.launch.value("admission-control-config-file").rpartition("/")[0]
        return _read(self.launch.files.get(path) or self.launch.files.get(f"{folder}/{path}"))


def _read(text: str | None) -> Mapping[str, Any]:
    try:
        found = yaml.load(text or "", Loader=_LOADER)
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}
