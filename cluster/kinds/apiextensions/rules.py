"""Checks of CustomResourceDefinitions: name, scope, versions, names, and that every schema is structural.

Simplified: of the rules for structural schemas, types and the forbidden mixtures are checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.kinds.apiextensions.validationrules import validate_rules
from cluster.kinds.apiextensions.versionrules import validate_conversion, validate_lists, validate_parts
from cluster.kinds.internal import internal
from cluster.kinds.validation.fields import Errors, immutable, named, texts
from cluster.machinery.fielderrors import forbidden_field, invalid_value, required, unsupported
from cluster.machinery.meta import Object, name
from cluster.machinery.names import dns_1035_label, dns_subdomain

Part = Mapping[str, Any]

_EMPTY_ROOT = "must not be empty at the root"
_EMPTY_FIELD = "must not be empty for specified object fields"
_STILL_STORED = (
    "missing from spec.versions; {0} was previously a storage version, and must remain in spec.versions until a "
    "storage migration ensures no data remains persisted in {0} and removes {0} from status.storedVersions"
)
_EMPTY_ITEM = "must not be empty for specified array items"


def validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    names, versions = spec.get("names") or {}, spec.get("versions") or []
    errors: Errors = []
    if name(obj) != f"{names.get('plural', '')}.{spec.get('group', '')}":
        errors.append(invalid_value("metadata.name", name(obj), 'must be spec.names.plural+"."+spec.group'))
    errors += _group(spec.get("group") or "")
    if spec.get("scope") not in ("Cluster", "Namespaced"):
        where, given = "spec.scope", spec.get("scope")
        errors.append(unsupported(where, given, ("Cluster", "Namespaced")) if given else required(where))
    errors += _versions(versions) + _names("spec.names", names)
    errors += validate_conversion("spec.conversion", spec.get("conversion") or {"strategy": "None"})
    return errors + _stored((obj.get("status") or {}).get("storedVersions") or [], versions)


def _stored(stored: list[str], versions: list[Part]) -> Errors:
    if not stored:
        return [invalid_value("status.storedVersions", None, "must have at least one stored version")]
    names = {version.get("name") for version in versions}
    return [
        invalid_value(f"status.storedVersions[{index}]", name, _STILL_STORED.format(name))
        for index, name in enumerate(stored)
        if name not in names
    ]


def validate_update(new: Object, old: Object) -> Errors:
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    names, known = spec.get("names") or {}, before.get("names") or {}
    errors = validate(new)
    errors += immutable("spec.scope", spec.get("scope"), before.get("scope"))
    errors += immutable("spec.names.kind", names.get("kind"), known.get("kind"))
    errors += immutable("spec.group", spec.get("group"), before.get("group"))
    return errors + immutable("spec.names.plural", names.get("plural"), known.get("plural"))


def _group(group: str) -> Errors:
    if not group:
        return [required("spec.group")]
    errors = texts("spec.group", group, dns_subdomain(group))
    if not errors and "." not in group:
        errors.append(invalid_value("spec.group", group, "should be a domain with at least one dot"))
    return errors


def _versions(versions: list[Part]) -> Errors:
    errors: Errors = []
    if not versions:
        return [required("spec.versions", "must have at least one version")]
    seen: set[str] = set()
    for index, version in enumerate(versions):
        path, given = f"spec.versions[{index}]", version.get("name") or ""
        if given in seen:
            errors.append(invalid_value("spec.versions", _shown(versions), "must contain unique version names"))
        seen.add(given)
        errors += texts(f"{path}.name", given, dns_1035_label(given))
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        if schema is None:
            errors.append(required(f"{path}.schema.openAPIV3Schema"))
    if sum(bool(version.get("storage")) for version in versions) != 1:
        text = "must have exactly one version marked as storage version"
        errors.append(invalid_value("spec.versions", _shown(versions), text))
    return errors + _structural(versions)


def _shown(versions: list[Part]) -> list[Any]:
    return [internal("CustomResourceDefinitionVersion", version) for version in versions]


def _structural(versions: list[Part]) -> Errors:
    errors: Errors = []
    for index, version in enumerate(versions):
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        # A single version's schema moves to the top in the internal form.
        path = "spec.validation" if len(versions) == 1 else f"spec.versions[{index}].schema"
        if schema is not None:
            found = _types(f"{path}.openAPIV3Schema", schema, _EMPTY_ROOT)
            found += validate_lists(f"{path}.openAPIV3Schema", schema)
            errors += found or validate_rules(f"{path}.openAPIV3Schema", schema)
        errors += validate_parts("spec" if len(versions) == 1 else f"spec.versions[{index}]", version)
    return errors


def _types(path: str, schema: Part, text: str) -> Errors:
    errors: Errors = []
    for field, inner in sorted((schema.get("properties") or {}).items()):
        errors += _types(f"{path}.properties[{field}]", inner, _EMPTY_FIELD)
    if isinstance(schema.get("items"), dict):
        errors += _types(f"{path}.items", schema["items"], _EMPTY_ITEM)
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        errors += _types(f"{path}.additionalProperties", extra, _EMPTY_FIELD)
        if schema.get("properties"):
            errors.append(forbidden_field(f"{path}.additionalProperties", "must not be used together with properties"))
    free = schema.get("x-kubernetes-int-or-string") or schema.get("x-kubernetes-preserve-unknown-fields")
    if not schema.get("type") and not free:
        errors.append(required(f"{path}.type", text))
    if text == _EMPTY_ROOT and schema.get("type") not in (None, "", "object"):
        errors.append(invalid_value(f"{path}.type", schema["type"], "must be object at the root"))
    return errors


def _names(path: str, names: Part) -> Errors:
    errors = named(f"{path}.plural", names.get("plural") or "", dns_1035_label)
    if names.get("singular"):
        errors += texts(f"{path}.singular", names["singular"], dns_1035_label(names["singular"]))
    for field in ("kind", "listKind"):
        given = names.get(field) or ""
        if not given:
            errors.append(required(f"{path}.{field}"))
        else:
            found = dns_1035_label(given.lower())
            errors += [
                invalid_value(f"{path}.{field}", given, f"may have mixed case, but should otherwise match: {one}")
                for one in found
            ]
    if names.get("kind") and names["kind"] == names.get("listKind"):
        errors.append(invalid_value(f"{path}.listKind", names["listKind"], "kind and listKind may not be the same"))
    for index, short in enumerate(names.get("shortNames") or ()):
        errors += texts(f"{path}.shortNames[{index}]", short, dns_1035_label(short))
    for index, category in enumerate(names.get("categories") or ()):
        errors += texts(f"{path}.categories[{index}]", category, dns_1035_label(category))
    return errors
