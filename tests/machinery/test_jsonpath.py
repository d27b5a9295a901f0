"""kubectl's JSONPath dialect."""

from __future__ import annotations

import pytest

from cluster.machinery.jsonpath import JsonPath, JsonPathError, relaxed

DATA = {
    "items": [
        {"metadata": {"name": "a", "labels": {"x.y/z": "1"}}, "spec": {"c": [{"n": "p", "v": 1}, {"n": "q", "v": 5}]}},
        {"metadata": {"name": "b"}, "spec": {"c": []}},
    ]
}


@pytest.mark.parametrize(("template", "text"), [
    ("{.items[*].metadata.name}", "a b"),
    ('{range .items[*]}{.metadata.name}{"\\t"}{.spec.c[*].n}{"\\n"}{end}', "a\tp q\nb\t\n"),
    ("{.items[0].metadata.labels.x\\.y/z}", "1"),
    ("{.items[0].metadata.labels['x\\.y/z']}", "1"),
    ('{.items[?(@.metadata.name=="b")].metadata.name}', "b"),
    ("{.items[0].spec.c[?(@.v>2)].n}", "q"),
    ("{.items[-1:].metadata.name}", "b"),
    ("{.items[0,1].metadata.name}", "a b"),
    ("{..n}", "p q"),
    ("{.items[0].spec.c[0]}", '{"n":"p","v":1}'),
    ("{.metadata.nothing}", ""),
    ("{.items[].metadata.name}", "a b"),
    ("name: {$.items[0].metadata.name}", "name: a"),
])
def test_a_template_prints_what_it_finds(template: str, text: str) -> None:
    assert JsonPath(template).render(DATA) == text


@pytest.mark.parametrize(("template", "problem"), [
    ("{.metadata.name", "unclosed action"),
    ("{.items[0", "unterminated array"),
    ("{.items[?(@.a]}", "unterminated filter"),
    ("{.items[a]}", "invalid array index a"),
])
def test_a_broken_template_is_named(template: str, problem: str) -> None:
    with pytest.raises(JsonPathError, match=f"^{problem}"):
        JsonPath(template)


def test_an_index_beyond_the_end_is_an_error() -> None:
    with pytest.raises(JsonPathError, match="array index out of bounds: index 9, length 2"):
        JsonPath("{.items[9]}").render(DATA)


def test_braces_and_the_first_dot_may_be_left_out() -> None:
    assert {relaxed(text) for text in ("x.y", ".x.y", "{x.y}", "{.x.y}")} == {"{.x.y}"}
