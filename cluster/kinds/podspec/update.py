"""Which fields of a stored pod may change (`ValidatePodUpdate`)."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import orjson

from cluster.kinds.internal import internal
from cluster.kinds.podspec.affinity import node_affinity_update, tolerations
from cluster.kinds.podspec.containers import pod_only
from cluster.kinds.podspec.quality import qos_class
from cluster.kinds.podspec.spec import pod_spec
from cluster.kinds.validation.fields import Errors
from cluster.machinery.fielderrors import forbidden_field, invalid_value, required
from cluster.machinery.meta import Object
from cluster.machinery.names import between

Spec = Mapping[str, Any]

_MAX_INT32 = 2**31 - 1
_ONLY = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def pod_update(new: Object, old: Object) -> Errors:
    """Return everything wrong with replacing `old` by `new`."""
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    errors = pod_spec("spec", spec)
    for field in ("containers", "initContainers"):
        if spec.get(field):
            errors += pod_only(f"spec.{field}", spec[field])
    for field in ("containers", "initContainers"):
        found, stop = _containers(field, spec, before)
        errors += found
        if stop:
            return errors
    found, stop = _deadline(spec, before)
    errors += found
    if stop:
        return errors
    return errors + _tolerations(spec, before) + _gates(spec, before) + _rest(spec, before)


def _rest(spec: Spec, before: Spec) -> Errors:
    """Check that nothing changed but what may."""
    if spec == before:
        return []
    munged = _munged(spec, before)
    errors = _loosened(munged, before) if before.get("schedulingGates") else []
    if munged == before:
        return errors
    return [*errors, forbidden_field("spec", f"{_ONLY}\n{go_diff('PodSpec', before, munged)}")]


def bound(new: Object, old: Object) -> Errors:
    """Judge a change that only the server itself makes: binding to a node."""
    return pod_spec("spec", new.get("spec") or {})


_CLASS_KEPT = "Pod QOS Class may not change as a result of resizing"
_KINDS_OF_AMOUNTS = ("limits", "requests")


def resized(new: Object, old: Object) -> Errors:
    """Judge `pods/resize`: amounts may change, not vanish, and not the pod's class."""
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    errors = pod_spec("spec", spec)
    if qos_class(spec) != qos_class(before):
        shown = (new.get("status") or {}).get("qosClass") or qos_class(before)
        errors.append(invalid_value("metadata", shown, _CLASS_KEPT))
    for field in ("containers", "initContainers"):
        for index, (one, was) in enumerate(zip(spec.get(field) or (), before.get(field) or (), strict=False)):
            errors += _taken_away(f"spec.{field}[{index}].resources", one, was)
    return errors


def _taken_away(path: str, container: Spec, before: Spec) -> Errors:
    errors: Errors = []
    for kind in _KINDS_OF_AMOUNTS:
        now, was = ((one.get("resources") or {}).get(kind) or {} for one in (container, before))
        if set(was) - set(now):
            errors.append(forbidden_field(f"{path}.{kind}", f"resource {kind} cannot be removed"))
    return errors


def ephemeral_update(new: Object, old: Object) -> Errors:
    """Judge `pods/ephemeralcontainers`: they may be added, never changed or removed."""
    errors = pod_spec("spec", new.get("spec") or {})
    added = {one.get("name"): one for one in (new.get("spec") or {}).get("ephemeralContainers") or ()}
    for before in (old.get("spec") or {}).get("ephemeralContainers") or ():
        name = before.get("name")
        text = f'existing ephemeral containers "{name}" may not be '
        if name not in added:
            errors.append(forbidden_field("spec.ephemeralContainers", f"{text}removed\n"))
        elif added[name] != before:
            difference = go_diff("EphemeralContainer", before, added[name])
            errors.append(forbidden_field("spec.ephemeralContainers", f"{text}changed\n{difference}"))
    return errors


def _containers(field: str, spec: Spec, before: Spec) -> tuple[Errors, bool]:
    """Check that no container came or went and that images are good; True when there is nothing more to compare."""
    given = spec.get(field) or ()
    if len(given) != len(before.get(field) or ()):
        return [forbidden_field(f"spec.{field}", "pod updates may not add or remove containers")], True
    errors: Errors = []
    for index, container in enumerate(given):
        image = container.get("image") or ""
        if not image:
            errors.append(required(f"spec.{field}[{index}].image"))
        if image != image.strip():
            text = "must not have leading or trailing whitespace"
            errors.append(invalid_value(f"spec.{field}[{index}].image", image, text))
    return errors, False


def _deadline(spec: Spec, before: Spec) -> tuple[Errors, bool]:
    seconds, old = spec.get("activeDeadlineSeconds"), before.get("activeDeadlineSeconds")
    path = "spec.activeDeadlineSeconds"
    if seconds is None:
        text = "must not update from a positive integer to nil value"
        return ([invalid_value(path, None, text)] if old is not None else []), False
    if not 0 <= seconds <= _MAX_INT32:
        return [invalid_value(path, seconds, between(0, _MAX_INT32))], True
    if old is not None and old < seconds:
        return [invalid_value(path, seconds, "must be less than or equal to previous value")], True
    return [], False


def _tolerations(spec: Spec, before: Spec) -> Errors:
    new, old = spec.get("tolerations") or [], before.get("tolerations") or []
    without = [_undated(one) for one in new]
    if any(_undated(one) not in without for one in old):
        text = "existing toleration can not be modified except its tolerationSeconds"
        return [forbidden_field("spec.tolerations", text)]
    return tolerations("spec.tolerations", new)


def _gates(spec: Spec, before: Spec) -> Errors:
    """Check that scheduling gates only go away."""
    known = {gate.get("name") for gate in before.get("schedulingGates") or ()}
    text = "only deletion is allowed, but found new scheduling gate '{}'"
    return [
        forbidden_field(f"spec.schedulingGates[{index}].name", text.format(gate.get("name") or ""))
        for index, gate in enumerate(spec.get("schedulingGates") or ())
        if gate.get("name") not in known
    ]


def _undated(toleration: Spec) -> dict[str, Any]:
    return {field: value for field, value in toleration.items() if field != "tolerationSeconds"}


def _munged(spec: Spec, before: Spec) -> dict[str, Any]:
    """Return the new spec with everything that may change put back as it was."""
    munged = dict(spec)
    for field in ("containers", "initContainers"):
        if munged.get(field):
            pairs = zip(munged[field], before[field], strict=True)
            munged[field] = [{**one, "image": old.get("image", "")} for one, old in pairs]
    for field in ("activeDeadlineSeconds", "tolerations", "schedulingGates"):
        _put_back(munged, before, field)
    grace = before.get("terminationGracePeriodSeconds")
    if grace is not None and grace < 0 and spec.get("terminationGracePeriodSeconds") == 1:
        munged["terminationGracePeriodSeconds"] = grace
    return munged


def _loosened(munged: dict[str, Any], before: Spec) -> Errors:
    """A pod that is still gated may gain node selectors and narrow its node affinity; both are put back."""
    errors: Errors = []
    wanted, old = munged.get("nodeSelector") or {}, before.get("nodeSelector") or {}
    if any(wanted.get(key) != value for key, value in old.items()):
        text = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
        errors.append(invalid_value("spec.nodeSelector", wanted, text))
    _put_back(munged, before, "nodeSelector")
    given, was = munged.get("affinity") or {}, before.get("affinity") or {}
    if given.get("nodeAffinity") == was.get("nodeAffinity"):
        return errors
    errors += node_affinity_update("spec.affinity.nodeAffinity", given.get("nodeAffinity"), was.get("nodeAffinity"))
    munged["affinity"] = {**{field: given[field] for field in given if field != "nodeAffinity"}}
    _put_back(munged["affinity"], was, "nodeAffinity")
    if not munged["affinity"]:
        _put_back(munged, before, "affinity")
    return errors


def _put_back(munged: dict[str, Any], before: Spec, field: str) -> None:
    if field in before:
        munged[field] = before[field]
    else:
        munged.pop(field, None)


def go_diff(type_: str, before: Spec, after: Spec) -> str:
    """Return the unified diff of two objects as the real server shows it: internal form, one space of indent."""
    lines = [_lines(internal(type_, one)) for one in (before, after)]
    shown = list(difflib.unified_diff(lines[0], lines[1], lineterm="", n=3))[2:]
    return "\n".join(shown) + "\n"


def _lines(value: Any) -> list[str]:
    indented = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode().split("\n")
    return [" " * ((len(line) - len(line.lstrip(" "))) // 2) + line.lstrip(" ") for line in indented]
