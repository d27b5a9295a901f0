"""Printing whole objects: yaml, json, name, jsonpath, go-template, and the choice between them by -o."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from cluster.kubectl.command import Session
from cluster.kubectl.errors import CommandError
from cluster.machinery import goyaml
from cluster.machinery.gotemplate import Template, TemplateError
from cluster.machinery.jsonpath import JsonPath, JsonPathError
from cluster.machinery.meta import Object, name

Printer = Callable[[Object], str]

TEMPLATE_FORMATS = ("go-template", "go-template-file", "jsonpath", "jsonpath-as-json", "jsonpath-file", "template",
                    "templatefile")
FORMATS = ("json", "name", "yaml", *TEMPLATE_FORMATS)


class Typed(dict[str, Any]):
    """An object a generator made: JSON prints it in the order of its Go struct, not of its keys."""


def to_json(value: Any, indent: int = 4) -> str:
    """Return JSON as Go prints it: sorted keys, HTML characters escaped, empty containers closed."""
    text = json.dumps(value, indent=indent, sort_keys=not isinstance(value, Typed), ensure_ascii=False)
    return escape_html(text) + "\n"


def escape_html(text: str) -> str:
    for letter, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"),
                            ("\u2029", "\\u2029")):
        text = text.replace(letter, escaped)
    return text


def compact_json(value: Any) -> str:
    """Return JSON as Go's encoder writes it on one line."""
    return escape_html(json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False))


def without_managed_fields(obj: Object) -> Object:
    """Drop metadata.managedFields, in the items of lists too."""
    if isinstance(obj.get("items"), list):
        obj = {**obj, "items": [without_managed_fields(item) for item in obj["items"]]}
    meta = obj.get("metadata")
    if isinstance(meta, dict) and "managedFields" in meta:
        return type(obj)({**obj, "metadata": {key: value for key, value in meta.items() if key != "managedFields"}})
    return obj


def name_of(obj: Object) -> str:
    """Return what `-o name` prints; lists print their items."""
    if isinstance(obj.get("items"), list):
        return "".join(map(name_of, obj["items"]))
    group = str(obj.get("apiVersion", "")).rpartition("/")[0]
    kind = str(obj.get("kind", "<unknown>")).lower()
    return f"{kind}.{group}/{name(obj)}\n" if group else f"{kind}/{name(obj)}\n"


def split_format(session: Session) -> tuple[str, str]:
    """Return the format and its template from -o and --template."""
    text = str(session.flags.get("output") or "")
    template = str(session.flags.get("template") or "")
    for known in TEMPLATE_FORMATS:
        if text.startswith(f"{known}="):
            return known, text[len(known) + 1 :]
    if template and not text:
        return "go-template", template
    return text, template


def printer(session: Session, allowed: Sequence[str] = FORMATS) -> Printer | None:
    """Return the printer -o asks for; None without -o."""
    chosen, template = split_format(session)
    if not chosen:
        return None
    if chosen == "name":
        return name_of
    if chosen in ("json", "yaml"):
        plain = to_json if chosen == "json" else goyaml.dump
        if session.flags.get("show-managed-fields"):
            return plain
        return lambda obj: plain(without_managed_fields(obj))
    if chosen in TEMPLATE_FORMATS:
        return _templated(session, chosen, template)
    listed = ",".join(sorted(allowed))
    raise CommandError(
        f'unable to match a printer suitable for the output format "{chosen}", allowed formats are: {listed}')


def _templated(session: Session, chosen: str, template: str) -> Printer:
    if not template:
        raise CommandError("template format specified but no template given")
    if chosen.endswith("file"):
        try:
            template = session.read_file(template).decode(errors="replace")
        except CommandError as failure:
            raise CommandError(f"error reading --template {template}, {failure.message}\n") from None
    missing = bool(session.flags.get("allow-missing-template-keys", True))
    if chosen.startswith("jsonpath"):
        return _jsonpath(template, missing, as_json=chosen == "jsonpath-as-json")
    return _go_template(template, missing)


def _jsonpath(text: str, missing: bool, as_json: bool) -> Printer:
    try:
        path = JsonPath(text, allow_missing=missing)
    except JsonPathError as problem:
        raise CommandError(f"error parsing jsonpath {text}, {problem}") from None

    def print_(obj: Object) -> str:
        try:
            return _as_json(path, obj) if as_json else path.render(obj)
        except JsonPathError as problem:
            raise CommandError(
                f'error executing jsonpath "{_quoted(text)}": Error executing template: {problem}. Printing more '
                f"information for debugging the template:\n\ttemplate was:\n\t\t{text}\n\tobject given to jsonpath "
                f"engine was:\n\t\t{_go_syntax(obj)}\n\n") from None

    return print_


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _as_json(path: JsonPath, obj: Object) -> str:
    values = [value for group in path.results(obj) for value in group]
    return escape_html(json.dumps(values, indent=4, sort_keys=True, ensure_ascii=False)) + "\n"


def _go_syntax(value: Any) -> str:
    """Print data as Go's %#v of decoded JSON."""
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(key)}:{_go_syntax(value[key])}" for key in sorted(value))
        return f"map[string]interface {{}}{{{inner}}}"
    if isinstance(value, list):
        return f"[]interface {{}}{{{', '.join(map(_go_syntax, value))}}}"
    if value is None:
        return "interface {}(nil)"
    return json.dumps(value, ensure_ascii=False)


def _go_template(text: str, missing: bool) -> Printer:
    try:
        template = Template(text, missing_key="default" if missing else "error")
    except TemplateError as problem:
        raise CommandError(f"error parsing template {text}, {problem}") from None

    def print_(obj: Object) -> str:
        try:
            return template.render(obj)
        except TemplateError as problem:
            raise CommandError(
                f'error executing template "{_quoted(text)}": {problem}') from None

    return print_


def list_of(items: Sequence[Object]) -> Object:
    """Return the List kubectl makes of several objects."""
    return {"apiVersion": "v1", "items": list(items), "kind": "List", "metadata": {"resourceVersion": ""}}
