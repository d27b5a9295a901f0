"""Where a remembered request ended: which gate refused it, and who stood there."""

from __future__ import annotations

from cluster.apiserver.gates.record import Entry

AUTHN, AUTHZ, DEFAULTING, MUTATING = "authn", "authz", "defaulting", "mutating"
VALIDATION, VALIDATING, STORE = "validation", "validating", "store"
STAGES = (AUTHN, AUTHZ, DEFAULTING, MUTATING, VALIDATION, VALIDATING, STORE)
_BY_CODE = {401: AUTHN, 400: DEFAULTING, 405: DEFAULTING, 406: DEFAULTING, 413: DEFAULTING, 415: DEFAULTING}


def refused_at(entry: Entry) -> str:
    """Return the stage that refused a request; '' when none did.

    A stage that leaves no verdict of its own is known by the code: a body that cannot be decoded, an object that is
    not there or has changed.
    """
    if not entry.refused:
        return ""
    verdicts = entry.detail.get("verdicts", ())
    refuser = next((one for one in verdicts if one["allowed"] is False), None)
    if refuser is not None:
        return str(refuser["stage"])
    if entry.code == 403 and all(one["stage"] in (AUTHN, AUTHZ) for one in verdicts):
        return AUTHZ
    return VALIDATION if entry.code == 422 else _BY_CODE.get(entry.code, STORE)


def refusers(entry: Entry) -> tuple[str, ...]:
    """Return who did not let it through at that stage: a plugin, or all authorisers that had no yes for it."""
    stage = refused_at(entry)
    found = [one for one in entry.detail.get("verdicts", ()) if one["stage"] == stage and one["allowed"] is not True]
    said_no = [one for one in found if one["allowed"] is False] or found
    return tuple(dict.fromkeys(str(one["by"]) for one in said_no if one["by"]))
