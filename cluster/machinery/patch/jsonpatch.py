"""JSON patch (RFC 6902) with the wording of the library the API server uses (evanphx/json-patch)."""

from __future__ import annotations

from typing import Any


class PatchError(ValueError):
    """An operation that cannot be done; the text is the real one."""


def apply(document: Any, operations: Any) -> Any:
    """Return `document` after all operations; it may be changed in place."""
    for operation in operations:
        document = _apply_one(document, operation)
    return document


def _apply_one(document: Any, operation: dict[str, Any]) -> Any:
    op, path = operation.get("op", ""), operation.get("path")
    if op not in _OPERATIONS:
        raise PatchError(f"Unexpected kind: {op}")
    if path is None or (op in ("copy", "move") and "from" not in operation):
        raise PatchError(f"{op} operation failed to decode path: missing value")
    if path and not path.startswith("/"):
        raise PatchError(f'{op} operation does not apply: doc is missing path: "{path}": missing value')
    return _OPERATIONS[op](document, path, operation)


def _steps(path: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def _parent(document: Any, path: str, op: str) -> tuple[Any, str]:
    steps = _steps(path)
    current = document
    for step in steps[:-1]:
        current = _child(current, step)
        if not isinstance(current, (dict, list)):
            raise PatchError(f'{op} operation does not apply: doc is missing path: "{path}": missing value')
    return current, steps[-1] if steps else ""


def _child(container: Any, step: str) -> Any:
    if isinstance(container, dict):
        return container.get(step)
    if isinstance(container, list) and step.lstrip("-").isdigit() and -len(container) <= int(step) < len(container):
        return container[int(step)]
    return None


def _add(document: Any, path: str, operation: dict[str, Any]) -> Any:
    if path == "":
        return operation.get("value")
    container, last = _parent(document, path, "add")
    value = operation.get("value")
    if isinstance(container, dict):
        container[last] = value
    elif last == "-":
        container.append(value)
    else:
        container.insert(_position(container, last, path, "add", len(container)), value)
    return document


def _position(container: list[Any], step: str, path: str, op: str, top: int) -> int:
    try:
        position = int(step)
    except ValueError:
        raise PatchError(f'{op} operation does not apply: value was not a proper array index: "{step}"') from None
    if position < 0:
        position += len(container)
    if not 0 <= position <= top:
        raise PatchError(
            f'{op} operation does not apply: doc is missing path: "{path}": Unable to access invalid index: {step}: '
            "invalid index referenced"
        )
    return position


def _remove(document: Any, path: str, operation: dict[str, Any]) -> Any:
    container, last = _parent(document, path, "remove")
    if isinstance(container, dict):
        if last not in container:
            raise PatchError(f'remove operation does not apply: doc is missing path: "{path}": missing value')
        del container[last]
    else:
        del container[_position(container, last, path, "remove", len(container) - 1)]
    return document


def _replace(document: Any, path: str, operation: dict[str, Any]) -> Any:
    if path == "":
        return operation.get("value")
    container, last = _parent(document, path, "replace")
    if isinstance(container, dict):
        if last not in container:
            raise PatchError(f"replace operation does not apply: doc is missing key: {path}: missing value")
        container[last] = operation.get("value")
    else:
        container[_position(container, last, path, "replace", len(container) - 1)] = operation.get("value")
    return document


def _read(document: Any, path: str, op: str) -> Any:
    current = document
    for step in _steps(path):
        known = isinstance(current, dict) and step in current
        current = _child(current, step)
        if current is None and not known:
            raise PatchError(f'{op} operation does not apply: doc is missing path: "{path}": missing value')
    return current


def _test(document: Any, path: str, operation: dict[str, Any]) -> Any:
    try:
        found = _read(document, path, "test")
    except PatchError:
        found = None
    if found != operation.get("value"):
        raise PatchError(f"testing value {path} failed: test failed")
    return document


def _copy(document: Any, path: str, operation: dict[str, Any]) -> Any:
    value = _deep(_read(document, operation.get("from", ""), "copy"))
    return _add(document, path, {"value": value})


def _move(document: Any, path: str, operation: dict[str, Any]) -> Any:
    value = _read(document, operation.get("from", ""), "move")
    document = _remove(document, operation.get("from", ""), operation)
    return _add(document, path, {"value": value})


def _deep(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _deep(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_deep(item) for item in value]
    return value


_OPERATIONS = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "test": _test,
    "copy": _copy,
    "move": _move,
}
