"""Compiles `locale/*/LC_MESSAGES/django.po` to `.mo`, so that a machine without gettext can change a text.

Run `python -m labsite.translations` after editing a .po file. A test compares the two.
"""

from __future__ import annotations

import ast
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
CONTEXT = "\x04"  # between msgctxt and msgid, as gettext joins them
MAGIC = 0x950412DE


def read(text: str) -> dict[str, str]:
    """Return message → translation of a .po file; plural forms are joined by NUL, as in a .mo file."""
    found: dict[str, str] = {}
    for entry in _entries(text):
        forms = [entry[key] for key in sorted(entry) if key.startswith("msgstr")]
        ids = [entry["msgid"], *([entry["msgid_plural"]] if "msgid_plural" in entry else [])]
        key = "\0".join(ids)
        if "msgctxt" in entry:
            key = entry["msgctxt"] + CONTEXT + key
        if any(forms):
            found[key] = "\0".join(forms)
    return found


def _entries(text: str) -> Iterator[dict[str, str]]:
    for block in text.split("\n\n"):
        entry: dict[str, str] = {}
        word = ""
        for line in block.splitlines():
            if line.startswith("#") or not line.strip():
                continue
            if not line.startswith('"'):
                word, _, line = line.partition(" ")
                entry[word] = ""
            entry[word] += ast.literal_eval(line)
        if "msgid" in entry:
            yield entry


def compiled(messages: Mapping[str, str]) -> bytes:
    """Return the .mo file: sorted tables of lengths and offsets, then the strings."""
    pairs = sorted((key.encode(), value.encode()) for key, value in messages.items())
    start = 28 + 16 * len(pairs)
    tables: list[bytes] = []
    strings = b""
    for column in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[column]), start + len(strings)))
            strings += pair[column] + b"\0"
    head = struct.pack("<7I", MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start)
    return head + b"".join(tables) + strings


def main() -> None:
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        source.with_suffix(".mo").write_bytes(compiled(read(source.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
