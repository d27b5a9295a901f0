"""The line editor of an interactive shell (readline's everyday keys), as data: one dict, keys in, bytes out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cluster.shell.kernel import Process

Line = dict[str, Any]
# Offers completions: (text before the cursor) -> (where the word begins, candidates, what to put after a single one).
Complete = Callable[[str], tuple[int, Sequence[str]]]

_KEYS = re.compile(r"\x1b\[200~|\x1b\[201~|\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Za-z]|\x1b[A-Za-z.\x7f\x08]|\x1b\x1b|[\s\S]")
_UNFINISHED = re.compile(r"\x1b(\[[0-9;]*|O)?$")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|[\x01\x02]")


def new_line(prompt: str, history: Sequence[str]) -> Line:
    """Return the state of a fresh line."""
    return {
        "active": True,
        "prompt": prompt,
        "text": "",
        "cursor": 0,
        "row": 0,
        "at": len(history),
        "draft": "",
        "tabs": 0,
    }


def width(text: str) -> int:
    """Return how many columns a text takes; Chinese letters take two, combining marks none."""
    found = 0
    for letter in text:
        if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
            continue
        found += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
    return found


class LineEditor:
    """One go of keys at the line in `process["line"]`. `output` collects what the terminal must show."""

    def __init__(self, process: Process, history: list[str], complete: Complete):
        self.process = process
        self.line: Line = process["line"]
        self.history = history
        self.complete = complete
        self.columns = max(int(process["columns"]), 8)
        self.output: list[str] = []

    def feed(self, data: str) -> str:
        """Take decoded keys until the line is done; returns the keys left over."""
        i = 0
        while i < len(data) and "done" not in self.line:
            if _UNFINISHED.fullmatch(data, i):
                break
            match = _KEYS.match(data, i)
            assert match
            i = match.end()
            self._key(match.group())
        return data[i:]

    def _key(self, key: str) -> None:
        if key != "\t":
            self.line["tabs"] = 0
        if self.line.get("paste"):
            self._pasted(key)
        elif "search" in self.line:
            self._search_key(key)
        elif key in _BINDINGS:
            _BINDINGS[key](self)
        elif key >= " " and key != "\x7f" and not key.startswith("\x1b"):
            self._insert(key)

    # -- changing ------------------------------------------------------------------------------------

    def _insert(self, text: str) -> None:
        line = self.line
        before = line["text"]
        line["text"] = before[: line["cursor"]] + text + before[line["cursor"] :]
        line["cursor"] += len(text)
        place = width(_ESCAPES.sub("", line["prompt"].rpartition("\n")[2]) + line["text"])
        if line["cursor"] == len(line["text"]) and place % self.columns > width(text) - 1 and "\n" not in line["text"]:
            self.output.append(text)
            return
        self.draw()

    def _set(self, text: str, cursor: int | None = None) -> None:
        self.line["text"] = text
        self.line["cursor"] = len(text) if cursor is None else cursor
        self.draw()

    def _kill(self, start: int, end: int) -> None:
        text = self.line["text"]
        if start < end:
            self.process["killed"] = text[start:end]
        self._set(text[:start] + text[end:], start)

    def _move(self, cursor: int) -> None:
        self.line["cursor"] = max(0, min(cursor, len(self.line["text"])))
        self.draw()

    def _word_left(self, blanks_only: bool = False) -> int:
        text, i = self.line["text"], self.line["cursor"]
        is_word = (lambda letter: not letter.isspace()) if blanks_only else str.isalnum
        while i and not is_word(text[i - 1]):
            i -= 1
        while i and is_word(text[i - 1]):
            i -= 1
        return int(i)

    def _word_right(self) -> int:
        text, i = self.line["text"], self.line["cursor"]
        while i < len(text) and not text[i].isalnum():
            i += 1
        while i < len(text) and text[i].isalnum():
            i += 1
        return int(i)

    def _backspace(self) -> None:
        cursor = self.line["cursor"]
        if cursor:
            self._set(self.line["text"][: cursor - 1] + self.line["text"][cursor:], cursor - 1)

    def _delete(self) -> None:
        cursor = self.line["cursor"]
        self._set(self.line["text"][:cursor] + self.line["text"][cursor + 1 :], cursor)

    def _end_of_file(self) -> None:
        if self.line["text"]:
            self._delete()
        else:
            self._finish("eof")

    def _transpose(self) -> None:
        text, i = self.line["text"], self.line["cursor"]
        i = min(i, len(text) - 1)
        if i > 0:
            self._set(text[: i - 1] + text[i] + text[i - 1] + text[i + 1 :], i + 1)

    def _yank(self) -> None:
        killed = str(self.process.get("killed", ""))
        if killed:
            text, i = self.line["text"], self.line["cursor"]
            self._set(text[:i] + killed + text[i:], i + len(killed))

    def _last_argument(self) -> None:
        words = self.history[-1].split() if self.history else []
        if words:
            self._insert(words[-1])

    def _comment(self) -> None:
        self._set("#" + self.line["text"])
        self._accept()

    # -- history ---------------------------------------------------------------------------------------

    def _recall(self, step: int) -> None:
        line = self.line
        at = line["at"] + step
        if not 0 <= at <= len(self.history):
            return
        if line["at"] == len(self.history):
            line["draft"] = line["text"]
        line["at"] = at
        self._set(line["draft"] if at == len(self.history) else self.history[at])

    def _begin_search(self) -> None:
        self.line["search"] = {"text": "", "from": len(self.history), "held": self.line["text"]}
        self.draw()

    def _search_key(self, key: str) -> None:
        search = self.line["search"]
        if key == "\x12":
            self._find(search["from"])
        elif key in ("\x7f", "\x08"):
            search["text"], search["from"] = search["text"][:-1], len(self.history)
            self._find(search["from"])
        elif key >= " " and not key.startswith("\x1b"):
            search["text"] += key
            self._find(min(search["from"] + 1, len(self.history)))
        else:
            del self.line["search"]
            if key in ("\x07", "\x03"):
                self.line["text"] = search["held"]
                self.line["cursor"] = len(search["held"])
            self.draw()
            if key not in ("\x07", "\x1b\x1b"):
                self._key(key)

    def _find(self, before: int) -> None:
        search = self.line["search"]
        for at in range(before - 1, -1, -1):
            if search["text"] in self.history[at]:
                search["from"] = self.line["at"] = at
                self.line["text"] = self.history[at]
                self.line["cursor"] = self.history[at].find(search["text"])
                search.pop("failed", None)
                self.draw()
                return
        search["failed"] = True
        self.draw()

    # -- ends ------------------------------------------------------------------------------------------

    def _finish(self, kind: str) -> None:
        if self.line["cursor"] < len(self.line["text"]) or "search" in self.line:
            self.line.pop("search", None)
            self._move(len(self.line["text"]))
        self.line["done"] = kind
        self.line["active"] = False

    def _accept(self) -> None:
        self._finish("line")
        self.output.append("\r\n")

    def _interrupt(self) -> None:
        self._finish("interrupt")
        self.output.append("^C\r\n")

    def _clear(self) -> None:
        self.output.append("\x1b[H\x1b[2J")
        self.line["row"] = 0
        self.draw()

    def _paste_begins(self) -> None:
        self.line["paste"] = True

    def _pasted(self, key: str) -> None:
        if key == "\x1b[201~":
            del self.line["paste"]
        elif key in ("\r", "\n"):
            if key == "\n" and self.line.get("after_return"):
                self.line.pop("after_return")
                return
            self.line["after_return"] = key == "\r"
            self._insert("\n")
        elif not key.startswith("\x1b"):
            self.line.pop("after_return", None)
            self._insert(key)

    # -- completion --------------------------------------------------------------------------------------

    def _tab(self) -> None:
        line = self.line
        start, found = self.complete(line["text"][: line["cursor"]])
        candidates = sorted(set(found))
        typed = line["text"][start : line["cursor"]]
        if not candidates:
            self.output.append("\x07")
            return
        common = _common(candidates)
        if len(candidates) == 1:
            common += "" if common.endswith(("/", "=", ":", " ")) else " "
        if len(common) > len(typed) and common.startswith(typed.rstrip()):
            self._replace(start, common)
            return
        line["tabs"] += 1
        if line["tabs"] > 1:
            self._show(candidates)
        else:
            self.output.append("\x07")

    def _replace(self, start: int, text: str) -> None:
        line = self.line
        rest = line["text"][line["cursor"] :]
        if rest.startswith(" ") and text.endswith(" "):
            rest = rest[1:]
        self._set(line["text"][:start] + text + rest, start + len(text))

    def _show(self, candidates: Sequence[str]) -> None:
        shown = [re.sub(r"^.*/(?=.)", "", one) if "/" in one.rstrip("/") else one for one in candidates]
        cell = max(map(width, shown)) + 2
        per_row = max(1, self.columns // cell)
        rows = -(-len(shown) // per_row)
        text = "\r\n"
        for row in range(rows):
            names = shown[row::rows]
            text += "".join(name + " " * (cell - width(name)) for name in names).rstrip() + "\r\n"
        self.line["row"] = 0
        self.output.append(text)
        self.draw(fresh=True)

    # -- drawing -----------------------------------------------------------------------------------------

    def draw(self, *, fresh: bool = False) -> None:
        """Write the line anew from its first row and put the cursor where it belongs."""
        line = self.line
        prompt = line["prompt"].rpartition("\n")[2]
        if "search" in line:
            search = line["search"]
            prompt = f"({'failed ' if search.get('failed') else ''}reverse-i-search)`{search['text']}': "
        shown = _shown(line["text"])
        up = f"\x1b[{line['row']}A" if line["row"] and not fresh else ""
        end_row, end_column = self._place(prompt, shown)
        row, column = self._place(prompt, _shown(line["text"][: line["cursor"]]))
        wrap = " \r" if end_column == 0 and end_row and not shown.endswith("\n") else ""
        text = f"{up}\r\x1b[J{prompt}{shown.replace(chr(10), chr(13) + chr(10))}{wrap}"
        if end_row > row:
            text += f"\x1b[{end_row - row}A"
        text += "\r" + (f"\x1b[{column}C" if column else "") if (row, column) != (end_row, end_column) else ""
        line["row"] = row
        self.output.append(text)

    def _place(self, prompt: str, text: str) -> tuple[int, int]:
        """Return (row, column) where the cursor stands after prompt and text."""
        row = column = 0
        for letter in _ESCAPES.sub("", prompt) + text:
            if letter == "\n":
                row, column = row + 1, 0
                continue
            size = width(letter)
            if column + size > self.columns:
                row, column = row + 1, 0
            column += size
        if column >= self.columns:
            row, column = row + 1, 0
        return row, column


def _shown(text: str) -> str:
    return "".join(letter if letter >= " " or letter == "\n" else "^" + chr(ord(letter) + 64) for letter in text)


def _common(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)
    size = next((i for i, letter in enumerate(first) if i >= len(last) or last[i] != letter), len(first))
    return first[:size]


_BINDINGS: Mapping[str, Callable[[LineEditor], None]] = {
    "\r": LineEditor._accept,
    "\n": LineEditor._accept,
    "\x03": LineEditor._interrupt,
    "\x04": LineEditor._end_of_file,
    "\x7f": LineEditor._backspace,
    "\x08": LineEditor._backspace,
    "\t": LineEditor._tab,
    "\x01": lambda editor: editor._move(0),
    "\x05": lambda editor: editor._move(len(editor.line["text"])),
    "\x02": lambda editor: editor._move(editor.line["cursor"] - 1),
    "\x06": lambda editor: editor._move(editor.line["cursor"] + 1),
    "\x0b": lambda editor: editor._kill(editor.line["cursor"], len(editor.line["text"])),
    "\x15": lambda editor: editor._kill(0, editor.line["cursor"]),
    "\x17": lambda editor: editor._kill(editor._word_left(True), editor.line["cursor"]),
    "\x14": LineEditor._transpose,
    "\x19": LineEditor._yank,
    "\x0c": LineEditor._clear,
    "\x10": lambda editor: editor._recall(-1),
    "\x0e": lambda editor: editor._recall(1),
    "\x12": LineEditor._begin_search,
    "\x1b[A": lambda editor: editor._recall(-1),
    "\x1b[B": lambda editor: editor._recall(1),
    "\x1bOA": lambda editor: editor._recall(-1),
    "\x1bOB": lambda editor: editor._recall(1),
    "\x1b[C": lambda editor: editor._move(editor.line["cursor"] + 1),
    "\x1b[D": lambda editor: editor._move(editor.line["cursor"] - 1),
    "\x1bOC": lambda editor: editor._move(editor.line["cursor"] + 1),
    "\x1bOD": lambda editor: editor._move(editor.line["cursor"] - 1),
    "\x1b[H": lambda editor: editor._move(0),
    "\x1b[F": lambda editor: editor._move(len(editor.line["text"])),
    "\x1bOH": lambda editor: editor._move(0),
    "\x1bOF": lambda editor: editor._move(len(editor.line["text"])),
    "\x1b[1~": lambda editor: editor._move(0),
    "\x1b[4~": lambda editor: editor._move(len(editor.line["text"])),
    "\x1b[3~": LineEditor._delete,
    "\x1bb": lambda editor: editor._move(editor._word_left()),
    "\x1bf": lambda editor: editor._move(editor._word_right()),
    "\x1b[1;5D": lambda editor: editor._move(editor._word_left()),
    "\x1b[1;5C": lambda editor: editor._move(editor._word_right()),
    "\x1b[1;3D": lambda editor: editor._move(editor._word_left()),
    "\x1b[1;3C": lambda editor: editor._move(editor._word_right()),
    "\x1bd": lambda editor: editor._kill(editor.line["cursor"], editor._word_right()),
    "\x1b\x7f": lambda editor: editor._kill(editor._word_left(), editor.line["cursor"]),
    "\x1b.": LineEditor._last_argument,
    "\x1b#": LineEditor._comment,
    "\x1b[200~": LineEditor._paste_begins,
}
