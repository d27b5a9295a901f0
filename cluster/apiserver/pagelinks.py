"""The links in an HTML page, each put through a function: what the API server's proxy does to pages.

Only attributes that hold URLs, by element, as k8s.io/apimachinery `util/proxy` lists them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping

_LINKS: Mapping[str, str] = {
    "a": "href",
    "applet": "codebase",
    "area": "href",
    "audio": "src",
    "base": "href",
    "blockquote": "cite",
    "body": "background",
    "button": "formaction",
    "command": "icon",
    "del": "cite",
    "embed": "src",
    "form": "action",
    "frame": "longdesc src",
    "head": "profile",
    "html": "manifest",
    "iframe": "longdesc src",
    "img": "longdesc src usemap",
    "input": "src usemap formaction",
    "ins": "cite",
    "link": "href",
    "object": "classid codebase data usemap",
    "q": "cite",
    "script": "src",
    "source": "src",
    "video": "poster src",
}
_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)(\s[^<>]*)>")
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)""")
_COMMENT = re.compile(r"(<!--.*?-->)", re.DOTALL)


def rewrite(body: bytes, change: Callable[[str], str]) -> bytes:
    """Return the page with every link changed; the rest stays byte for byte."""
    text = body.decode("utf-8", "surrogateescape")
    pieces = _COMMENT.split(text)
    changed = (piece if piece.startswith("<!--") else _links(piece, change) for piece in pieces)
    return "".join(changed).encode("utf-8", "surrogateescape")


def _links(text: str, change: Callable[[str], str]) -> str:
    return _TAG.sub(lambda tag: _tag(tag, change), text)


def _tag(tag: re.Match[str], change: Callable[[str], str]) -> str:
    links = _LINKS.get(tag[1].lower(), "").split()

    def attribute(found: re.Match[str]) -> str:
        if found[1].lower() not in links:
            return found[0]
        quote = found[3][0] if found[3][0] in "\"'" else ""
        value = html.unescape(found[3].strip("\"'") if quote else found[3])
        after = change(value)
        return found[0] if after == value else f'{found[1]}{found[2]}"{html.escape(after)}"'

    return f"<{tag[1]}{_ATTRIBUTE.sub(attribute, tag[2])}>" if links else tag[0]
