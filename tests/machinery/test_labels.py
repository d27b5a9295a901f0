"""Label and field selectors, matching and wording."""

from __future__ import annotations

import pytest

from cluster.machinery import fieldselector, labels

WEB = {"app": "web", "tier": "front", "size": "3"}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("app=web", True),
        ("app==web,tier=front", True),
        ("app!=web", False),
        ("other!=web", True),
        ("app in (api, web)", True),
        ("app notin (api, web)", False),
        ("other notin (x)", True),
        ("app", True),
        ("!app", False),
        ("!other", True),
        ("size>2,size<4", True),
        ("app>2", False),
        ("", True),
        ("other=", False),
    ],
)
def test_a_selector_matches(text: str, matches: bool) -> None:
    assert labels.parse(text).matches(WEB) is matches


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("app=web,", "found '', expected: identifier after ','"),
        ("app in", "unable to parse requirement: found '' expected: '('"),
        ("=web", "found '=', expected: !, identifier, or 'end of string'"),
        ("app web", "unable to parse requirement: found 'web', expected: in, notin, =, ==, !=, gt, lt"),
    ],
)
def test_a_broken_selector_is_told_in_the_real_words(text: str, message: str) -> None:
    with pytest.raises(labels.SelectorError) as caught:
        labels.parse(text)
    assert str(caught.value) == message


def test_no_label_selector_matches_nothing_and_an_empty_one_everything() -> None:
    assert not labels.from_label_selector(None).matches(WEB)
    assert labels.from_label_selector({}).matches(WEB)


def test_a_label_selector_with_expressions() -> None:
    selector = {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "old", "operator": "DoesNotExist"}]}
    parsed = labels.from_label_selector(selector)
    assert parsed.matches(WEB) and not parsed.matches({**WEB, "old": "1"})
    assert str(parsed) == "app=web,!old"


def test_field_selectors_compare_texts() -> None:
    selector = fieldselector.parse("status.phase!=Running,metadata.name=web")
    assert selector.matches({"metadata.name": "web", "status.phase": "Pending"})
    assert not selector.matches({"metadata.name": "web", "status.phase": "Running"})
    assert selector.required("metadata.name") == "web"


def test_a_broken_field_selector_is_refused() -> None:
    with pytest.raises(fieldselector.FieldSelectorError, match="can't understand 'what'"):
        fieldselector.parse("what")
