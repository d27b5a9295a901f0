"""-o custom-columns=NAME:.metadata.name,… and -o custom-columns-file=FILE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kubectl import tabwriter
from cluster.kubectl.errors import CommandError
from cluster.machinery.jsonpath import JsonPath, JsonPathError, go_show, relaxed
from cluster.machinery.meta import Object


class CustomColumns:
    """A header and a JSONPath for each column."""

    def __init__(self, columns: Sequence[tuple[str, JsonPath]], headers: bool = True):
        self.columns = columns
        self.headers = headers

    def render(self, objects: Sequence[Object]) -> str:
        rows = [[_cell(path, obj) for _, path in self.columns] for obj in objects]
        if self.headers:
            rows.insert(0, [header for header, _ in self.columns])
        return tabwriter.table(rows)


def from_spec(spec: str, headers: bool = True) -> CustomColumns:
    """Read `HEADER:PATH,HEADER:PATH`."""
    if not spec:
        raise CommandError("custom-columns format specified but no custom columns given")
    columns = []
    for part in spec.split(","):
        header, colon, path = part.partition(":")
        if not colon or ":" in path and not header:
            raise CommandError(f"unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>")
        columns.append((header, _path(path)))
    return CustomColumns(columns, headers)


def from_template(text: str, headers: bool = True) -> CustomColumns:
    """Read two lines: headers, then paths, both separated by blanks."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        raise CommandError("custom-columns format specified but no custom columns given" if not lines else
                           "unexpected custom-columns template, expected two lines")
    if len(lines[0]) != len(lines[1]):
        raise CommandError(f"number of headers ({len(lines[0])}) and field specifications ({len(lines[1])}) don't "
                           f"match")
    return CustomColumns([(header, _path(path)) for header, path in zip(lines[0], lines[1], strict=True)], headers)


def _path(text: str) -> JsonPath:
    try:
        return JsonPath(relaxed(text), allow_missing=True)
    except JsonPathError as problem:
        raise CommandError(str(problem)) from None


def _cell(path: JsonPath, obj: Object) -> str:
    try:
        values: list[Any] = [value for group in path.results(obj) for value in group]
    except JsonPathError:
        return "<none>"
    return ",".join(map(go_show, values)) if values else "<none>"
