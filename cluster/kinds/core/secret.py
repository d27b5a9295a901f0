"""Confidential data, base64 on the wire. https://kubernetes.io/docs/concepts/configuration/secret/"""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="",
    version="v1",
    kind="Secret",
    plural="secrets",
    namespaced=True,
)
