"""JSON patches of a MutatingAdmissionPolicy: `jsonpatch.escapeKey("example.com/key")`."""

from __future__ import annotations

from cluster.machinery.cel.signatures import library

PATCHES = library([("jsonpatch.escapeKey(string) string", lambda key: key.replace("~", "~0").replace("/", "~1"))])
