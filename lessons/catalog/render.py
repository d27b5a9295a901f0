"""Lesson Markdown to HTML: CommonMark with tables and highlighted code, cleaned by a second guard.

Every name in code that looks like a command gets a "run it" button from the page's script; the
server only marks it.
"""

from __future__ import annotations

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

_TAGS = nh3.ALLOWED_TAGS | {"table", "thead", "tbody", "tr", "th", "td", "pre", "code", "span"}
_ATTRIBUTES = {"span": {"class"}, "pre": {"class"}, "code": {"class"}, "a": {"href", "title"}}


def _code(source: str, language: str, attributes: str) -> str:
    try:
        lexer = get_lexer_by_name(language or "text")
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    name = language or "console"
    lines = highlight(source, lexer, HtmlFormatter(nowrap=True))
    return f'<pre class="code"><code class="language-{nh3.clean_text(name)}">{lines}</code></pre>'


_markdown = MarkdownIt("commonmark", {"highlight": _code}).enable("table")


@lru_cache(maxsize=2048)
def html(source: str) -> str:
    """Return safe HTML for a piece of lesson Markdown."""
    return nh3.clean(_markdown.render(source), tags=_TAGS, attributes=_ATTRIBUTES, link_rel="noopener")


@lru_cache(maxsize=2048)
def inline_html(source: str) -> str:
    """Return safe HTML for one line, without a paragraph around it."""
    return nh3.clean(_markdown.renderInline(source), tags=_TAGS, attributes=_ATTRIBUTES, link_rel="noopener")
