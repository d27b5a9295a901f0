"""YAML as Kubernetes tools print and read it."""

from __future__ import annotations

import pytest

from cluster.machinery import goyaml


@pytest.mark.parametrize(("value", "text"), [
    ("plain", "plain"), ("yes", '"yes"'), ("12", '"12"'), ("0777", '"0777"'), ("1e3", '"1e3"'), ("", '""'),
    ("2026-01-01", '"2026-01-01"'), ("a: b", "'a: b'"), ("- x", "'- x'"), ("-x", "-x"), ("tab\there", '"tab\\there"'),
    ("it's", "it's"), ("@x", "'@x'"), (None, "null"), (True, "true"), (1.5, "1.5"), (3.0, "3"), ({}, "{}"), ([], "[]"),
])
def test_a_value_is_quoted_only_where_it_would_read_as_something_else(value: object, text: str) -> None:
    assert goyaml.dump({"k": value}) == f"k: {text}\n"


def test_several_lines_become_a_literal_block() -> None:
    assert goyaml.dump({"k": "a\nb\n"}) == "k: |\n  a\n  b\n"
    assert goyaml.dump({"k": "a\nb"}) == "k: |-\n  a\n  b\n"


def test_a_line_that_ends_in_a_blank_is_quoted_instead() -> None:
    assert goyaml.dump({"k": "a \nb"}) == 'k: "a \\nb"\n'


def test_lists_stand_at_the_level_of_their_key_and_keys_are_sorted() -> None:
    assert goyaml.dump({"b": [{"z": 1, "x": [[1]]}], "a": 1}) == "a: 1\nb:\n- x:\n  - - 1\n  z: 1\n"


def test_digits_in_keys_count_as_numbers() -> None:
    assert goyaml.sorted_keys({"k10": 1, "k9": 1, "a": 1}) == ["a", "k9", "k10"]


def test_plain_scalars_resolve_as_go_resolves_them() -> None:
    data = goyaml.load("a: yes\nb: 0644\nc: 1_000\nd: 2001-01-01\ne: 'yes'\nf: !!str 12\ng: ~\n")
    assert data == {"a": True, "b": 420, "c": 1000, "d": "2001-01-01", "e": "yes", "f": "12", "g": None}


def test_an_error_names_the_line_as_go_counts_it() -> None:
    with pytest.raises(goyaml.YamlError, match=r"^yaml: line 2: did not find expected ',' or '\]'$"):
        goyaml.load("a: [1,\nb: 2\n")


def test_aliases_that_multiply_without_end_are_refused() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(7))
    with pytest.raises(goyaml.YamlError, match="excessive aliasing"):
        goyaml.load(bomb)


def test_what_is_dumped_reads_back_the_same() -> None:
    data = {"s": ["a", "yes", "", "x\ny\n", "é", "12", " lead", "tail ", "#", "a #b"], "n": None, "m": {"k": [1, 2.5]}}
    assert goyaml.load(goyaml.dump(data)) == data
