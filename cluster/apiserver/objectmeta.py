"""`metadata`: what the server fills in, what a client may not choose, and what is wrong with it.

Follows k8s.io/apiserver `registry/rest` and apimachinery `api/validation/objectmeta.go`.
"""

from __future__ import annotations

import re
from typing import Any

from cluster.apiserver.custom import CustomKind
from cluster.kinds.kind import Kind
from cluster.kinds.validation.fields import standard_finalizer
from cluster.machinery.errors import StatusError, bad_request
from cluster.machinery.fielderrors import FieldError, forbidden_field, invalid_value, required
from cluster.machinery.labels import key_errors, value_errors
from cluster.machinery.meta import Object

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN_HINT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LABEL_HINT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_LABEL_1035_HINT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_RULES = {
    "subdomain": (_SUBDOMAIN, 253, _SUBDOMAIN_HINT),
    "label": (_LABEL, 63, _LABEL_HINT),
    "label1035": (_LABEL_1035, 63, _LABEL_1035_HINT),
}
_ANNOTATIONS_LIMIT = 256 * 1024
# Groups that came with no list of finalizers of their own.
_PLAIN_FINALIZERS = frozenset({"apiextensions.k8s.io", "apiregistration.k8s.io"})
_NAME_BASE = 58


def name_errors(rule: str, text: str) -> list[str]:
    """Return what is wrong with a name under a kind's `name_rule`."""
    if rule not in _RULES:
        return _path_errors(text)
    pattern, limit, hint = _RULES[rule]
    errors = [f"must be no more than {limit} bytes"] if len(text) > limit else []
    if not pattern.fullmatch(text):
        errors.append(hint)
    return errors


def _path_errors(text: str) -> list[str]:
    if text in (".", ".."):
        return [f"may not be '{text}'"]
    return [f"may not contain '{part}'" for part in ("/", "%") if part in text]


def match_path(draft: Object, kind: Kind, namespace: str, name: str) -> None:
    """Make `metadata` agree with the URL, or answer 400."""
    if draft.get("metadata") is None:
        draft["metadata"] = {}
    metadata = draft["metadata"]
    said = metadata.get("namespace") or ""
    if not kind.namespaced:
        if said:
            metadata.pop("namespace")
    elif said and said != namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    elif not namespace:
        raise bad_request("an empty namespace may not be set during creation")
    else:
        metadata["namespace"] = namespace
    given = metadata.get("name") or ""
    if name and given and given != name:
        raise bad_request(f"the name of the object ({given}) does not match the name on the URL ({name})")


def require_name(draft: Object, name: str) -> None:
    """Answer 400 for a changed object that names itself no more."""
    if not draft["metadata"].get("name"):
        raise bad_request(f"the name of the object ({name} based on URL) was undeterminable: name must be provided")


def fill_new(metadata: dict[str, Any], uid: str, now: str) -> None:
    """Set what only the server may choose about a new object."""
    for field in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion"):
        metadata.pop(field, None)
    metadata["uid"] = uid
    metadata["creationTimestamp"] = now


def generated_name(base: str, suffix: str) -> str:
    return base[:_NAME_BASE] + suffix


def carry_over(metadata: dict[str, Any], old: dict[str, Any]) -> None:
    """Keep from the stored object what a replacement may leave out."""
    metadata.setdefault("uid", old["uid"])
    for field in ("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"):
        value = old.get(field)
        if value is None:
            metadata.pop(field, None)
        elif field == "generation" or not metadata.get(field):
            metadata[field] = value


def refuse_resource_version(metadata: dict[str, Any]) -> None:
    if metadata.get("resourceVersion") not in (None, "", "0"):
        raise StatusError(500, "", "resourceVersion should not be set on objects to be created")


def validate(kind: Kind, metadata: dict[str, Any]) -> list[FieldError]:
    """Return what is wrong with the metadata of a new or changed object."""
    errors: list[FieldError] = []
    prefix = metadata.get("generateName")
    if prefix:
        # The prefix must be the beginning of a good name: a trailing dash is cut as if something followed.
        trimmed = prefix[:-1] + "a" if prefix.endswith("-") else prefix
        errors += [
            invalid_value("metadata.generateName", prefix, text) for text in name_errors(kind.name_rule, trimmed)
        ]
    name = metadata.get("name")
    if not name:
        errors.append(required("metadata.name", "name or generateName is required"))
    else:
        errors += [invalid_value("metadata.name", name, text) for text in name_errors(kind.name_rule, name)]
    errors += common(metadata) + _finalizer_errors(metadata.get("finalizers") or ())
    if kind.group not in _PLAIN_FINALIZERS and not isinstance(kind, CustomKind):
        for index, finalizer in enumerate(metadata.get("finalizers") or ()):
            errors += standard_finalizer(f"metadata.finalizers[{index}]", finalizer)
    return errors


def common(metadata: dict[str, Any]) -> list[FieldError]:
    """Return what is wrong with labels, annotations and owners, which every look at metadata finds anew."""
    errors = label_map_errors(metadata.get("labels"), "metadata.labels")
    errors += _annotation_errors(metadata.get("annotations"))
    return errors + _owner_errors(metadata.get("ownerReferences") or ())


def label_map_errors(labels: dict[str, str] | None, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for key, value in (labels or {}).items():
        errors += [invalid_value(path, key, text) for text in key_errors(key)]
        errors += [invalid_value(path, value, text) for text in value_errors(value)]
    return errors


def _annotation_errors(annotations: dict[str, str] | None) -> list[FieldError]:
    errors: list[FieldError] = []
    size = 0
    for key, value in (annotations or {}).items():
        errors += [invalid_value("metadata.annotations", key, text) for text in key_errors(key.lower())]
        size += len(key) + len(value)
    if size > _ANNOTATIONS_LIMIT:
        errors.append(FieldError("FieldValueTooLong", "metadata.annotations", None, _too_long(_ANNOTATIONS_LIMIT)))
    return errors


def _too_long(limit: int) -> str:
    return f"may not be more than {limit} bytes"


def _owner_errors(owners: Any) -> list[FieldError]:
    errors: list[FieldError] = []
    controllers: list[str] = []
    for owner in owners:
        path = "metadata.ownerReferences"
        for field in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(field):
                text = "version must not be empty" if field == "apiVersion" else "must not be empty"
                errors.append(invalid_value(f"{path}.{field}", "", text))
        if (owner.get("apiVersion"), owner.get("kind")) == ("v1", "Event"):
            errors.append(invalid_value(path, owner, "/v1, Kind=Event is disallowed from being an owner"))
        if owner.get("controller"):
            controllers.append(f"{owner.get('kind')}/{owner.get('name')}")
    if len(controllers) > 1:
        text = 'Only one reference can have Controller set to true. Found "true" in references for '
        errors.append(invalid_value("metadata.ownerReferences", owners, text + " and ".join(controllers[:2])))
    return errors


def _finalizer_errors(finalizers: Any) -> list[FieldError]:
    errors: list[FieldError] = []
    for finalizer in finalizers:
        errors += [invalid_value("metadata.finalizers", finalizer, text) for text in key_errors(finalizer)]
    if "orphan" in finalizers and "foregroundDeletion" in finalizers:
        text = "finalizer orphan and foregroundDeletion cannot be both set"
        errors.append(invalid_value("metadata.finalizers", list(finalizers), text))
    return errors


def validate_change(kind: Kind, metadata: dict[str, Any], old: dict[str, Any]) -> list[FieldError]:
    """Return all that an update's metadata is refused for: the server's own findings, then those of its kind's rules.

    They look at the same fields one after the other, so most faults are told several times, as by the real server.
    """
    whole, change = validate(kind, metadata), validate_update(metadata, old)
    if not whole and not change:
        return []
    errors = common(metadata) + _finalizer_errors(metadata.get("finalizers") or ()) + change
    if kind.metadata_checks:
        errors += change + whole * (kind.metadata_checks - 1)
    return errors


def validate_update(metadata: dict[str, Any], old: dict[str, Any]) -> list[FieldError]:
    """Return which fields changed that never may, and what is wrong with the others."""
    errors: list[FieldError] = []
    if old.get("deletionTimestamp"):
        added = [item for item in metadata.get("finalizers") or () if item not in (old.get("finalizers") or ())]
        if added:
            text = "no new finalizers can be added if the object is being deleted, found new finalizers "
            shown = "[" + ", ".join(f'"{item}"' for item in added) + "]"
            errors.append(forbidden_field("metadata.finalizers", text + shown))
    for field in ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"):
        if metadata.get(field) != old.get(field):
            errors.append(invalid_value(f"metadata.{field}", metadata.get(field), "field is immutable"))
    return errors + common(metadata)
