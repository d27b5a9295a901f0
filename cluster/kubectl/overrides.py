"""--overrides and --override-type of run and expose: an inline patch on the generated object."""

from __future__ import annotations

import copy
import json
from typing import Any

from cluster.kubectl.command import Session
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.kubectl.printers.structured import Typed
from cluster.machinery import goyaml
from cluster.machinery.meta import Object

FLAGS = (
    Flag("override-type", "string", "merge", "The method used to override the generated object: json, merge, or "
         "strategic."),
    Flag("overrides", help="An inline JSON override for the generated object. If this is non-empty, it is used to "
         "override the generated object. Requires that the object supply a valid apiVersion field."),
)


def apply(session: Session, obj: Object) -> Object:
    text = session.flags["overrides"]
    if not text:
        return obj
    try:
        patch: Any = json.loads(text)
    except ValueError:
        try:
            patch = goyaml.load(text)
        except goyaml.YamlError as problem:
            raise CommandError(str(problem)) from None
    if not isinstance(patch, dict):
        raise CommandError("overrides must be an object")
    return Typed(_merged(copy.deepcopy(dict(obj)), patch))


def _merged(obj: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    found = dict(obj) if isinstance(obj, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = _merged(found.get(key), value)
    return found
