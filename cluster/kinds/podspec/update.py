"""Which fields of a stored pod may change (`ValidatePodUpdate`)."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import orjson

from cluster.kinds.internal import internal
from cluster.kinds.podspec.affinity import tolerations
from cluster.kinds.podspec.spec import pod_spec
from cluster.kinds.validation.fields import Errors
from cluster.machinery.fielderrors import forbidden_field, invalid_value
from cluster.machinery.meta import Object

Spec = Mapping[str, Any]

_ONLY = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def pod_update(new: Object, old: Object) -> Errors:
    """Return everything wrong with replacing `old` by `new`."""
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    errors = pod_spec("spec", spec)
    changed, stop = _containers(spec, before)
    if stop:
        return errors + changed
    errors += changed + _images(spec) + _deadline(spec, before) + _tolerations(spec, before)
    if errors:
        return errors
    munged = _munged(spec, before)
    if munged == before:
        return []
    return [forbidden_field("spec", f"{_ONLY}\n{go_diff('PodSpec', before, munged)}")]


def bound(new: Object, old: Object) -> Errors:
    """Judge a change that only the server itself makes: binding to a node, resizing."""
    return pod_spec("spec", new.get("spec") or {})


def ephemeral_update(new: Object, old: Object) -> Errors:
    """Judge `pods/ephemeralcontainers`: they may be added, never changed or removed."""
    errors = pod_spec("spec", new.get("spec") or {})
    added = {one.get("name"): one for one in (new.get("spec") or {}).get("ephemeralContainers") or ()}
    for index, before in enumerate((old.get("spec") or {}).get("ephemeralContainers") or ()):
        name = before.get("name")
        text = ""
        if name not in added:
            text = f'existing ephemeral containers "{name}" may not be removed\n'
        elif added[name] != before:
            text = f'existing ephemeral containers "{name}" may not be changed\n'
        if text:
            path = "spec.ephemeralContainers" if name not in added else f"spec.ephemeralContainers[{index}]"
            errors.append(forbidden_field(path, text))
    return errors


def _containers(spec: Spec, before: Spec) -> tuple[Errors, bool]:
    """Check that no container came or went; True when there is nothing more to compare."""
    errors: Errors = []
    for field in ("containers", "initContainers", "ephemeralContainers"):
        if len(spec.get(field) or ()) != len(before.get(field) or ()):
            word = "ephemeral containers" if field == "ephemeralContainers" else "containers"
            errors.append(forbidden_field(f"spec.{field}", f"pod updates may not add or remove {word}"))
    return errors, bool(errors)


def _images(spec: Spec) -> Errors:
    errors: Errors = []
    for field in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(field) or ()):
            image = container.get("image") or ""
            if image != image.strip():
                text = "must not have leading or trailing whitespace"
                errors.append(invalid_value(f"spec.{field}[{index}].image", image, text))
    return errors


def _deadline(spec: Spec, before: Spec) -> Errors:
    seconds, old = spec.get("activeDeadlineSeconds"), before.get("activeDeadlineSeconds")
    path = "spec.activeDeadlineSeconds"
    if seconds is not None and old is not None and old < seconds:
        return [invalid_value(path, seconds, "must be less than or equal to previous value")]
    if seconds is None and old is not None:
        return [invalid_value(path, None, "must not update from a positive integer to nil value")]
    return []


def _tolerations(spec: Spec, before: Spec) -> Errors:
    new, old = spec.get("tolerations") or [], before.get("tolerations") or []
    if new == old:
        return []
    without = [_undated(one) for one in new]
    if any(_undated(one) not in without for one in old):
        text = "existing toleration can not be modified except its tolerationSeconds"
        return [forbidden_field("spec.tolerations", text)]
    return tolerations("spec.tolerations", new)


def _undated(toleration: Spec) -> dict[str, Any]:
    return {field: value for field, value in toleration.items() if field != "tolerationSeconds"}


def _munged(spec: Spec, before: Spec) -> dict[str, Any]:
    """Return the new spec with everything that may change put back as it was."""
    munged = dict(spec)
    for field in ("containers", "initContainers"):
        if munged.get(field):
            pairs = zip(munged[field], before[field], strict=True)
            munged[field] = [{**one, "image": old.get("image", "")} for one, old in pairs]
    for field in ("activeDeadlineSeconds", "tolerations"):
        _put_back(munged, before, field)
    if before.get("schedulingGates"):
        _loosen(munged, before)
    grace = before.get("terminationGracePeriodSeconds")
    if grace is not None and grace < 0 and spec.get("terminationGracePeriodSeconds") == 1:
        munged["terminationGracePeriodSeconds"] = grace
    return munged


def _loosen(munged: dict[str, Any], before: Spec) -> None:
    """A pod that is still gated may lose gates, gain node selectors and narrow its affinity."""
    gates = [gate.get("name") for gate in before["schedulingGates"]]
    if all(gate.get("name") in gates for gate in munged.get("schedulingGates") or ()):
        _put_back(munged, before, "schedulingGates")
    wanted, old = munged.get("nodeSelector") or {}, before.get("nodeSelector") or {}
    if all(wanted.get(key) == value for key, value in old.items()):
        _put_back(munged, before, "nodeSelector")
    if not (before.get("affinity") or {}).get("nodeAffinity"):
        _put_back(munged, before, "affinity")


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
