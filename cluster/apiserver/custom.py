"""Custom kinds: what a CustomResourceDefinition adds to the registry. https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/

Each version has its own schema, columns and subresources. Simplified: conversion is `None` (apiVersion changes, nothing
else), and discovery shows the subresources of the stored version for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from cluster.apiserver import customschema
from cluster.apiserver.customrules import Rules
from cluster.kinds.kind import SCALE, Column, Kind, Subresource, name_fields, status_subresource
from cluster.kinds.printing import AGE, NAME, since
from cluster.machinery import jsonpath
from cluster.machinery.conditions import is_true
from cluster.machinery.meta import Object, name

ESTABLISHED, TERMINATING = "Established", "Terminating"
DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"
_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")


@dataclass(frozen=True)
class CustomKind(Kind):
    """A kind with a schema of its own."""

    schema: Mapping[str, Any] = field(default_factory=dict)
    scale: Mapping[str, str] = field(default_factory=dict)
    deprecated: Mapping[str, str] = field(default_factory=dict)  # version -> its warning
    versions: Mapping[str, CustomKind] = field(default_factory=dict)  # version -> the kind as that version has it
    terminating: bool = False
    custom: bool = True

    def at(self, version: str) -> Kind:
        return self.versions.get(version, self)

    def deprecation_of(self, version: str) -> str:
        return self.deprecated.get(version, "")


def kinds_of(definition: Object) -> Sequence[CustomKind]:
    """Return the kind a definition declares: nothing when it serves no version, or its names are not accepted."""
    spec = definition.get("spec") or {}
    if not is_true(definition, ESTABLISHED):
        return ()
    versions = [version for version in spec.get("versions") or () if version.get("served")]
    stored = next((version for version in spec.get("versions") or () if version.get("storage")), None)
    if not versions or stored is None:
        return ()
    main = stored if stored in versions else versions[0]
    names = definition["status"]["acceptedNames"]
    others = [version["name"] for version in versions if version is not main]
    terminating = is_true(definition, TERMINATING)
    made = {version["name"]: _kind(spec, names, main, version, others, terminating) for version in versions}
    return (replace(made[main["name"]], versions=made),)


def _without_status(draft: Object) -> None:
    draft.pop("status", None)


def _as_given(draft: Object) -> None:
    """Without a status subresource a status is a field like any other."""


def _deprecations(spec: Object) -> Mapping[str, str]:
    return {
        version["name"]: version.get("deprecationWarning")
        or f"{spec['group']}/{version['name']} {spec['names']['kind']} is deprecated"
        for version in spec["versions"]
        if version.get("deprecated")
    }


def _kind(
    spec: Object, names: Object, stored: Object, version: Object, others: list[str], terminating: bool
) -> CustomKind:
    """Return the kind as one of its versions has it; objects are kept as `stored`."""
    schema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    subresources = version.get("subresources") or {}
    columns = version.get("additionalPrinterColumns") or [
        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
    ]
    group, rules = spec["group"], Rules(schema)
    return CustomKind(
        group=group,
        version=stored["name"],
        kind=names["kind"],
        plural=names["plural"],
        namespaced=spec.get("scope") != "Cluster",
        singular=names.get("singular") or "",
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        verbs=_VERBS,
        subresources=_subresources(names["kind"], subresources),
        columns=tuple(_columns(columns)),
        row=partial(_row, columns),
        default=partial(customschema.complete, schema),
        validate=partial(customschema.errors, schema, rules),
        validate_update=partial(customschema.errors, schema, rules),
        validate_status=partial(customschema.errors, schema, rules),
        warnings=rules.warnings,
        has_status="status" in subresources,
        prepare_create=_without_status if "status" in subresources else _as_given,
        has_generation=True,
        other_versions=tuple(others),
        convert={other: _conversion(group, stored["name"], other) for other in others},
        schema=customschema.published(schema),
        scale=dict(subresources.get("scale") or {}),
        fields=partial(_fields, [one["jsonPath"] for one in version.get("selectableFields") or ()]),
        deprecated=_deprecations(spec),
        terminating=terminating,
    )


def _subresources(kind: str, declared: Mapping[str, Any]) -> tuple[Subresource, ...]:
    found = [status_subresource(kind)] if "status" in declared else []
    return (*found, SCALE) if "scale" in declared else tuple(found)


def _fields(paths: Sequence[str], obj: Object) -> dict[str, str]:
    """Return what a field selector may ask: the names, and the definition's selectable fields."""
    return {**name_fields(obj), **{path.removeprefix("."): _text_at(path, obj) for path in paths}}


def _text_at(path: str, obj: Object) -> str:
    groups = jsonpath.JsonPath(f"{{{path}}}").results(obj)
    value = groups[0][0] if groups and groups[0] else ""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


Converters = tuple[Callable[[Object], Object], Callable[[Object], Object]]


def _conversion(group: str, stored: str, other: str) -> Converters:
    def to(version: str) -> Callable[[Object], Object]:
        return lambda obj: {**obj, "apiVersion": f"{group}/{version}"}

    return to(stored), to(other)


def _columns(columns: Sequence[Mapping[str, Any]]) -> list[Column]:
    made = [NAME]
    for column in columns:
        if column.get("jsonPath") == ".metadata.creationTimestamp" and column["name"] == "Age" and len(columns) == 1:
            made.append(AGE)
            continue
        text = column.get("description") or (
            f"Custom resource definition column (in JSONPath format): {column.get('jsonPath', '')}"
        )
        made.append(
            Column(column["name"], column["type"], column.get("format") or "", text, int(column.get("priority") or 0))
        )
    return made


def _row(columns: Sequence[Mapping[str, Any]], obj: Object, now: float) -> Sequence[Any]:
    return [name(obj), *(_cell(column, obj, now) for column in columns)]


def _cell(column: Mapping[str, Any], obj: Object, now: float) -> Any:
    try:
        groups = jsonpath.JsonPath(f"{{{column['jsonPath']}}}").results(obj)
    except ValueError:
        return None
    if not groups or not groups[0]:
        return None
    value = groups[0][0]
    if column["type"] == "date":
        return since(value, now) if isinstance(value, str) else None
    if column["type"] in ("integer", "number") and isinstance(value, (int, float)):
        return value
    return value if isinstance(value, (str, bool)) else str(value)
