"""Go's text/tabwriter: cells end in tabs, a column is a run of lines that have a cell there.

kubectl prints every table and every describe through it, so widths follow from the same rules.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence


def width(text: str) -> int:
    """Return the number of code points, as Go counts; combining marks included."""
    return len(text) if text.isascii() else len(unicodedata.normalize("NFC", text))


def align(text: str, *, minimum: int = 0, padding: int = 2) -> str:
    """Lay out `text` whose cells are separated by tabs."""
    lines = [line.split("\t") for line in text.split("\n")]
    return "\n".join(_Layout(lines, minimum, padding).result())


def table(rows: Iterable[Sequence[str]], *, minimum: int = 6, padding: int = 3) -> str:
    """Lay out rows as kubectl's table writer does; every row has the same number of cells."""
    grid = [list(row) for row in rows]
    if not grid:
        return ""
    widths = column_widths(grid, (), minimum, padding)
    return "".join(fixed_row(row, widths) for row in grid)


def column_widths(
    rows: Sequence[Sequence[str]], remembered: Sequence[int], minimum: int = 6, padding: int = 3
) -> list[int]:
    """Return the width of every column but the last; widths `remembered` from a former flush stay."""
    widths = [max(minimum, max(map(len, column)) + padding) for column in zip(*rows, strict=False)][:-1]
    return [max(pair) for pair in zip(widths, remembered, strict=False)] if remembered else widths


def fixed_row(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [cell.ljust(size) for cell, size in zip(row, widths, strict=False)]
    return "".join(cells) + (row[-1] if row else "") + "\n"


class _Layout:
    """One run of the algorithm: blocks of columns, found recursively."""

    def __init__(self, lines: list[list[str]], minimum: int, padding: int):
        self.lines = lines
        self.minimum = minimum
        self.padding = padding
        self.widths: list[int] = []
        self.out: list[str] = []

    def result(self) -> list[str]:
        self._format(0, len(self.lines))
        return self.out

    def _format(self, first: int, last: int) -> None:
        column = len(self.widths)
        here = first
        while here < last:
            if column >= len(self.lines[here]) - 1:
                here += 1
                continue
            self._write(first, here)
            end = here
            size = self.minimum
            while end < last and column < len(self.lines[end]) - 1:
                size = max(size, width(self.lines[end][column]) + self.padding)
                end += 1
            self.widths.append(size)
            self._format(here, end)
            self.widths.pop()
            first = here = end
        self._write(first, last)

    def _write(self, first: int, last: int) -> None:
        for cells in self.lines[first:last]:
            parts = []
            for index, cell in enumerate(cells):
                parts.append(cell)
                if index < len(self.widths) and index < len(cells) - 1:
                    parts.append(" " * (self.widths[index] - width(cell)))
            self.out.append("".join(parts))
