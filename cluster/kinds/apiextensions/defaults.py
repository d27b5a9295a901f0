"""Defaults of CustomResourceDefinitions: names that follow from the kind, and what a new one's status says."""

from __future__ import annotations

from cluster.machinery.meta import Object


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    names = spec.setdefault("names", {})
    kind = names.get("kind") or ""
    if kind and not names.get("singular"):
        names["singular"] = kind.lower()
    if kind and not names.get("listKind"):
        names["listKind"] = f"{kind}List"
    conversion = spec.setdefault("conversion", {})
    if not conversion.get("strategy"):
        conversion["strategy"] = "None"
    webhook = (conversion.get("webhook") or {}).get("clientConfig") or {}
    if webhook.get("service") is not None and webhook["service"].get("port") is None:
        webhook["service"]["port"] = 443
    draft.setdefault("status", {})


def prepare_update(draft: Object, old: Object) -> None:
    """A version that becomes the stored one joins those that were."""
    status = dict(draft.get("status") or {})
    known = list(status.get("storedVersions") or ())
    versions = (draft.get("spec") or {}).get("versions") or ()
    new = [version["name"] for version in versions if version.get("storage") and version.get("name") not in known]
    if new:
        draft["status"] = {**status, "storedVersions": [*known, *new]}


def prepare_create(draft: Object) -> None:
    versions = (draft.get("spec") or {}).get("versions") or ()
    stored = [version.get("name") for version in versions if version.get("storage")]
    draft["status"] = {
        "conditions": None,
        "acceptedNames": {"plural": "", "kind": ""},
        "storedVersions": stored or None,
    }
