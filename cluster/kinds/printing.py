"""What the table rows of all kinds share: ages, selectors, container lists, column descriptions.

Follows the API server's own printers (`pkg/printers/internalversion`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cluster.kinds import schema as schemas
from cluster.kinds.kind import Column, Kind
from cluster.machinery.clock import parse_timestamp
from cluster.machinery.duration import human_duration
from cluster.machinery.meta import Object, meta, name

NONE = "<none>"
UNSET = "<unset>"
UNKNOWN = "<unknown>"

NAME = Column("Name", format="name", about="metadata.name")
AGE = Column("Age", about="metadata.creationTimestamp")


def wide(title: str, about: str = "", text: str = "", type_: str = "string") -> Column:
    """Return a column that shows with `-o wide` only."""
    return Column(title, type_, description=text, priority=1, about=about)


CONTAINERS = wide("Containers", text="Names of each container in the template.")
IMAGES = wide("Images", text="Images referenced by each container in the template.")


def since(moment: str | None, now: float) -> str:
    """Return how long ago a timestamp was."""
    return human_duration(now - parse_timestamp(moment)) if moment else UNKNOWN


def age(obj: Object, now: float) -> str:
    return since(meta(obj).get("creationTimestamp"), now)


def name_and_age(obj: Object, now: float) -> Sequence[Any]:
    return name(obj), age(obj, now)


def labels_text(labels: Mapping[str, str] | None) -> str:
    """Return `app=web,tier=front`, or `<none>`."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or NONE


def _requirement(expression: Mapping[str, Any]) -> str:
    key, operator = expression.get("key", ""), expression.get("operator", "")
    if operator == "Exists":
        return str(key)
    if operator == "DoesNotExist":
        return f"!{key}"
    return f"{key} {'in' if operator == 'In' else 'notin'} ({','.join(sorted(expression.get('values') or ()))})"


def selector_text(selector: Mapping[str, Any] | None) -> str:
    """Return a `metav1.LabelSelector` as text (`metav1.FormatLabelSelector`)."""
    if not selector:
        return NONE
    parts = [(key, f"{key}={value}") for key, value in (selector.get("matchLabels") or {}).items()]
    parts += [(one.get("key", ""), _requirement(one)) for one in selector.get("matchExpressions") or ()]
    return ",".join(text for _, text in sorted(parts, key=lambda part: part[0])) or NONE


def containers_and_images(spec: Mapping[str, Any]) -> tuple[str, str]:
    containers = spec.get("containers") or ()
    return (
        ",".join(container.get("name", "") for container in containers),
        ",".join(container.get("image", "") for container in containers),
    )


def joined(values: Iterable[Any], limit: int = 0) -> str:
    """Return the values with commas, `+ N more...` beyond `limit`, `<none>` for no value."""
    listed = [str(value) for value in values]
    if not listed:
        return NONE
    if limit and len(listed) > limit:
        return f"{','.join(listed[:limit])} + {len(listed) - limit} more..."
    return ",".join(listed)


def described(kind: Kind) -> tuple[Column, ...]:
    """Return the kind's columns with every description filled in from its schema."""
    columns = kind.columns or (NAME, AGE)
    return tuple(_described(column, kind) for column in columns)


def _described(column: Column, kind: Kind) -> Column:
    if not column.about:
        return column
    group = "" if kind.storage else kind.group
    root = schemas.of_kind(group, kind.version, kind.kind) or schemas.of_kind("", "v1", "ConfigMap")
    found = schemas.at(root, *column.about.split(".")) if root else None
    return replace(column, description=schemas.description(found) if found else "")


CREATED_AT = Column("Created At", "date", about="metadata.creationTimestamp")


def name_and_creation(obj: Object, now: float) -> Sequence[Any]:
    """Return the row of kinds without a printer of their own."""
    return name(obj), meta(obj).get("creationTimestamp")


def name_or_default(obj: Object, *annotations: str) -> str:
    """Return the name, marked when one of the annotations says that this is the default class."""
    marks = meta(obj).get("annotations") or {}
    is_default = any(marks.get(annotation) == "true" for annotation in annotations)
    return f"{name(obj)} (default)" if is_default else name(obj)


def yes_or_unset(value: bool | None) -> str:
    """Return a boolean pointer as text."""
    return UNSET if value is None else str(value)


def access_modes(modes: Iterable[str] | None) -> str:
    """Return `RWO,ROX`, in the printers' fixed order."""
    given = set(modes or ())
    return ",".join(short for mode, short in _MODES if mode in given)


_MODES = (
    ("ReadWriteOnce", "RWO"),
    ("ReadOnlyMany", "ROX"),
    ("ReadWriteMany", "RWX"),
    ("ReadWriteOncePod", "RWOP"),
)
