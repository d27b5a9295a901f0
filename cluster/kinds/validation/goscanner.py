"""Go's complaint about text that is no JSON, as far as a literal or a first letter is wrong."""

from __future__ import annotations

import orjson

_LITERALS = {"n": "null", "t": "true", "f": "false"}


def json_problem(data: bytes) -> str:
    """Return what Go's decoder says about `data`, empty when it is JSON. Deeper faults are told in general."""
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError:
        return _first_fault(data.decode("utf-8", "replace").strip())
    return ""


def _first_fault(text: str) -> str:
    if not text:
        return "unexpected end of JSON input"
    word = _LITERALS.get(text[0])
    if word is None:
        if text[0] in '{["-0123456789':
            return "unexpected end of JSON input"
        return f"invalid character '{text[0]}' looking for beginning of value"
    for index, letter in enumerate(word):
        if index >= len(text):
            return "unexpected end of JSON input"
        if text[index] != letter:
            return f"invalid character '{text[index]}' in literal {word} (expecting '{letter}')"
    return f"invalid character '{text[len(word)]}' after top-level value"
