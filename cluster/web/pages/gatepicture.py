"""The way of one request through the gates as a picture: where each gate stands, and how far the request came.

Two layouts of the same stations: side by side for a page, one below the other for a drawer or a phone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from cluster.apiserver.gates.outcome import AUTHN, AUTHZ, STORE
from cluster.apiserver.gates.story import ABSENT, OPEN, SHUT, Section

STEP, FIRST = 140, 210  # wide: distance of two stations, and where the first one stands
LINE = 128  # wide: the height the path runs at
ROW, TOP, RAIL = 86, 104, 46  # narrow: height of a station, the first one's, and where the path runs


@dataclass(frozen=True, slots=True)
class Text:
    """One line of a station's words."""

    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Station:
    """A gate, or the store. `turned`: the path runs downwards."""

    stage: str
    state: str
    x: int
    y: int
    turned: bool
    title: Sequence[Text]
    summary: Sequence[Text]


@dataclass(frozen=True, slots=True)
class Band:
    """The ground behind the stations that make one of the three gates; `number` is the gate's."""

    number: int
    x: int
    y: int
    width: int
    height: int
    number_x: int
    number_y: int


@dataclass(frozen=True, slots=True)
class Picture:
    form: str
    width: int
    height: int
    client: Text
    walked: str  # the path up to where the request came, as SVG path data
    rest: str
    stations: Sequence[Station]
    bands: Sequence[Band]


def pictures(sections: Sequence[Section]) -> list[Picture]:
    return [_wide(sections), _narrow(sections)]


def _last(sections: Sequence[Section]) -> int:
    """Return the station at which the request ended."""
    return next((index for index, one in enumerate(sections) if one.state == SHUT), len(sections) - 1)


def _wide(sections: Sequence[Section]) -> Picture:
    stations = []
    for index, section in enumerate(sections):
        x = FIRST + index * STEP
        title = _lines(section.title, 17, x, 46, 17, 2)
        summary = _lines(section.summary, 19, x, LINE + 68, 16, 3)
        stations.append(Station(section.stage, section.state, x, LINE, False, title, summary))
    end, reached = stations[-1].x, stations[_last(sections)].x
    height = LINE + 84 + 16 * max(len(one.summary) for one in stations)
    bands = [
        Band(number, x - 64, 16, width, height - 16, x - 48, height - 12) for number, x, width in _groups(stations)
    ]
    client, walked, rest = Text(66, LINE, ""), f"M112 {LINE}H{reached}", f"M{reached} {LINE}H{end}"
    return Picture("wide", end + 90, height + 16, client, walked, rest, stations, bands)


def _groups(stations: Sequence[Station]) -> list[tuple[int, int, int]]:
    """Return the three gates as (number, x of the first station, width)."""
    admission = [one for one in stations if one.stage not in (AUTHN, AUTHZ, STORE)]
    wide = (len(admission) - 1) * STEP + 128
    return [(1, stations[0].x, 128), (2, stations[1].x, 128), (3, admission[0].x, wide)]


def _narrow(sections: Sequence[Section]) -> Picture:
    stations = []
    for index, section in enumerate(sections):
        y = TOP + index * ROW
        title = _lines(section.title, 34, RAIL + 44, y - 6, 18, 1)
        summary = _lines(section.summary, 38, RAIL + 44, y + 14, 16, 2)
        stations.append(Station(section.stage, section.state, RAIL, y, True, title, summary))
    end, reached = stations[-1].y, stations[_last(sections)].y
    rows = {1: (0, 1), 2: (1, 1), 3: (2, 4)}
    tops = {number: TOP + first * ROW - 40 for number, (first, _) in rows.items()}
    bands = [Band(n, 6, tops[n], 348, count * ROW - 6, 338, tops[n] + 20) for n, (_, count) in rows.items()]
    client = Text(RAIL, 34, "")
    return Picture(
        "narrow", 360, end + 54, client, f"M{RAIL} 50V{reached}", f"M{RAIL} {reached}V{end}", stations, bands
    )


def _lines(text: str, width: int, x: int, y: int, leading: int, most: int) -> list[Text]:
    found = wrapped(text, width)
    if len(found) > most:
        found = [*found[: most - 1], found[most - 1] + "…"]
    return [Text(x, y + index * leading, line) for index, line in enumerate(found)]


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines of at most `width` columns; Chinese characters take two and may break anywhere."""
    lines, line, used = [], "", 0
    for word in _words(text):
        size = _columns(word)
        if line and used + size > width:
            lines.append(line.rstrip())
            line, used = "", 0
            word = word.lstrip()
            size = _columns(word)
        line, used = line + word, used + size
    return [*lines, line.rstrip()] if line.strip() else lines


def _words(text: str) -> list[str]:
    """Return the pieces a line may be broken between: words, and single wide characters."""
    found = [""]
    for character in text:
        if _columns(character) == 2 or character == " " or (found[-1] and _columns(found[-1][-1]) == 2):
            found.append(character)
        else:
            found[-1] += character
            if character in "-/:.":
                found.append("")
    return [one for one in found if one]


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def spoken(sections: Sequence[Section]) -> str:
    """Return the picture in words, for who does not see it."""
    return "; ".join(f"{one.title}: {one.word}" for one in sections if one.state in (OPEN, SHUT, ABSENT))
