"""A remembered request, and lists of them, as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cluster.apiserver.gates import story
from cluster.apiserver.gates.blocks import Block
from cluster.apiserver.gates.outcome import AUTHZ, refused_at, refusers
from cluster.apiserver.gates.record import Entry
from cluster.apiserver.gates.words import words
from cluster.machinery.clock import timestamp

_SIGNS = {story.OPEN: "✔", story.SHUT: "✘", story.UNREACHED: "·", story.ABSENT: "–"}


def whole(entry: Entry, language: str = "en") -> str:
    """Return one request, gate by gate."""
    return "\n".join(_whole(entry, language)) + "\n"


def _whole(entry: Entry, language: str) -> Iterator[str]:
    yield f"{story.title(entry, language)}  ({words(language)['at']} {timestamp(entry.time)})"
    yield from (f"  {fact.label}: {fact.value}" for fact in story.head(entry, language))
    for section in story.sections(entry, language):
        yield ""
        yield f"{_SIGNS[section.state]} {section.title}: {section.summary}"
        for fact in section.facts:
            yield f"    {fact.label}: {fact.value}" if fact.label else f"    {fact.value}"
        for block in section.blocks:
            yield from _block(block)
    sent = story.sent(entry, language)
    if sent is not None:
        yield ""
        yield from _block(sent)


def _block(block: Block) -> Iterator[str]:
    yield f"    {block.title}:" if block.lines else f"    {block.title}"
    for mark, text in block.lines:
        yield f"      {mark} {text}".rstrip()


def table(entries: Sequence[Entry]) -> str:
    """Return requests as a table, one line each, in the order given."""
    rows: list[tuple[str, ...]] = [("NUMBER", "CODE", "USER", "VERB", "WHAT", "REFUSED BY")]
    rows += [_row(entry) for entry in entries]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = ["   ".join([*(row[column].ljust(widths[column]) for column in range(5)), row[5]]) for row in rows]
    return "".join(line.rstrip() + "\n" for line in lines)


def _row(entry: Entry) -> tuple[str, ...]:
    stage = refused_at(entry)
    by = "" if stage == AUTHZ else ", ".join(refusers(entry))
    refused = f"{stage} ({by})" if by else stage
    return str(entry.serial), str(entry.code), entry.actor or "-", entry.verb, story.what(entry), refused
