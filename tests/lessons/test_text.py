"""A language file's shape, and what is said when it is wrong."""

from __future__ import annotations

import pytest

from lessons.catalog.text import TextError, code_blocks, parse

SOURCE = """\
# A title

A summary.

## step: first | The first step

A body with code:

```
# not a heading
```

### task

Do it.

### check: there

It is there

### hint

Mild.

### hint

Strong.

### quiz: why

Why?
- one: because
- two: it just is

### why: why

Because of that.

### done

Seen.
"""


def test_a_language_file_is_read_into_its_parts() -> None:
    text = parse(SOURCE)
    step = text.steps["first"]
    assert (text.title, text.summary, step.title) == ("A title", "A summary.", "The first step")
    assert "# not a heading" in step.body
    assert (step.task, step.done, step.checks) == ("Do it.", "Seen.", {"there": "It is there"})
    assert step.hints == ("Mild.", "Strong.")
    assert step.quizzes["why"].options == {"one": "because", "two": "it just is"}
    assert step.quizzes["why"].explanation == "Because of that."


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("no title", "begins with `# Title`"),
        ("# T\n\n## first\n", "expected `## step: <id> | <title>`"),
        ("# T\n\n## step: a | A\n\n### oops\n", "unknown heading `### oops`"),
    ],
)
def test_a_wrong_shape_is_named(source: str, words: str) -> None:
    with pytest.raises(TextError, match=words.replace("|", r"\|")):
        parse(source)


def test_code_blocks_are_what_languages_must_share() -> None:
    assert code_blocks(SOURCE) == ["# not a heading\n"]
