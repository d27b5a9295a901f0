"""The page "simulated, simplified, absent": in both languages, searchable without scripts."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def page(language: str = "en", **query: str) -> str:
    answer = Client(headers={"accept-language": language}).get("/simulated/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_names_every_part_with_a_verdict() -> None:
    text = page()
    assert "Simulated, simplified, absent" in text and "as the real one" in text
    assert "NodeResourcesFit" in text and "--authorization-mode" in text and "kubectl get --help" in text


def test_it_is_told_in_chinese_and_marks_what_is_english() -> None:
    text = page("zh-hans")
    assert "模拟、简化、缺失" in text and "准入插件" in text and "帮助文字是我们自己写的" in text
    assert '<p lang="en">Left out: ' in text


def test_words_states_and_parts_narrow_it_down() -> None:
    found = page(q="webhook", state="absent", section="authenticators")
    assert "Webhook token authentication" in found and "OpenID Connect" not in found and "1 line" in found
    assert "NodeResourcesFit" not in found
    assert "0 lines" in page(q="no such thing anywhere")


def test_what_was_asked_for_is_escaped() -> None:
    assert "<script>alert" not in page(q="<script>alert(1)</script>")


def test_the_home_page_leads_to_it() -> None:
    assert 'href="/simulated/"' in Client().get("/").content.decode()
