"""Custom kinds: what a CustomResourceDefinition adds to the registry. https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/

Simplified: conversion is `None` (apiVersion changes, nothing else), all versions have the schema of the stored one,
and the status of a definition is written by the server at once instead of by its controllers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from cluster.apiserver import customschema
from cluster.apiserver.customrules import Rules
from cluster.apiserver.request import Request
from cluster.kinds.kind import SCALE, Column, Kind, Subresource, status_subresource
from cluster.kinds.printing import AGE, NAME, since
from cluster.machinery import jsonpath
from cluster.machinery.meta import Object, name

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"
_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")


@dataclass(frozen=True)
class CustomKind(Kind):
    """A kind with a schema of its own."""

    schema: Mapping[str, Any] = field(default_factory=dict)
    scale: Mapping[str, str] = field(default_factory=dict)
    custom: bool = True


def kinds_of(definition: Object) -> Sequence[CustomKind]:
    """Return the kind a definition declares: nothing when it serves no version."""
    spec = definition.get("spec") or {}
    versions = [version for version in spec.get("versions") or () if version.get("served")]
    stored = next((version for version in spec.get("versions") or () if version.get("storage")), None)
    if not versions or stored is None:
        return ()
    main = stored if stored in versions else versions[0]
    return (_kind(spec, main, [version["name"] for version in versions if version is not main]),)


def _kind(spec: Object, version: Object, others: list[str]) -> CustomKind:
    names = spec["names"]
    schema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    subresources = version.get("subresources") or {}
    columns = version.get("additionalPrinterColumns") or [
        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
    ]
    group, rules = spec["group"], Rules(schema)
    return CustomKind(
        group=group,
        version=version["name"],
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
        has_generation=True,
        other_versions=tuple(others),
        convert={other: _conversion(group, version["name"], other) for other in others},
        schema=customschema.published(schema),
        scale=dict(subresources.get("scale") or {}),
    )


def _subresources(kind: str, declared: Mapping[str, Any]) -> tuple[Subresource, ...]:
    found = [status_subresource(kind)] if "status" in declared else []
    return (*found, SCALE) if "scale" in declared else tuple(found)


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


def established(definition: Object, now: str) -> Object:
    """Return a definition's status once its names are accepted."""
    spec = definition["spec"]
    accepted = {"status": "True", "lastTransitionTime": now}
    return {
        "conditions": [
            {"type": "NamesAccepted", **accepted, "reason": "NoConflicts", "message": "no conflicts found"},
            {
                "type": "Established",
                **accepted,
                "reason": "InitialNamesAccepted",
                "message": "the initial names have been accepted",
            },
        ],
        "acceptedNames": spec["names"],
        "storedVersions": [version["name"] for version in spec["versions"] if version.get("storage")],
    }


def complete(draft: Object) -> None:
    """Default a definition's names and conversion."""
    spec = draft.setdefault("spec", {})
    names = spec.setdefault("names", {})
    if not names.get("singular"):
        names["singular"] = str(names.get("kind", "")).lower()
    if not names.get("listKind") and names.get("kind"):
        names["listKind"] = names["kind"] + "List"
    spec.setdefault("conversion", {"strategy": "None"})


def establish(server: ApiServer, kind: Kind, request: Request, definition: Object) -> Object:
    """Serve a new or changed definition: its controllers would write the status a moment later."""
    old = definition.get("status") or {}
    wanted = established(definition, server.now())
    if old.get("acceptedNames") == wanted["acceptedNames"]:
        return definition
    return server.write(kind, {**definition, "status": wanted}, request)


def remove_instances(server: ApiServer, request: Request, definition: Object) -> None:
    """Delete every object of a definition that goes away."""
    for kind in kinds_of(definition):
        for obj in list(server.store.list(kind.key)):
            server.erase(kind, obj, request)
