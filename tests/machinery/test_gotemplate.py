"""Go templates on JSON data."""

from __future__ import annotations

import pytest

from cluster.machinery.gotemplate import Template, TemplateError

DATA = {"items": [{"name": "a", "n": [1, 2]}, {"name": "b", "n": []}], "m": {"k": "v"}}


@pytest.mark.parametrize(("template", "text"), [
    ('{{range .items}}{{.name}}{{"\\n"}}{{end}}', "a\nb\n"),
    ("{{range $i, $p := .items}}{{if $i}}, {{end}}{{$p.name}}{{end}}", "a, b"),
    ("{{(index .items 0).name}}", "a"),
    ("{{range .items}}{{len .n}} {{end}}", "2 0 "),
    ("a {{- .m.k -}} b", "avb"),
    ("{{with .nope}}x{{else}}y{{end}}", "y"),
    ("{{if and .items (eq (len .items) 2)}}two{{else if .m}}m{{end}}", "two"),
    ('{{printf "%s=%d" "a" 3}}', "a=3"),
    ("{{.x.y}}", "<no value>"),
    ('{{define "t"}}[{{.}}]{{end}}{{template "t" .m.k}}', "[v]"),
    ("{{$x := 1}}{{range .items}}{{$x = 2}}{{end}}{{$x}}", "2"),
    ("{{range .items}}{{if eq .name \"b\"}}{{break}}{{end}}{{.name}}{{end}}", "a"),
    ("{{/* nothing */}}x", "x"),
])
def test_a_template_renders(template: str, text: str) -> None:
    assert Template(template).render(DATA) == text


@pytest.mark.parametrize(("template", "problem"), [
    ("{{.items", "template: output:1: unclosed action"),
    ("{{nope}}", 'template: output:1: function "nope" not defined'),
    ("{{if .a}}x", "template: output:1: unexpected EOF"),
])
def test_a_broken_template_is_named(template: str, problem: str) -> None:
    with pytest.raises(TemplateError) as caught:
        Template(template)
    assert str(caught.value) == problem
