"""Which services a pod is set up to talk to: the host names in its environment, arguments and image.

A real cluster does not know this before a packet flows; a reader of the manifest does. A word counts as a
host where a service of that name exists beside the pod (`redis-leader`, `db.default.svc`, `http://api:80/x`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from cluster.machinery.meta import Object
from cluster.workloads.catalogue import entries
from cluster.workloads.image import InvalidReference, parse_reference

_PEERS = ("leader", "follower", "talks_to")  # settings of catalogue images that name hosts
_START = re.compile(r"(?:^|[\s/@=,;\"'(])([a-z0-9][-a-z0-9]*)(?=[.:/\s,;\"')]|$)")


def hosts_named_by(pod: Object) -> frozenset[str]:
    """Return every first label of what may be a host name in the pod's containers."""
    spec = pod.get("spec", {})
    found: set[str] = set()
    for container in [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]:
        found.update(*(_hosts(text) for text in _texts(container)))
        found.update(_image_hosts(str(container.get("image", ""))))
    return frozenset(found)


def _texts(container: Mapping[str, Any]) -> Iterable[str]:
    yield from (str(variable.get("value") or "") for variable in container.get("env") or ())
    yield from map(str, container.get("command") or ())
    yield from map(str, container.get("args") or ())


@lru_cache(maxsize=4096)
def _hosts(text: str) -> frozenset[str]:
    return frozenset(_START.findall(text))


@lru_cache(maxsize=512)
def _image_hosts(image: str) -> frozenset[str]:
    """Return the hosts that the image's catalogue entry is set to talk to."""
    try:
        known = entries().get(parse_reference(image).repository)
    except InvalidReference:
        return frozenset()
    settings: Mapping[str, Any] = (known.config.get("settings") or {}) if known else {}
    named = [settings.get(key) or () for key in _PEERS]
    texts = [text for each in named for text in ([each] if isinstance(each, str) else each)]
    return frozenset(host for text in texts for host in _hosts(text))
