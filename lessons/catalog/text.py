"""Reads a lesson's Markdown file of one language into its parts.

The shape, headings being the only mark-up that has a meaning of its own here:

    # Title                          then the summary
    ## step: <id> | <title>          then the body
    ### task                         what to do
    ### check: <id>                  one line of the check list
    ### hint                         as many as the structure says, mild to strong
    ### quiz: <id>                   the question, then `- <option>: text` lines
    ### why: <id>                    why the right answer is right
    ### done                         what was just seen

Headings inside code fences are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lessons.catalog.lesson import LessonText, QuizText, StepText

_HEADING = re.compile(r"^(#{1,3}) (.+?)\s*$")
_OPTION = re.compile(r"^- (?P<id>[a-z0-9-]+): (?P<text>.+)$")

Part = tuple[int, str, str]  # heading level, heading, text below it


class TextError(ValueError):
    """A language file that does not have the shape above."""


def parts(source: str) -> Iterator[Part]:
    """Yield (level, heading, text) in order."""
    level, heading, lines, fenced = 0, "", [], False
    for line in source.splitlines():
        fenced ^= line.lstrip().startswith("```")
        match = None if fenced else _HEADING.match(line)
        if match is None:
            lines.append(line)
            continue
        yield level, heading, "\n".join(lines).strip()
        level, heading, lines = len(match[1]), match[2], []
    yield level, heading, "\n".join(lines).strip()


def parse(source: str) -> LessonText:
    """Return the texts of one language file; TextError when its shape is wrong."""
    title, summary, steps = "", "", {}
    current: list[Part] = []
    step_heading, body = "", ""
    for level, heading, text in parts(source):
        if level == 1:
            title, summary = heading, text
        elif level == 2:
            _close(steps, step_heading, body, current)
            step_heading, body, current = heading, text, []
        elif level == 3:
            current.append((level, heading, text))
    _close(steps, step_heading, body, current)
    if not title:
        raise TextError("a lesson begins with `# Title`")
    return LessonText(title, summary, steps)


def _close(steps: dict[str, StepText], heading: str, body: str, sections: Sequence[Part]) -> None:
    if not heading:
        return
    match = re.fullmatch(r"step: ([a-z0-9-]+) \| (.+)", heading)
    if match is None:
        raise TextError(f"expected `## step: <id> | <title>`, found `## {heading}`")
    steps[match[1]] = _step(match[2], body, sections)


def _step(title: str, body: str, sections: Sequence[Part]) -> StepText:
    single: dict[str, str] = {}
    checks: dict[str, str] = {}
    hints: list[str] = []
    questions: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for _, heading, text in sections:
        word, _, argument = heading.partition(": ")
        if word == "hint":
            hints.append(text)
        elif word in ("task", "done"):
            single[word] = text
        elif word in ("check", "quiz", "why") and argument:
            {"check": checks, "quiz": questions, "why": reasons}[word][argument] = text
        else:
            raise TextError(f"unknown heading `### {heading}`")
    quizzes = {quiz: _quiz(text, reasons.get(quiz, "")) for quiz, text in questions.items()}
    return StepText(title, body, single.get("task", ""), checks, tuple(hints), single.get("done", ""), quizzes)


def _quiz(text: str, reason: str) -> QuizText:
    question, options = [], {}
    for line in text.splitlines():
        if match := _OPTION.match(line):
            options[match["id"]] = match["text"]
        else:
            question.append(line)
    return QuizText("\n".join(question).strip(), options, reason)


def code_blocks(source: str) -> list[str]:
    """Return the fenced code blocks: what every language must have the same."""
    return re.findall(r"^```[^\n]*\n(.*?)^```", source, re.DOTALL | re.MULTILINE)
