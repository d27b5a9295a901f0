"""--raw: a path asked as it stands. Paths of resources are answered through the client; discovery is not."""

from __future__ import annotations

import re

from cluster.kubectl.command import Session
from cluster.kubectl.printers.structured import compact_json
from cluster.machinery.errors import no_such_path

_PATH = re.compile(
    r"/(?:api/(?P<core>v1)|apis/(?P<group>[^/]+)/(?P<version>[^/]+))(?:/namespaces/(?P<namespace>[^/]+))?"
    r"/(?P<resource>[^/?]+)(?:/(?P<name>[^/?]+))?(?:/(?P<sub>[^/?]+))?$")
HEALTH = ("/healthz", "/livez", "/readyz")


def print_raw(session: Session, path: str) -> int:
    """Answer GET `path`."""
    plain = path.partition("?")[0].rstrip("/")
    if plain in HEALTH:
        session.out("ok")
        return 0
    match = _PATH.match(plain)
    if match is None:
        raise no_such_path()
    found = match.groupdict()
    resource = found["resource"] + (f".{found['group']}" if found["group"] else "")
    fields = {"namespace": found["namespace"] or "", "version": found["version"] or "v1"}
    if found["name"]:
        fields |= {"name": found["name"], "subresource": found["sub"] or ""}
    result = session.client.request("get" if found["name"] else "list", resource, **fields)
    session.out(compact_json(result.object) + "\n")
    return 0
