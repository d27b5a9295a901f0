"""Every text of the pages exists in both languages, and what is compiled is what is written."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from labsite.translations import CONTEXT, LOCALE, compiled, read

ROOT = Path(__file__).resolve().parents[2]
SOURCE = LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.po"
TAG = re.compile(r"{%-?\s*translate\s+(?:\"([^\"]+)\"|'([^']+)')")
BLOCK = re.compile(r"{%\s*blocktranslate\b.*?%}(.*?)(?:{%\s*plural\s*%}.*?)?{%\s*endblocktranslate\s*%}", re.S)


def messages_of_templates() -> set[str]:
    found = set()
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        found.update(double or single for double, single in TAG.findall(text))
        found.update(re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", body) for body in BLOCK.findall(text))
    return found


def messages_of_views() -> set[str]:
    found = set()
    for path in [*(ROOT / "cluster" / "web").rglob("*.py"), *(ROOT / "lessons" / "web").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "pgettext"):
                words = [each.value for each in node.args if isinstance(each, ast.Constant)]
                found.add(CONTEXT.join(words))
    return found


@pytest.mark.parametrize("collect", [messages_of_templates, messages_of_views])
def test_every_text_is_translated(collect):
    known = {key.partition("\0")[0] for key in read(SOURCE.read_text(encoding="utf-8"))}
    assert sorted(collect() - known) == []


def test_the_compiled_texts_are_the_written_ones():
    assert SOURCE.with_suffix(".mo").read_bytes() == compiled(read(SOURCE.read_text(encoding="utf-8")))


def test_translations_keep_the_placeholders():
    for message, text in read(SOURCE.read_text(encoding="utf-8")).items():
        wanted = set(re.findall(r"%\(\w+\)s|{\w+}", message))
        assert set(re.findall(r"%\(\w+\)s|{\w+}", text)) == wanted, message
