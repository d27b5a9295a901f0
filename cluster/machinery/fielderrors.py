"""Field errors: what is wrong with which field, in apimachinery's words (`validation/field`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

NOT_FOUND = "FieldValueNotFound"
REQUIRED = "FieldValueRequired"
DUPLICATE = "FieldValueDuplicate"
INVALID = "FieldValueInvalid"
NOT_SUPPORTED = "FieldValueNotSupported"
FORBIDDEN = "FieldValueForbidden"
TOO_LONG = "FieldValueTooLong"
TOO_MANY = "FieldValueTooMany"
TYPE_INVALID = "FieldValueTypeInvalid"
INTERNAL = "InternalError"

_WORDS = {
    NOT_FOUND: "Not found",
    REQUIRED: "Required value",
    DUPLICATE: "Duplicate value",
    INVALID: "Invalid value",
    NOT_SUPPORTED: "Unsupported value",
    FORBIDDEN: "Forbidden",
    TOO_LONG: "Too long",
    TOO_MANY: "Too many",
    TYPE_INVALID: "Invalid value",
    INTERNAL: "Internal error",
}
# Fields that are maps in Go; what else is a dict here is a struct there.
_MAPS = frozenset(
    {"matchLabels", "labels", "annotations", "nodeSelector", "data", "stringData", "limits", "requests", "overhead"}
)
_WITHOUT_VALUE = frozenset({REQUIRED, FORBIDDEN, TOO_LONG, INTERNAL})


class _Omitted:
    """The value of an error that shows none, though its kind usually does."""


OMITTED = _Omitted()


@dataclass(frozen=True, slots=True)
class FieldError:
    """One error: `reason` is the cause's reason, `path` the JSON path, `detail` the explanation."""

    reason: str
    path: str
    value: Any = None
    detail: str = ""

    def body(self) -> str:
        """Return the message without the path, as `causes[].message` carries it."""
        text = _WORDS[self.reason]
        if self.reason not in _WITHOUT_VALUE and self.value is not OMITTED:
            text += f": {_shown(self.value)}"
        return f"{text}: {self.detail}" if self.detail else text

    def cause(self) -> dict[str, str]:
        """Return the `StatusCause`."""
        return {"reason": self.reason, "message": self.body(), "field": self.path}

    def __str__(self) -> str:
        return f"{self.path}: {self.body()}"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return orjson.dumps(value).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, (dict, list)):
        return orjson.dumps(_ordered(value)).decode()
    return str(value)


def _ordered(value: Any) -> Any:
    """Return a value with its maps sorted by key, as Go prints them; structs keep the order of their fields."""
    if isinstance(value, list):
        return [_ordered(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: dict(sorted(inner.items())) if name in _MAPS and isinstance(inner, dict) else _ordered(inner)
        for name, inner in value.items()
    }


def required(path: str, detail: str = "") -> FieldError:
    return FieldError(REQUIRED, path, None, detail)


def invalid_value(path: str, value: Any, detail: str) -> FieldError:
    return FieldError(INVALID, path, value, detail)


def unsupported(path: str, value: Any, supported: Sequence[str], *, in_order: bool = False) -> FieldError:
    """Unsupported value; the supported ones are quoted, and sorted unless the real server lists them `in_order`."""
    listed = ", ".join(f'"{item}"' for item in (supported if in_order else sorted(supported)))
    return FieldError(NOT_SUPPORTED, path, value, f"supported values: {listed}" if listed else "")


def duplicate(path: str, value: Any) -> FieldError:
    return FieldError(DUPLICATE, path, value)


def forbidden_field(path: str, detail: str) -> FieldError:
    return FieldError(FORBIDDEN, path, None, detail)


def not_found_field(path: str, value: Any) -> FieldError:
    return FieldError(NOT_FOUND, path, value)


def too_long(path: str, limit: int) -> FieldError:
    return FieldError(TOO_LONG, path, None, f"may not be more than {limit} bytes")


def too_many(path: str, count: int, limit: int) -> FieldError:
    return FieldError(TOO_MANY, path, count, f"must have at most {limit} item{'' if limit == 1 else 's'}")
